"""The two models in MegEngine 1.13, which has no 3-D pool and no 3-D normalisation: volumes pass as planes."""

# mypy: ignore-errors
# MegEngine is in an environment of its own.

import megengine.functional as F
import megengine.module as M


def as_planes(x):
    return x.reshape(x.shape[0], x.shape[1], x.shape[2] * x.shape[3], x.shape[4])


def max_pool(x):
    n, c, d, h, w = (int(size) for size in x.shape)
    # one axis at a time: it crashes at eight axes
    x = F.max(x.reshape(n * c, d // 2, 2, h, w), axis=2)
    x = F.max(x.reshape(n * c, d // 2, h // 2, 2, w), axis=3)
    return F.max(x.reshape(n, c, d // 2, h // 2, w // 2, 2), axis=5)


class VolumeBatchNorm(M.BatchNorm2d):
    def forward(self, inp):
        return super().forward(as_planes(inp)).reshape(inp.shape)


class VolumeGroupNorm(M.Module):
    def __init__(self, groups, channels):
        super().__init__()
        self.planes = M.GroupNorm(groups, channels)

    def forward(self, x):
        return self.planes(as_planes(x)).reshape(x.shape)


class VolumePReLU(M.PReLU):
    def forward(self, inputs):
        return super().forward(as_planes(inputs)).reshape(inputs.shape)


class Block(M.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = M.Conv3d(inside, outside, 3, padding=1)
        self.norm = VolumeBatchNorm(outside)
        self.act = M.ReLU()

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class UNet(M.Module):
    def __init__(self):
        super().__init__()
        self.enc1 = Block(2, 4)
        self.enc2 = Block(4, 8)
        self.mid = Block(8, 8)
        self.up2 = M.ConvTranspose3d(8, 8, 4, stride=2, padding=1)
        self.dec2 = Block(16, 8)
        self.up1 = M.ConvTranspose3d(8, 4, 2, stride=2)
        self.dec1 = Block(8, 4)
        self.head = M.Conv3d(4, 3, 1)

    def forward(self, x):
        a = self.enc1(x)
        b = self.enc2(max_pool(a))
        c = self.mid(max_pool(b))
        d = self.dec2(F.concat([self.up2(c), b], 1))
        e = self.dec1(F.concat([self.up1(d), a], 1))
        return self.head(e)


class Unit(M.Module):
    def __init__(self, inside, outside, kernel, stride=1, padding=0, groups=1):
        super().__init__()
        self.conv = M.Conv3d(inside, outside, kernel, stride=stride, padding=padding, groups=groups)
        self.norm = VolumeGroupNorm(2, outside)
        self.act = VolumePReLU(outside)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class Gate(M.Module):
    def __init__(self, channels):
        super().__init__()
        self.squeeze = M.Linear(channels, 4)
        self.act = M.ReLU()
        self.excite = M.Linear(4, channels)
        self.sigmoid = M.Sigmoid()

    def forward(self, x):
        means = F.mean(x.reshape(x.shape[0], x.shape[1], -1), axis=2)
        weights = self.sigmoid(self.excite(self.act(self.squeeze(means))))
        return x * weights.reshape(x.shape[0], x.shape[1], 1, 1, 1)


class VNet(M.Module):
    def __init__(self):
        super().__init__()
        self.stem = Unit(2, 4, 3, padding=1)
        self.down = Unit(4, 8, 2, stride=2)
        self.body = Unit(8, 8, 3, padding=1, groups=2)
        self.gate = Gate(8)
        self.up = M.ConvTranspose3d(8, 4, 3, stride=2, padding=1, output_padding=1)
        self.merge = Unit(8, 4, 3, padding=1)
        self.head = M.Conv3d(4, 2, 1)

    def forward(self, x):
        a = self.stem(x)
        b = self.down(a)
        c = self.gate(self.body(b)) + b
        d = self.merge(F.concat([self.up(c), a], 1)) + a
        return self.head(d)
