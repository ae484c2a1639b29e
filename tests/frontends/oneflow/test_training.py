"""What trains a layer gives the numbers that OneFlow gave: the JSON beside the script."""

from __future__ import annotations

import json
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.recorded import differences

from fourfold.compat.activation.activation import activate
from fourfold.compat.agreement.environments import environment

SCRIPT = Path(__file__).with_name("training.py")
RECORDED: dict[str, Any] = json.loads(SCRIPT.with_suffix(".json").read_text(encoding="utf-8"))["cases"]
# In eps of the greatest number of an array; sums are of up to 54 terms, and three steps of an optimizer follow each
# other. The distances measured are up to 5.
USUAL = 16.0


@pytest.mark.parametrize("name", RECORDED)
def test_a_case_gives_what_oneflow_gave(name: str) -> None:
    with activate("oneflow"):
        script = runpy.run_path(str(SCRIPT))
        found = script["numbers"](script["CASES"][name]())
    assert differences(json.loads(json.dumps(found)), RECORDED[name], USUAL) == []


def test_every_case_is_recorded() -> None:
    with activate("oneflow"):
        assert list(runpy.run_path(str(SCRIPT))["CASES"]) == list(RECORDED)


@pytest.mark.live
def test_oneflow_gives_what_is_recorded() -> None:
    command, variables = environment("oneflow").command([str(SCRIPT)])
    real = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=300)
    assert differences(json.loads(real.stdout), RECORDED, USUAL) == []
