"""Train a small 3-D U-Net in Paddle 1.8; save a checkpoint, and record a run: train_fluid.py CHECKPOINT BUNDLE."""

import sys

from blobs import blobs
from paddle import fluid
from paddle.fluid.dygraph import BatchNorm, Conv3D, Conv3DTranspose, Layer, PRelu
from recorder import record


class Block(Layer):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = Conv3D(inside, outside, 3, padding=1, bias_attr=False)
        self.norm = BatchNorm(outside)
        self.act = PRelu("channel", channel=outside)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class UNet(Layer):
    def __init__(self):
        super().__init__()
        self.enc0 = Block(1, 4)
        self.down0 = Conv3D(4, 8, 2, stride=2)
        self.enc1 = Block(8, 8)
        self.down1 = Conv3D(8, 16, 2, stride=2)
        self.enc2 = Block(16, 16)
        # without bias_attr, Paddle 1.8 makes this bias and never adds it
        self.up0 = Conv3DTranspose(16, 8, 2, stride=2, bias_attr=fluid.ParamAttr())
        self.dec0 = Block(16, 8)
        self.up1 = Conv3DTranspose(8, 4, 4, padding=1, stride=2, bias_attr=fluid.ParamAttr())
        self.dec1 = Block(8, 4)
        self.head = Conv3D(4, 1, 1)

    def forward(self, x):
        a = self.enc0(x)
        b = self.enc1(self.down0(a))
        c = self.enc2(self.down1(b))
        d = self.dec0(fluid.layers.concat([self.up0(c), b], 1))
        e = self.dec1(fluid.layers.concat([self.up1(d), a], 1))
        return self.head(e)


checkpoint, bundle = sys.argv[1:]
with fluid.dygraph.guard(fluid.CPUPlace()):
    fluid.default_main_program().random_seed = fluid.default_startup_program().random_seed = 1
    model = UNet()
    optimizer = fluid.optimizer.AdamOptimizer(0.02, parameter_list=model.parameters())
    for step in range(40):
        volumes, masks = map(fluid.dygraph.to_variable, blobs(step))
        loss = fluid.layers.reduce_mean(fluid.layers.sigmoid_cross_entropy_with_logits(model(volumes), masks))
        loss.backward()
        optimizer.minimize(loss)
        model.clear_gradients()
    print(f"loss {loss.numpy()[0]:.3f}")
    fluid.save_dygraph(model.state_dict(), checkpoint[: -len(".pdparams")])
    model.eval()
    # in evaluation mode, Paddle 1.8 refuses the gradient of BatchNorm
    record(model, blobs(1000, count=1)[0], bundle, gradients=False)
