"""The documentation's examples print here what they print in OneFlow 0.9, which `documentation/*.txt` holds."""

from __future__ import annotations

import doctest
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fourfold.compat.agreement.environments import environment
from fourfold.compat.cli import main as cli

EXAMPLES = sorted(Path(__file__).with_name("documentation").glob("*.py"))
IMPORTS = "import fourfold.frontends.oneflow as flow\nimport fourfold.frontends.oneflow.nn as nn\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_what_it_prints_in_oneflow(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--as", "oneflow", str(example)]) == 0
    assert capsys.readouterr().out == example.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.live
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_oneflow_prints_it(example: Path) -> None:
    command, variables = environment("oneflow").command([str(example)])
    real = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=600)
    assert real.stdout == example.with_suffix(".txt").read_text(encoding="utf-8")


def test_first_documented_layer_follows_the_documented_formula() -> None:
    names: dict[str, Any] = {}
    exec(IMPORTS + "output = nn.ConvTranspose3d(16, 33, 3, stride=2)(flow.randn(1, 16, 3, 4, 5))", names)
    assert names["output"].shape == (1, 33, (3 - 1) * 2 + 3, (4 - 1) * 2 + 3, (5 - 1) * 2 + 3)


def test_every_example_of_our_page_prints_what_it_shows() -> None:
    page = Path(__file__).parents[3] / "docs" / "frontends" / "oneflow.md"
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 20
    assert result.failed == 0
