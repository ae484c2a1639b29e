"""What stands around the layer, and what trains it, give the numbers that OneFlow gave: the JSON beside each script."""

from __future__ import annotations

import json
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.recorded import differences

from fourfold.compat.activation import activate
from fourfold.compat.agreement.environments import environment

SCRIPTS = [Path(__file__).with_name(name) for name in ("neighbours.py", "training.py")]
RECORDED: dict[Path, dict[str, Any]] = {
    script: json.loads(script.with_suffix(".json").read_text(encoding="utf-8"))["cases"] for script in SCRIPTS
}
# In eps of the greatest number of an array; sums are of up to 54 terms, and three steps of an optimizer follow each
# other. The distances measured are up to 5, but: OneFlow's log_softmax is 28 eps from the exact values, torch's 0.6;
# its Adam takes 1 - beta in float32, 150 eps off in a moment and 175 in a parameter after three large steps.
UNITS = {
    "softmax": 64.0,
    "losses": 64.0,
    "adam": 256.0,
    "adam_with_the_largest_moment": 256.0,
    "adam_with_decay_of_its_own": 256.0,
}
USUAL = 16.0


@pytest.mark.parametrize(
    ("path", "name"), [pytest.param(path, name, id=name) for path, cases in RECORDED.items() for name in cases]
)
def test_a_case_gives_what_oneflow_gave(path: Path, name: str) -> None:
    with activate("oneflow"):
        script = runpy.run_path(str(path))
        found = script["numbers"](script["CASES"][name]())
    assert differences(json.loads(json.dumps(found)), RECORDED[path][name], UNITS.get(name, USUAL)) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_every_case_is_recorded(path: Path) -> None:
    with activate("oneflow"):
        assert list(runpy.run_path(str(path))["CASES"]) == list(RECORDED[path])


@pytest.mark.live
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_oneflow_gives_what_is_recorded(path: Path) -> None:
    command, variables = environment("oneflow").command([str(path)])
    real = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=300)
    assert differences(json.loads(real.stdout), RECORDED[path], USUAL) == []
