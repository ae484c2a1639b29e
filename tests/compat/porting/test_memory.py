"""What planning and porting take of memory, time and random numbers."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.porting.allocations import Allocations
from torch import nn

import fourfold
from fourfold.compat.porting import TARGETS, plan_module
from fourfold.frontends.paddle.nn import initializer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fourfold.compat.literals import Target

LAYERS: list[Callable[[], nn.Module]] = [
    lambda: nn.ConvTranspose3d(2, 2, 1),
    lambda: nn.Conv3d(2, 2, 1),
    lambda: nn.Linear(2, 2),
    lambda: nn.BatchNorm3d(2),
    lambda: nn.InstanceNorm3d(2, affine=True),
    lambda: nn.GroupNorm(1, 2),
    lambda: nn.LayerNorm(2),
    lambda: nn.Embedding(2, 2),
    nn.PReLU,
]


class Drawn(initializer.Initializer):
    """An initializer of one's own that draws from every generator."""

    def fill(self, values: torch.Tensor) -> None:
        values.fill_(random.random() + np.random.rand() + torch.rand(()).item())  # noqa: NPY002


@pytest.fixture
def drawn_by_default() -> Iterator[None]:
    initializer.set_global_initializer(Drawn(), Drawn())
    yield
    initializer.set_global_initializer(None, None)


def generators() -> tuple[Any, ...]:
    _, keys, *rest = np.random.get_state()  # noqa: NPY002
    return random.getstate(), np.asarray(keys).tolist(), rest, torch.random.get_rng_state().tolist()


@pytest.mark.usefixtures("drawn_by_default")
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("do", [plan_module, fourfold.port_module])
def test_random_generators_stay_where_they_are(do: Callable[..., Any], target: str) -> None:
    model = nn.ModuleList(build() for build in LAYERS)
    before = generators()
    do(model, target=target)
    assert generators() == before


def large(layer: nn.Module) -> nn.Module:
    """Give a layer a weight of zeros that lie in one place in memory: whoever copies it needs all of its size."""
    layer.weight = nn.Parameter(torch.zeros(()).expand(layer.weight.shape))  # type: ignore[arg-type]
    assert layer.weight.numel() * layer.weight.itemsize == 8 * 2**30
    return layer


LARGE: dict[str, Callable[[], nn.Module]] = {
    "Linear": lambda: nn.Linear(2**15, 2**16, bias=False, device="meta"),
    "Conv3d": lambda: nn.Conv3d(2**12, 2**13, 4, bias=False, device="meta"),
    "ConvTranspose3d": lambda: nn.ConvTranspose3d(2**12, 2**13, 4, bias=False, device="meta"),
}


@pytest.mark.parametrize("target", ["paddle", "fluid", "fluid_1_8", "megengine", "oneflow"])
@pytest.mark.parametrize("kind", LARGE)
def test_a_layer_of_8_gib_is_planned_at_once_and_without_memory(kind: str, target: Target) -> None:
    layer = large(LARGE[kind]())
    start = time.process_time()
    with Allocations() as taken:
        plan = plan_module(layer, target=target)
    assert plan.rebuilt == [""]
    assert taken.bytes == 0
    assert time.process_time() - start < 1
