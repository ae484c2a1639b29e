"""Published networks, accelerated: as close to float64 as sums over their voxels are."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from tests.operands import integers

import fourfold
from fourfold.frontends.torch.layout import ChannelsLast

pytestmark = pytest.mark.thorough
nets = pytest.importorskip("monai.networks.nets", reason="pip install monai: the networks are its")


def dynunet() -> Any:
    return nets.DynUNet(3, 1, 3, [3] * 3, [1, 2, 2], [2, 2], (8, 16, 24))


def unet() -> Any:
    return nets.UNet(3, 1, 3, (16, 32, 64), (2, 2), num_res_units=2)


def vnet() -> Any:
    return nets.VNet(3, 1, 3)


def results(model: Any, volume: torch.Tensor) -> list[torch.Tensor]:
    output = model(volume)
    found = [output, *torch.autograd.grad(output.square().sum(), list(model.parameters()))]
    return [each.detach().double() for each in found]


@pytest.mark.parametrize(
    ("make", "state"),
    [
        *((make, state) for make in (dynunet, unet, vnet) for state in ("ours", "channels last")),
        (vnet, "folded"),
    ],
)
def test_output_and_gradients_are_within_rounding(make: Any, state: str) -> None:
    torch.manual_seed(0)
    model = make().eval()
    volume = integers((1, 1, 32, 32, 32), 0)
    output, *gradients = results(copy.deepcopy(model).double(), volume.double())
    fourfold.accelerate(model, fold_batch_norm=state == "folded")
    if state == "channels last":
        ChannelsLast(model)
    found, *others = results(model, volume)
    rounding = torch.finfo(torch.float32).eps * math.sqrt(volume.numel())  # of a sum over the voxels, at random
    assert (found - output).abs().max() <= rounding * output.abs().max()
    largest = max(float(each.abs().max()) for each in gradients)  # some of a bias in front of a norm are 0
    differences = [float((one - other).abs().max()) for one, other in zip(gradients, others, strict=True)]
    assert max(differences) <= rounding * largest
