"""fluid's one class of pools is four kinds of layers."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import nn

import fourfold
from fourfold.compat.porting import PortingError
from fourfold.frontends.paddle import fluid as package

fluid: Any = package
POOLS = [
    pytest.param(lambda: fluid.dygraph.Pool2D(2), nn.MaxPool2d(2, 1), id="max"),
    pytest.param(
        lambda: fluid.dygraph.Pool2D(3, "max", 2, 1, ceil_mode=True), nn.MaxPool2d(3, 2, 1, ceil_mode=True), id="ceil"
    ),
    pytest.param(
        lambda: fluid.dygraph.Pool2D(4, "avg", 2, exclusive=False), nn.AvgPool2d(4, 2, count_include_pad=True), id="avg"
    ),
    pytest.param(
        lambda: fluid.dygraph.Pool2D(2, "avg", [1, 2], [1, 0], exclusive=True),
        nn.AvgPool2d(2, (1, 2), (1, 0), count_include_pad=False),
        id="exclusive",
    ),
    pytest.param(lambda: fluid.dygraph.Pool2D(global_pooling=True), nn.AdaptiveMaxPool2d(1), id="max of all"),
    pytest.param(
        lambda: fluid.dygraph.Pool2D(pool_type="avg", global_pooling=True), nn.AdaptiveAvgPool2d(1), id="mean of all"
    ),
]
# multiples of 64: means over windows of four and sixteen, and over all, are exact
X = torch.randint(-4, 5, (2, 3, 8, 8), generator=torch.Generator().manual_seed(0)).float() * 64


@pytest.mark.parametrize(("build", "expected"), POOLS)
def test_a_pool_becomes_torchs_and_comes_back(build: Any, expected: nn.Module) -> None:
    layer = build()
    ported = fourfold.port_module(layer, target="torch.nn")
    assert type(ported) is type(expected)
    assert torch.equal(ported(X), expected(X))
    back: Any = fourfold.port_module(ported, target="fluid")
    assert isinstance(back, fluid.dygraph.Pool2D)
    assert type(back) is type(layer)
    assert torch.equal(torch.as_tensor(back(X)), torch.as_tensor(layer(X)))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_copies_of_a_pool_are_pools(duplicate: Any) -> None:
    layer = duplicate(fluid.dygraph.Pool2D(2, "avg"))
    assert isinstance(layer, fluid.dygraph.Pool2D)
    assert layer(X).shape == (2, 3, 7, 7)


def test_what_a_pool_of_fluid_cannot_say_is_named() -> None:
    with pytest.raises(PortingError, match=r"dilation=2 cannot be said there"):
        fourfold.port_module(nn.MaxPool2d(2, dilation=2), target="fluid")


def test_a_pool_to_several_pixels_stays_torchs() -> None:
    assert type(fourfold.port_module(nn.AdaptiveAvgPool2d(2), target="fluid")) is nn.AdaptiveAvgPool2d
