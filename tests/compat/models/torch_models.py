"""The two models in torch; a small 3-D U-Net and a V-Net style model, as in the files beside this one."""

from __future__ import annotations

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(inside, outside, 3, padding=1)
        self.norm = nn.BatchNorm3d(outside)
        self.act = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.act(self.norm(self.conv(x)))
        return y


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc1 = Block(2, 4)
        self.pool = nn.MaxPool3d(2)
        self.enc2 = Block(4, 8)
        self.mid = Block(8, 8)
        self.up2 = nn.ConvTranspose3d(8, 8, 4, stride=2, padding=1)
        self.dec2 = Block(16, 8)
        self.up1 = nn.ConvTranspose3d(8, 4, 2, stride=2)
        self.dec1 = Block(8, 4)
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
    def __init__(self, inside: int, outside: int, kernel: int, stride: int = 1, padding: int = 0, groups: int = 1):
        super().__init__()
        self.conv = nn.Conv3d(inside, outside, kernel, stride=stride, padding=padding, groups=groups)
        self.norm = nn.GroupNorm(2, outside)
        self.act = nn.PReLU(outside)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.act(self.norm(self.conv(x)))
        return y


class Gate(nn.Module):
    """Channels weighted by what their means say."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, 4)
        self.act = nn.ReLU()
        self.excite = nn.Linear(4, channels)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = self.sigmoid(self.excite(self.act(self.squeeze(x.mean((2, 3, 4))))))
        y: torch.Tensor = x * weights.reshape(x.shape[0], x.shape[1], 1, 1, 1)
        return y


class VNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = Unit(2, 4, 3, padding=1)
        self.down = Unit(4, 8, 2, stride=2)
        self.body = Unit(8, 8, 3, padding=1, groups=2)
        self.gate = Gate(8)
        self.up = nn.ConvTranspose3d(8, 4, 3, stride=2, padding=1, output_padding=1)
        self.merge = Unit(8, 4, 3, padding=1)
        self.head = nn.Conv3d(4, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.stem(x)
        b = self.down(a)
        c = self.gate(self.body(b)) + b
        d = self.merge(torch.cat([self.up(c), a], 1)) + a
        y: torch.Tensor = self.head(d)
        return y
