"""The training scripts print here what they printed in the real frameworks, which losses.json holds."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourfold.compat.agreement.environments import environment
from fourfold.compat.cli import main as cli

SCRIPTS = Path(__file__).parents[3] / "examples" / "scripts"
RECORDED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("losses.json").read_text(encoding="utf-8"))
# Losses around 1 are printed with 7 decimals; the orders of summation differ, and five updates carry that on. The
# frameworks were up to 3.5 eps apart from torch; another convention (of Adam's epsilon, say) is thousands of eps away.
ROUNDING = 8 * float(np.finfo(np.float32).eps)


def losses(text: str) -> dict[str, float]:
    lines = [line.rsplit(" ", 1) for line in text.splitlines()]
    return {name: float(loss) for name, loss in lines}


def run_here(name: str, state: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    framework, fluid = RECORDED[name]["as"], RECORDED[name]["fluid"]
    options = ["--fluid", fluid] if fluid != "documented" else []
    assert cli.main(["run", "--as", framework, *options, str(SCRIPTS / f"train_{name}.py"), str(state)]) == 0
    return losses(capsys.readouterr().out)


@pytest.mark.parametrize("name", RECORDED)
def test_a_script_prints_the_losses_that_the_real_framework_printed(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here(name, tmp_path / "state", capsys) == pytest.approx(RECORDED[name]["losses"], rel=ROUNDING, abs=0)


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_the_recorded_losses_fall(name: str, optimizer: str) -> None:
    recorded = RECORDED[name]["losses"]
    assert recorded[f"{optimizer} end"] < recorded[f"{optimizer} 0"]


@pytest.mark.live
@pytest.mark.parametrize("name", RECORDED)
def test_the_same_file_runs_in_the_real_framework(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script, state = str(SCRIPTS / f"train_{name}.py"), str(tmp_path / "real")
    command, variables = environment(name).command([script, state])
    real = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=300)
    # recorded on another machine: even the release's own sums are of another order there
    assert losses(real.stdout) == pytest.approx(RECORDED[name]["losses"], rel=ROUNDING, abs=0)
    assert run_here(name, tmp_path / "state", capsys) == pytest.approx(losses(real.stdout), rel=ROUNDING, abs=0)
