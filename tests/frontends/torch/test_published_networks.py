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


def plain_conv_unet() -> Any:
    architectures = pytest.importorskip(
        "dynamic_network_architectures.architectures.unet",
        reason="pip install dynamic-network-architectures: the network is its",
    )
    norm = {"norm_op": torch.nn.InstanceNorm3d, "norm_op_kwargs": {"affine": True}}
    return architectures.PlainConvUNet(
        1, 3, [8, 16, 24], torch.nn.Conv3d, 3, [1, 2, 2], 2, 3, 2, conv_bias=True, nonlin=torch.nn.LeakyReLU, **norm
    )


NETWORKS = (dynunet, unet, vnet, plain_conv_unet)


def smooth(make: Any) -> Any:
    """Make a network whose gradients are continuous: at a kink, rounding would choose between two of them."""
    torch.manual_seed(0)
    model = make().eval()
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if isinstance(child, (torch.nn.LeakyReLU, torch.nn.PReLU)):
                setattr(parent, name, torch.nn.ELU())
    return model


def results(model: Any, volume: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the output, and the gradients of the parameters of each layer as one vector."""
    output = model(volume)
    names, parameters = zip(*model.named_parameters(), strict=True)
    gradients = torch.autograd.grad(output.square().sum(), parameters, allow_unused=True, materialize_grads=True)
    found: dict[str, list[torch.Tensor]] = {"output": [output.detach().double().flatten()]}
    for name, each in zip(names, gradients, strict=True):
        found.setdefault(name.rpartition(".")[0], []).append(each.double().flatten())
    return {name: torch.cat(parts) for name, parts in found.items()}


def beyond_rounding(model: Any, exact: dict[str, torch.Tensor], volume: torch.Tensor) -> list[str]:
    """Return what is further from float64, in proportion to itself, than two sums over the voxels, at random.

    The first is of a norm's statistics, the second of a gradient that goes through it.
    """
    rounding = 2 * torch.finfo(torch.float32).eps * math.sqrt(volume.numel())
    found = results(model, volume)
    return [name for name, wanted in exact.items() if (found[name] - wanted).norm() > rounding * wanted.norm()]


@pytest.mark.parametrize(
    ("make", "state"),
    [
        *((make, state) for make in NETWORKS for state in ("ours", "channels last")),
        (vnet, "folded"),
    ],
)
def test_output_and_gradients_are_within_rounding(make: Any, state: str) -> None:
    model = smooth(make)
    volume = integers((1, 1, 32, 32, 32), 0)
    exact = results(copy.deepcopy(model).double(), volume.double())
    fourfold.accelerate(model, fold_batch_norm=state == "folded")
    if state == "channels last":
        ChannelsLast(model)
    assert not beyond_rounding(model, exact, volume)


@pytest.mark.parametrize("make", NETWORKS)
def test_a_ten_thousandth_of_one_gradient_is_beyond_rounding(make: Any) -> None:
    model = smooth(make)
    volume = integers((1, 1, 32, 32, 32), 0)
    exact = results(copy.deepcopy(model).double(), volume.double())
    fourfold.accelerate(model)
    name, layer = next((name, each) for name, each in model.named_modules() if isinstance(each, torch.nn.Conv3d))
    layer.weight.register_hook(lambda gradient: gradient * (1 + 1e-4))  # type: ignore[no-untyped-call]
    assert beyond_rounding(model, exact, volume) == [name]
