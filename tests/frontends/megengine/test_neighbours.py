"""What stands around the layer gives the numbers that MegEngine gave, which neighbours.json holds."""

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
from fourfold.frontends.megengine import functional

SCRIPT = Path(__file__).with_name("neighbours.py")
RECORDED: dict[str, Any] = json.loads(SCRIPT.with_suffix(".json").read_text(encoding="utf-8"))
# In eps of the greatest number of an array; sums are of up to 54 terms, and three steps of an optimizer follow each
# other. The distances measured are up to 4. MegEngine takes 1 - beta of Adam in float32, which is 109 eps off.
UNITS = {"adam": 128.0, "adam_with_decay_of_its_own": 128.0}
USUAL = 16.0


@pytest.mark.parametrize("name", RECORDED["cases"])
def test_a_case_gives_what_megengine_gave(name: str) -> None:
    with activate("megengine"):
        script = runpy.run_path(str(SCRIPT))
        found = script["numbers"](script["CASES"][name]())
    assert differences(json.loads(json.dumps(found)), RECORDED["cases"][name], UNITS.get(name, USUAL)) == []


def test_every_case_is_recorded() -> None:
    with activate("megengine"):
        assert list(runpy.run_path(str(SCRIPT))["CASES"]) == list(RECORDED["cases"])


@pytest.mark.live
def test_megengine_gives_what_is_recorded() -> None:
    command, variables = environment("megengine").command([str(SCRIPT)])
    real = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=300)
    assert differences(json.loads(real.stdout), RECORDED["cases"], USUAL) == []


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        pytest.param((3,), [0, 1, 2], id="end"),
        pytest.param((1, 4), [1, 2, 3], id="start"),
        pytest.param((1, 8, 3), [1, 4, 7], id="step"),
    ],
)
def test_arange_is_the_documented_one(arguments: tuple[int, ...], numbers: list[int]) -> None:
    # MegEngine's own gives wrong numbers now and then, such as [0, 2, 4] for (1, 4)
    assert functional.arange(*arguments, dtype="int32").tolist() == numbers
