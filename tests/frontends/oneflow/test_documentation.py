"""The documentation's example of `ConvTranspose3d`, as it stands there but for the import lines."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import Any

EXAMPLE = """\
# With square kernels and equal stride
m = nn.ConvTranspose3d(16, 33, 3, stride=2)
# non-square kernels and unequal stride and with padding
m = nn.ConvTranspose3d(16, 33, (3, 5, 2), stride=(2, 1, 1), padding=(0, 4, 2))
input = flow.randn(20, 16, 10, 50, 100)
output = m(input)
"""
IMPORTS = "import fourfold.frontends.oneflow as flow\nimport fourfold.frontends.oneflow.nn as nn\n"


def test_documented_example_gives_the_shape_that_oneflow_gives() -> None:
    names: dict[str, Any] = {}
    exec(IMPORTS + EXAMPLE, names)
    # measured: output.shape in OneFlow 0.9.0
    assert repr(names["output"].shape) == "oneflow.Size([20, 33, 21, 46, 97])"
    assert names["output"].requires_grad


def test_first_documented_layer_follows_the_documented_formula() -> None:
    names: dict[str, Any] = {}
    exec(IMPORTS + "output = nn.ConvTranspose3d(16, 33, 3, stride=2)(flow.randn(1, 16, 3, 4, 5))", names)
    assert names["output"].shape == (1, 33, (3 - 1) * 2 + 3, (4 - 1) * 2 + 3, (5 - 1) * 2 + 3)


def test_every_example_of_our_page_prints_what_it_shows() -> None:
    page = Path(__file__).parents[3] / "docs" / "frontends" / "oneflow.md"
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 20
    assert result.failed == 0
