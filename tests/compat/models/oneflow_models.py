"""The two models in OneFlow 0.9."""

# mypy: ignore-errors
# OneFlow is in an environment of its own.

import oneflow as flow
from oneflow import nn


class Block(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = nn.Conv3d(inside, outside, 3, padding=1)
        self.norm = nn.BatchNorm3d(outside)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class UNet(nn.Module):
    def __init__(self):
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

    def forward(self, x):
        a = self.enc1(x)
        b = self.enc2(self.pool(a))
        c = self.mid(self.pool(b))
        d = self.dec2(flow.cat([self.up2(c), b], 1))
        e = self.dec1(flow.cat([self.up1(d), a], 1))
        return self.head(e)


class Unit(nn.Module):
    def __init__(self, inside, outside, kernel, stride=1, padding=0, groups=1):
        super().__init__()
        self.conv = nn.Conv3d(inside, outside, kernel, stride=stride, padding=padding, groups=groups)
        self.norm = nn.GroupNorm(2, outside)
        self.act = nn.PReLU(outside)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class Gate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.squeeze = nn.Linear(channels, 4)
        self.act = nn.ReLU()
        self.excite = nn.Linear(4, channels)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        weights = self.sigmoid(self.excite(self.act(self.squeeze(x.mean((2, 3, 4))))))
        return x * weights.reshape(x.shape[0], x.shape[1], 1, 1, 1)


class VNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = Unit(2, 4, 3, padding=1)
        self.down = Unit(4, 8, 2, stride=2)
        self.body = Unit(8, 8, 3, padding=1, groups=2)
        self.gate = Gate(8)
        self.up = nn.ConvTranspose3d(8, 4, 3, stride=2, padding=1, output_padding=1)
        self.merge = Unit(8, 4, 3, padding=1)
        self.head = nn.Conv3d(4, 2, 1)

    def forward(self, x):
        a = self.stem(x)
        b = self.down(a)
        c = self.gate(self.body(b)) + b
        d = self.merge(flow.cat([self.up(c), a], 1)) + a
        return self.head(d)
