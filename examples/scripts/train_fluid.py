"""Learn to double the resolution of a volume, in Paddle 1.8's fluid as it is."""

import sys

import numpy as np
from paddle import fluid


class Upsampler(fluid.dygraph.Layer):
    def __init__(self):
        super().__init__()
        self.up = fluid.dygraph.Sequential(
            (
                "first",
                fluid.dygraph.Conv3DTranspose(2, 4, 4, padding=1, stride=2, bias_attr=fluid.ParamAttr(), act="relu"),
            ),
            ("second", fluid.dygraph.Conv3DTranspose(4, 1, 3, padding=1, bias_attr=fluid.ParamAttr())),
        )

    def forward(self, x):
        return self.up(x)


def train(name, optimizer_of):
    values = np.random.RandomState(0)
    model = Upsampler()
    for parameter in model.parameters():
        parameter.set_value((0.1 * values.standard_normal(parameter.shape)).astype("float32"))
    low = fluid.dygraph.to_variable(values.standard_normal((2, 2, 4, 4, 4)).astype("float32"))
    high = fluid.dygraph.to_variable(values.standard_normal((2, 1, 8, 8, 8)).astype("float32"))
    optimizer = optimizer_of(model.parameters())
    model.train()
    for step in range(4):
        loss = fluid.layers.reduce_mean(fluid.layers.square_error_cost(model(low), high))
        loss.backward()
        optimizer.minimize(loss)
        model.clear_gradients()
        print(name, step, f"{loss.numpy()[0]:.7f}")
    model.eval()
    with fluid.dygraph.no_grad():
        print(name, "end", f"{fluid.layers.mse_loss(model(low), high).numpy()[0]:.7f}")
    return model, low, high


def sgd(parameters):
    return fluid.optimizer.SGDOptimizer(0.1, parameter_list=parameters)


def momentum(parameters):
    decay = fluid.regularizer.L2Decay(0.01)
    return fluid.optimizer.MomentumOptimizer(0.1, 0.9, parameters, regularization=decay)


def adam(parameters):
    return fluid.optimizer.AdamOptimizer(0.01, epsilon=1e-3, parameter_list=parameters)


with fluid.dygraph.guard():
    train("sgd", sgd)
    train("momentum", momentum)
    model, low, high = train("adam", adam)
    fluid.save_dygraph(model.state_dict(), sys.argv[1])
    again = Upsampler()
    again.set_dict(fluid.load_dygraph(sys.argv[1])[0])
    print("reloaded", f"{fluid.layers.mse_loss(again(low), high).numpy()[0]:.7f}")
