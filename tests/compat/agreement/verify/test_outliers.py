"""A model with outlying activations agrees with one that adds up in another order; with a fault in it, it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from fourfold.compat.agreement.recorder import record
from fourfold.compat.agreement.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class ConvOneByOne(nn.Conv3d):
    """Adds up channel by channel, the last one first."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        one = nn.functional.conv3d
        pairs = zip(input.chunk(self.in_channels, 1), self.weight.chunk(self.in_channels, 1), strict=True)
        terms = [one(x, w, None, self.stride, self.padding) for x, w in pairs]
        return added(terms) + columns(self.bias)


class UpOneByOne(nn.ConvTranspose3d):
    def forward(self, input: torch.Tensor, output_size: list[int] | None = None) -> torch.Tensor:
        one: Any = nn.functional.conv_transpose3d
        pairs = zip(input.chunk(self.in_channels, 1), self.weight.chunk(self.in_channels), strict=True)
        terms = [one(x, w, None, self.stride, self.padding) for x, w in pairs]
        return added(terms) + columns(self.bias)


class NormOneByOne(nn.BatchNorm3d):
    """Takes the mean and the mean square of values that are added up one by one."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        rows = input.movedim(1, 0).flatten(1)
        mean, square = (each.cumsum(1)[:, -1] / rows.size(1) for each in (rows, rows * rows))
        scale = self.weight / (square - mean * mean + self.eps).sqrt()
        return input * columns(scale) + columns(self.bias - mean * scale)


def added(terms: list[torch.Tensor]) -> torch.Tensor:
    total = terms.pop()
    while terms:
        total = total + terms.pop()
    return total


def columns(values: torch.Tensor | None) -> torch.Tensor:
    assert values is not None
    return values.view(-1, 1, 1, 1)


class Model(nn.Sequential):
    def __init__(self, conv: Any = nn.Conv3d, norm: Any = nn.BatchNorm3d, up: Any = nn.ConvTranspose3d) -> None:
        torch.manual_seed(0)
        super().__init__(
            conv(4, 32, 3, padding=1), nn.ReLU(), conv(32, 32, 3, padding=1), norm(32), nn.ReLU(), up(32, 2, 4, 2, 1)
        )


def a_voxel_of_a_million(x: torch.Tensor) -> torch.Tensor:
    x[0, 1, 2, 3, 4] = 1e6
    return x


INPUTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "normal": lambda x: x,
    "a voxel of a million": a_voxel_of_a_million,
    "a channel of a million": lambda x: x * torch.tensor([1, 1e6, 1, 1]).view(-1, 1, 1, 1),
    "positive": torch.abs,
    "far from zero": lambda x: x + 1000,
}


def bundle(path: Path, kind: str, *, one_sign: bool) -> Path:
    """Record the model that adds up one by one."""
    model = Model(ConvOneByOne, NormOneByOne, UpOneByOne)
    if one_sign:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.abs_()
    torch.manual_seed(1)
    record(model, INPUTS[kind](torch.randn(1, 4, 5, 6, 7)), path / "model.fourfold.zip")
    return path / "model.fourfold.zip"


@pytest.mark.parametrize("one_sign", [False, True], ids=["weights of both signs", "weights of one sign"])
@pytest.mark.parametrize("kind", INPUTS)
def test_another_order_of_summation_agrees(kind: str, one_sign: bool, tmp_path: Path) -> None:
    result = verify(bundle(tmp_path, kind, one_sign=one_sign), Model())
    assert result.ok, result.first or result.gradients
    assert 0 < result.largest_share <= 1


class RoundedUp(nn.ConvTranspose3d):
    def forward(self, input: torch.Tensor, output_size: list[int] | None = None) -> torch.Tensor:
        return super().forward(input.bfloat16().float(), output_size)


class WithoutBias(nn.Conv3d):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return nn.functional.conv3d(input, self.weight, None, self.stride, self.padding)


BFLOAT16 = [pytest.param({"up": RoundedUp}, "5", kind, id=f"an input in bfloat16-{kind}") for kind in INPUTS]
# beside a channel of a million everywhere, a bias is less than what rounding may do
BIAS = [
    pytest.param({"conv": WithoutBias}, "0", kind, id=f"a bias left out-{kind}")
    for kind in INPUTS
    if kind != "a channel of a million"
]


@pytest.mark.parametrize(("changes", "layer", "kind"), [*BFLOAT16, *BIAS])
def test_a_fault_is_found(changes: dict[str, Any], layer: str, kind: str, tmp_path: Path) -> None:
    result = verify(bundle(tmp_path, kind, one_sign=False), Model(**changes))
    assert result.first is not None
    assert result.first.name == layer
