"""Train a 3-D U-Net to find spheres in noise, stop, and go on from the checkpoint; in Paddle 1.8's fluid as it is."""

import sys

import numpy as np
from paddle import fluid
from paddle.fluid import dygraph, layers


class Block(dygraph.Layer):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = dygraph.Conv3D(inside, outside, 3, padding=1, bias_attr=False)
        self.norm = dygraph.BatchNorm(outside)
        self.act = dygraph.PRelu("channel", channel=outside)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class UNet(dygraph.Layer):
    def __init__(self):
        super().__init__()
        self.encode = Block(1, 4)
        self.middle = dygraph.Sequential(Block(4, 8), dygraph.InstanceNorm(8))
        self.up = dygraph.Conv3DTranspose(8, 4, 2, stride=2, bias_attr=fluid.ParamAttr())
        self.decode = Block(8, 4)
        self.head = dygraph.Conv3D(4, 1, 1, act="sigmoid")

    def forward(self, x):
        skipped = self.encode(x)
        wide = self.up(self.middle(layers.pool3d(skipped, 2, "max", 2)))
        return self.head(self.decode(layers.concat([wide, skipped], axis=1)))


def volumes(seed, size=8):
    values = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij")) - values.uniform(2, size - 3, (2, 3, 1, 1, 1))
    inside = (np.square(grid).sum(axis=1, keepdims=True) < 6).astype("float32")
    noisy = inside + 0.3 * values.standard_normal(inside.shape).astype("float32")
    return dygraph.to_variable(noisy.astype("float32")), dygraph.to_variable(inside)


def build():
    values = np.random.RandomState(0)
    model = UNet()
    for parameter in model.parameters():
        if len(parameter.shape) == 5:
            parameter.set_value((0.2 * values.standard_normal(parameter.shape)).astype("float32"))
    rate = dygraph.PolynomialDecay(0.3, 8, end_learning_rate=0.05, power=2.0)
    optimizer = fluid.optimizer.MomentumOptimizer(
        rate,
        0.9,
        model.parameters(),
        regularization=fluid.regularizer.L2Decay(1e-4),
        grad_clip=fluid.clip.GradientClipByGlobalNorm(0.5),
    )
    return model, optimizer


def train(model, optimizer, steps):
    model.train()
    for step in steps:
        noisy, inside = volumes(step)
        loss = layers.reduce_mean(layers.square_error_cost(model(noisy), inside))
        loss.backward()
        optimizer.minimize(loss)
        model.clear_gradients()
        print(f"step {step} rate {float(optimizer.current_step_lr()):.6f} loss {loss.numpy()[0]:.7f}")


def evaluate(model):
    model.eval()
    noisy, inside = volumes(100)
    print(f"test loss {layers.mse_loss(model(noisy), inside).numpy()[0]:.7f}")


# names begin anew for each model, so that the optimizer's state finds its parameters again
with dygraph.guard():
    model, optimizer = build()
    evaluate(model)
    train(model, optimizer, range(4))
    fluid.save_dygraph(model.state_dict(), sys.argv[1])
    fluid.save_dygraph(optimizer.state_dict(), sys.argv[1])
with dygraph.guard():
    model, optimizer = build()
    parameters, state = fluid.load_dygraph(sys.argv[1])
    model.set_dict(parameters)
    optimizer.set_dict(state)
    train(model, optimizer, range(4, 8))
    evaluate(model)
