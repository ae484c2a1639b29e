"""The two models in Paddle 1.8: no output_padding, activations as arguments or functions, a 3-D pool as a function."""

# mypy: ignore-errors
# Paddle 1.8 is in an environment of its own.

from paddle import fluid
from paddle.fluid.dygraph import BatchNorm, Conv3D, Conv3DTranspose, InstanceNorm, Layer, Linear, PRelu


class Block(Layer):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = Conv3D(inside, outside, 3, padding=1)
        self.norm = BatchNorm(outside, act="relu")

    def forward(self, x):
        return self.norm(self.conv(x))


class UNet(Layer):
    def __init__(self):
        super().__init__()
        self.enc1 = Block(2, 4)
        self.enc2 = Block(4, 8)
        self.mid = Block(8, 8)
        self.up2 = Conv3DTranspose(8, 8, 4, stride=2, padding=1)
        self.dec2 = Block(16, 8)
        self.up1 = Conv3DTranspose(8, 4, 2, stride=2)
        self.dec1 = Block(8, 4)
        self.head = Conv3D(4, 3, 1)

    def forward(self, x):
        a = self.enc1(x)
        b = self.enc2(fluid.layers.pool3d(a, 2, "max", 2))
        c = self.mid(fluid.layers.pool3d(b, 2, "max", 2))
        d = self.dec2(fluid.layers.concat([self.up2(c), b], 1))
        e = self.dec1(fluid.layers.concat([self.up1(d), a], 1))
        return self.head(e)


class Unit(Layer):
    def __init__(self, inside, outside, kernel, stride=1, padding=0, groups=1):
        super().__init__()
        self.conv = Conv3D(inside, outside, kernel, stride=stride, padding=padding, groups=groups)
        # not GroupNorm, which in 1.8 takes the third and fourth axis of a volume for all of it
        self.norm = InstanceNorm(outside)
        self.act = PRelu("channel", channel=outside)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class Gate(Layer):
    def __init__(self, channels):
        super().__init__()
        self.squeeze = Linear(channels, 4, act="relu")
        self.excite = Linear(4, channels, act="sigmoid")

    def forward(self, x):
        rows = fluid.layers.reshape(x, [x.shape[0], x.shape[1], -1])
        weights = self.excite(self.squeeze(fluid.layers.reduce_mean(rows, 2)))
        return fluid.layers.elementwise_mul(x, weights, axis=0)


class VNet(Layer):
    def __init__(self):
        super().__init__()
        self.stem = Unit(2, 4, 3, padding=1)
        self.down = Unit(4, 8, 2, stride=2)
        self.body = Unit(8, 8, 3, padding=1, groups=2)
        self.gate = Gate(8)
        self.up = Conv3DTranspose(8, 4, 4, stride=2, padding=1)
        self.merge = Unit(8, 4, 3, padding=1)
        self.head = Conv3D(4, 2, 1)

    def forward(self, x):
        a = self.stem(x)
        b = self.down(a)
        c = self.gate(self.body(b)) + b
        d = self.merge(fluid.layers.concat([self.up(c), a], 1)) + a
        return self.head(d)
