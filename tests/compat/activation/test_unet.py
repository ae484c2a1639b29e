"""A U-Net is trained, saved and resumed here as in the real frameworks; unet.json holds what those printed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourfold.compat.agreement.environments import environment
from fourfold.compat.cli import main as cli

SCRIPTS = Path(__file__).parents[3] / "examples" / "scripts"
RECORDED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("unet.json").read_text(encoding="utf-8"))
OPTIONS = {"paddle": ["paddle"], "fluid": ["paddle", "--fluid", "1.8"]}
# Losses of 0.1 to 0.8, printed with 7 decimals, after up to eight steps: the greatest distance measured is 4 eps in
# Paddle. With torch's momentum convention of running statistics, or its variance of them, it is over 10,000 eps. The
# others print norms of gradients too, up to 18 eps apart in MegEngine. OneFlow's Adam takes 1 - beta in float32, which
# moves its losses by up to 60 eps.
EPS = float(np.finfo(np.float32).eps)
ROUNDING = {"paddle": 16 * EPS, "fluid": 16 * EPS, "megengine": 32 * EPS, "oneflow": 128 * EPS}
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def numbers(line: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(line)]


def lines_here(name: str, state: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    script = str(SCRIPTS / f"unet_{name}.py")
    assert cli.main(["run", "--as", *OPTIONS.get(name, [name]), script, str(state)]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", RECORDED)
def test_the_script_prints_what_it_printed_in_the_real_framework(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, real = lines_here(name, tmp_path / "state", capsys), RECORDED[name]["lines"]
    assert [NUMBER.sub("", line) for line in ours] == [NUMBER.sub("", line) for line in real]
    assert [numbers(line) for line in ours] == [
        pytest.approx(numbers(line), rel=ROUNDING[name], abs=0) for line in real
    ]


@pytest.mark.parametrize("name", RECORDED)
def test_the_recorded_loss_on_another_volume_falls_to_half(name: str) -> None:
    first, last = (numbers(RECORDED[name]["lines"][index])[-1] for index in (0, -1))
    assert last < first / 2


@pytest.mark.live
@pytest.mark.parametrize("name", RECORDED)
def test_each_side_resumes_from_the_other_s_checkpoint(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # the second half of the script, from a checkpoint of the first half in the other place
    lines = (SCRIPTS / f"unet_{name}.py").read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(index for index, line in enumerate(lines) if line.strip() == "evaluate(model)")
    end = max(index for index, line in enumerate(lines) if ".save" in line)
    resume = tmp_path / "resume.py"
    resume.write_text("".join(lines[:start] + lines[end + 1 :]), encoding="utf-8")
    lines_here(name, tmp_path / "ours", capsys)
    command, variables = environment(name).command([str(SCRIPTS / f"unet_{name}.py"), str(tmp_path / "theirs")])
    whole = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=300)
    # recorded on another machine, where even the release's own sums are of another order
    recorded = [pytest.approx(numbers(line), rel=ROUNDING[name], abs=0) for line in RECORDED[name]["lines"]]
    assert [numbers(line) for line in whole.stdout.splitlines()] == recorded
    command, variables = environment(name).command([str(resume), str(tmp_path / "ours")])
    theirs = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=300)
    assert cli.main(["run", "--as", *OPTIONS.get(name, [name]), str(resume), str(tmp_path / "theirs")]) == 0
    ours = capsys.readouterr().out
    for resumed in (ours, theirs.stdout):
        expected = [pytest.approx(numbers(line), rel=ROUNDING[name], abs=0) for line in RECORDED[name]["lines"][-5:]]
        assert [numbers(line) for line in resumed.splitlines()] == expected
