"""The documentation's examples print here what they print in MegEngine 1.13, which `documentation/*.txt` holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fourfold.compat.agreement.environments import environment
from fourfold.compat.cli import main as cli

EXAMPLES = sorted(Path(__file__).with_name("documentation").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_what_it_prints_in_megengine(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--as", "megengine", str(example)]) == 0
    assert capsys.readouterr().out == example.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.live
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_megengine_prints_it(example: Path, tmp_path: Path) -> None:
    command, variables = environment("megengine").command([str(example)])
    # the environment has no torch, of which the example asks for numbers only
    (tmp_path / "torch.py").write_text("from numpy.random import randn\n", encoding="utf-8")
    variables = {**variables, "PYTHONPATH": str(tmp_path)}
    real = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=600)
    assert real.stdout == example.with_suffix(".txt").read_text(encoding="utf-8")
