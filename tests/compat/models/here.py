"""The two models here: torch's layers around the front ends' transposed convolution, one builder per recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid_1_8 import dygraph as fluid
from fourfold.frontends.torch import nn as torch_nn

Up = Callable[..., nn.Module]
Norm = Callable[[int], nn.Module]


class Block(nn.Module):
    def __init__(self, inside: int, outside: int, epsilon: float) -> None:
        super().__init__()
        self.conv = nn.Conv3d(inside, outside, 3, padding=1)
        self.norm = nn.BatchNorm3d(outside, eps=epsilon)
        self.act = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.act(self.norm(self.conv(x)))
        return y


class UNet(nn.Module):
    def __init__(self, up: Up, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.enc1 = Block(2, 4, epsilon)
        self.pool = nn.MaxPool3d(2)
        self.enc2 = Block(4, 8, epsilon)
        self.mid = Block(8, 8, epsilon)
        self.up2 = up(8, 8, 4, stride=2, padding=1)
        self.dec2 = Block(16, 8, epsilon)
        self.up1 = up(8, 4, 2, stride=2)
        self.dec1 = Block(8, 4, epsilon)
        self.head = nn.Conv3d(4, 3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.enc1(x)
        b = self.enc2(self.pool(a))
        c = self.mid(self.pool(b))
        d = self.dec2(torch.cat([self.up2(c), b], 1))
        e = self.dec1(torch.cat([self.up1(d), a], 1))
        y: torch.Tensor = self.head(e)
        return y


class Unit(nn.Module):
    def __init__(self, norm: Norm, inside: int, outside: int, kernel: int, **options: Any) -> None:
        super().__init__()
        self.conv = nn.Conv3d(inside, outside, kernel, **options)
        self.norm = norm(outside)
        self.act = nn.PReLU(outside)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.act(self.norm(self.conv(x)))
        return y


class Gate(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, 4)
        self.act = nn.ReLU()
        self.excite = nn.Linear(4, channels)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = self.sigmoid(self.excite(self.act(self.squeeze(x.mean((2, 3, 4))))))
        y: torch.Tensor = x * weights[:, :, None, None, None]
        return y


class VNet(nn.Module):
    def __init__(self, up: Up, norm: Norm, kernel: int = 3, output_padding: int = 1) -> None:
        super().__init__()
        self.stem = Unit(norm, 2, 4, 3, padding=1)
        self.down = Unit(norm, 4, 8, 2, stride=2)
        self.body = Unit(norm, 8, 8, 3, padding=1, groups=2)
        self.gate = Gate(8)
        more = {"output_padding": output_padding} if output_padding else {}  # Paddle 1.8 has no such argument
        self.up = up(8, 4, kernel, stride=2, padding=1, **more)
        self.merge = Unit(norm, 8, 4, 3, padding=1)
        self.head = nn.Conv3d(4, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.stem(x)
        b = self.down(a)
        c = self.gate(self.body(b)) + b
        d = self.merge(torch.cat([self.up(c), a], 1)) + a
        y: torch.Tensor = self.head(d)
        return y


class FusedNorm(nn.BatchNorm3d):
    """BatchNorm with the activation that Paddle 1.8 builds in."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return F.relu(super().forward(input))


class FusedLinear(nn.Linear):
    """Linear with an activation, as in Paddle 1.8."""

    def __init__(self, inside: int, outside: int, act: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__(inside, outside)
        self.function = act

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return self.function(super().forward(input))


def group_norm(channels: int) -> nn.Module:
    return nn.GroupNorm(2, channels)


def instance_norm(channels: int) -> nn.Module:
    return nn.InstanceNorm3d(channels, affine=True)


def torch_unet() -> nn.Module:
    return UNet(torch_nn.ConvTranspose3d)


def torch_vnet() -> nn.Module:
    return VNet(torch_nn.ConvTranspose3d, group_norm)


def paddle_unet() -> nn.Module:
    return UNet(paddle.Conv3DTranspose)


def paddle_vnet() -> nn.Module:
    return VNet(paddle.Conv3DTranspose, instance_norm)


def oneflow_unet() -> nn.Module:
    return UNet(oneflow.ConvTranspose3d)


def oneflow_vnet() -> nn.Module:
    return VNet(oneflow.ConvTranspose3d, group_norm)


def megengine_unet() -> nn.Module:
    return UNet(megengine.ConvTranspose3d)


def megengine_vnet() -> nn.Module:
    """Its normalisations were recorded inside a layer that folds volumes into planes."""
    return VNet(megengine.ConvTranspose3d, group_norm)


def fluid_unet() -> nn.Module:
    model = UNet(fluid.Conv3DTranspose)
    for block in (model.enc1, model.enc2, model.mid, model.dec2, model.dec1):
        block.norm = FusedNorm(block.norm.num_features)
        block.act = nn.Identity()  # type: ignore[assignment]
    return model


def fluid_vnet() -> nn.Module:
    model = VNet(fluid.Conv3DTranspose, instance_norm, kernel=4, output_padding=0)
    model.gate.squeeze = FusedLinear(8, 4, torch.relu)
    model.gate.excite = FusedLinear(4, 8, torch.sigmoid)
    model.gate.act = nn.Identity()  # type: ignore[assignment]
    model.gate.sigmoid = nn.Identity()  # type: ignore[assignment]
    return model


def wrong_unet() -> nn.Module:
    """Broken on purpose: the normalisation of one block has another epsilon."""
    model = UNet(oneflow.ConvTranspose3d)
    model.dec2.norm.eps = 1e-3
    return model


def wrong_vnet() -> nn.Module:
    """Broken on purpose: the last normalisation has another epsilon."""
    model = VNet(megengine.ConvTranspose3d, group_norm)
    model.merge.norm = nn.GroupNorm(2, 4, eps=1e-3)
    return model
