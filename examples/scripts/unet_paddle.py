"""Train a 3-D U-Net to find spheres in noise, stop, and go on from the checkpoint; in Paddle (3.3) as it is."""

import sys

import numpy as np
import paddle
from paddle import nn


class Block(nn.Layer):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = nn.Conv3D(inside, outside, 3, padding=1, bias_attr=False)
        self.norm = nn.BatchNorm3D(outside)
        self.act = nn.PReLU(outside)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class UNet(nn.Layer):
    def __init__(self):
        super().__init__()
        self.encode = Block(1, 4)
        self.pool = nn.MaxPool3D(2)
        self.middle = nn.Sequential(Block(4, 8), nn.GroupNorm(2, 8))
        self.up = nn.Conv3DTranspose(8, 4, 2, stride=2)
        self.decode = Block(8, 4)
        self.head = nn.Conv3D(4, 1, 1)

    def forward(self, x):
        skipped = self.encode(x)
        wide = self.up(self.middle(self.pool(skipped)))
        return self.head(self.decode(paddle.concat([wide, skipped], axis=1)))


def volumes(seed, size=8):
    values = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij")) - values.uniform(2, size - 3, (2, 3, 1, 1, 1))
    inside = (np.square(grid).sum(axis=1, keepdims=True) < 6).astype("float32")
    noisy = inside + 0.3 * values.standard_normal(inside.shape).astype("float32")
    return paddle.to_tensor(noisy.astype("float32")), paddle.to_tensor(inside)


def build():
    values = np.random.RandomState(0)
    model = UNet()
    for parameter in model.parameters():
        if len(parameter.shape) > 1:
            parameter.set_value((0.2 * values.standard_normal(parameter.shape)).astype("float32"))
    cosine = paddle.optimizer.lr.CosineAnnealingDecay(0.2, T_max=8)
    rate = paddle.optimizer.lr.LinearWarmup(cosine, warmup_steps=2, start_lr=0.05, end_lr=0.2)
    optimizer = paddle.optimizer.Momentum(
        rate,
        0.9,
        model.parameters(),
        weight_decay=paddle.regularizer.L2Decay(1e-4),
        grad_clip=nn.ClipGradByGlobalNorm(0.5),
    )
    return model, rate, optimizer


def train(model, rate, optimizer, steps):
    loss_of = nn.BCEWithLogitsLoss()
    model.train()
    for step in steps:
        noisy, inside = volumes(step)
        loss = loss_of(model(noisy), inside)
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
        print(f"step {step} rate {rate():.6f} loss {float(loss):.7f}")
        rate.step()


def evaluate(model):
    model.eval()
    noisy, inside = volumes(100)
    with paddle.no_grad():
        print(f"test loss {float(nn.BCEWithLogitsLoss()(model(noisy), inside)):.7f}")


# names begin anew for each model, so that the optimizer's state finds its parameters again
with paddle.utils.unique_name.guard():
    model, rate, optimizer = build()
    evaluate(model)
    train(model, rate, optimizer, range(4))
    paddle.save(model.state_dict(), f"{sys.argv[1]}.pdparams")
    paddle.save(optimizer.state_dict(), f"{sys.argv[1]}.pdopt")
with paddle.utils.unique_name.guard():
    model, rate, optimizer = build()
    model.set_state_dict(paddle.load(f"{sys.argv[1]}.pdparams"))
    optimizer.set_state_dict(paddle.load(f"{sys.argv[1]}.pdopt"))
    train(model, rate, optimizer, range(4, 8))
    evaluate(model)
