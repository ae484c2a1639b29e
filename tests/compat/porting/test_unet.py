"""A U-Net of each front end's layers becomes one of torch's own, which computes and trains the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import fourfold
from fourfold.compat.porting import plan_module
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid
from fourfold.frontends.paddle.fluid_1_8 import dygraph as fluid_1_8

# class of one's own models, convolution, normalisation, activation, transposed convolution
APIS: dict[str, tuple[Any, ...]] = {
    "paddle": (
        paddle.Layer,
        lambda inside, outside: paddle.Conv3D(inside, outside, 3, padding="SAME", bias_attr=False),
        lambda channels: paddle.BatchNorm3D(channels, momentum=0.8, epsilon=1e-4),
        paddle.PReLU,
        lambda inside, outside: paddle.Conv3DTranspose(inside, outside, 4, stride=2, padding=1),
    ),
    "fluid": (
        fluid.Layer,
        lambda inside, outside: fluid.Conv3D(inside, outside, 3, padding=1, bias_attr=False),
        lambda channels: fluid.BatchNorm(channels, momentum=0.8, epsilon=1e-4),
        lambda channels: fluid.PRelu("channel", channel=channels),
        lambda inside, outside: fluid.Conv3DTranspose(inside, outside, 4, stride=2, padding=1),
    ),
    "fluid_1_8": (
        fluid_1_8.Layer,
        lambda inside, outside: fluid_1_8.Conv3D(inside, outside, 3, padding=1, bias_attr=False),
        lambda channels: fluid_1_8.BatchNorm(channels, momentum=0.8, epsilon=1e-4),
        lambda channels: fluid_1_8.PRelu("all"),
        lambda inside, outside: fluid_1_8.Conv3DTranspose(inside, outside, 4, 1, 2, bias_attr=True),
    ),
    "megengine": (
        megengine.Module,
        lambda inside, outside: megengine.Conv3d(inside, outside, 3, padding=1, bias=False),
        lambda channels: megengine.BatchNorm2d(channels, momentum=0.8, eps=1e-4),
        lambda channels: megengine.PReLU(),
        lambda inside, outside: megengine.ConvTranspose3d(inside, outside, 4, stride=2, padding=1),
    ),
    "oneflow": (
        oneflow.Module,
        lambda inside, outside: oneflow.Conv3d(inside, outside, 3, padding=1, bias=False),
        lambda channels: oneflow.BatchNorm3d(channels, momentum=0.2, eps=1e-4),
        oneflow.PReLU,
        lambda inside, outside: oneflow.ConvTranspose3d(inside, outside, 4, stride=2, padding=1),
    ),
}
SEQUENCES: dict[str, Any] = {
    "paddle": paddle.Sequential,
    "fluid": fluid.Sequential,
    "fluid_1_8": fluid_1_8.Sequential,
    "megengine": megengine.Sequential,
    "oneflow": oneflow.Sequential,
}
FOLLOW_BIASED = {"paddle", "fluid", "fluid_1_8"}


def unet(api: str) -> Any:
    """Two levels, in double precision; MegEngine's norm sees planes, as its users do it."""
    base, conv, norm, act, up = APIS[api]

    class UNet(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            super().__init__()
            self.stem, self.norm, self.act = conv(1, 4), norm(4), act(4)
            self.deep = SEQUENCES[api](conv(4, 6), act(6))
            self.up = up(6, 4)
            self.head = conv(8, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.stem(x)
            planes = x.flatten(2, 3) if api == "megengine" else x
            skip = self.act(self.norm(planes).reshape(x.shape))
            wide = self.up(self.deep(F.max_pool3d(skip, 2)))
            found: torch.Tensor = self.head(torch.cat([wide, skip], 1))
            return found

    torch.manual_seed(0)
    return UNet().to(dtype=torch.float64)


def losses(model: nn.Module, steps: int) -> list[float]:
    optimizer = torch.optim.SGD(list(model.parameters()), lr=0.1, momentum=0.9)
    found = []
    for step in range(steps):
        x = torch.randn(2, 1, 4, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(step))
        loss = (model(x) - x.abs()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


@pytest.mark.parametrize("api", APIS)
def test_it_has_torchs_own_layers_alone(api: str) -> None:
    model = unet(api)
    ported = fourfold.port_module(model, target="torch.nn")
    homes = {type(one).__module__.rpartition(".")[0] for one in ported.modules() if one is not ported}
    assert homes == {"torch.nn.modules"}
    assert {type(tensor) for tensor in ported.state_dict(keep_vars=True).values()} <= {nn.Parameter, torch.Tensor}
    assert {tensor.dtype for tensor in nn.Module.parameters(ported)} == {torch.float64}


@pytest.mark.parametrize("api", APIS)
def test_it_computes_and_trains_the_same(api: str) -> None:
    model = unet(api)
    ported = fourfold.port_module(model, target="torch.nn")
    # float64 rounds a loss in the sixteenth digit, and five steps spread it; Paddle and fluid take epsilon (1e-5) in
    # float32, which moves variances near 1 by 2.5e-13
    rounding = 1e-11 if api.startswith(("fluid", "paddle")) else 1e-12
    assert losses(ported, 5) == pytest.approx(losses(model, 5), rel=rounding, abs=0)
    x = torch.ones(1, 1, 4, 4, 6, dtype=torch.float64)
    distance = (ported.eval()(x) - model.eval()(x)).abs().max().item()
    noted = any("running variances follow" in one.note for one in plan_module(model, target="torch.nn").layers)
    assert noted == (api in FOLLOW_BIASED)
    # 192 values per channel and batch: the variances that the frameworks track differ by one part in 191
    assert (distance > 1e-6) == noted
    assert distance < 1e-2


@pytest.mark.parametrize("api", APIS)
def test_an_evaluated_one_is_the_same_without_condition(api: str) -> None:
    model = unet(api)
    losses(model, 3)
    ported = fourfold.port_module(model.eval(), target="torch.nn")
    x = torch.randn(1, 1, 4, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    torch.testing.assert_close(ported(x), model(x), rtol=1e-12, atol=1e-12)
