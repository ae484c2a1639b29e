"""C3D: 3-D convolutions over clips, in dygraph; in fluid (Paddle 1.8.5) as it is."""

import argparse
import json
import os
import zlib

import numpy as np
import paddle
import paddle.fluid as fluid
from paddle.fluid.dygraph.nn import Conv3D, Linear


class ConvPool(fluid.dygraph.Layer):
    def __init__(self, channels, filters, pool):
        super(ConvPool, self).__init__()
        self._conv = Conv3D(
            num_channels=channels,
            num_filters=filters,
            filter_size=3,
            padding=1,
            act="relu",
            param_attr=fluid.ParamAttr(initializer=fluid.initializer.MSRAInitializer(uniform=False)),
            bias_attr=fluid.ParamAttr(initializer=fluid.initializer.ConstantInitializer(0.1)),
        )
        self._pool = pool

    def forward(self, inputs):
        x = self._conv(inputs)
        return fluid.layers.pool3d(input=x, pool_size=self._pool, pool_type="max", pool_stride=self._pool)


class C3D(fluid.dygraph.Layer):
    def __init__(self, class_dim=4):
        super(C3D, self).__init__()
        self.blocks = fluid.dygraph.Sequential(
            ConvPool(3, 4, [1, 2, 2]), ConvPool(4, 8, [2, 2, 2]), ConvPool(8, 16, [2, 2, 2])
        )
        self.fc6 = Linear(input_dim=16 * 2 * 2 * 2, output_dim=24, act="relu")
        self.fc7 = Linear(input_dim=24, output_dim=class_dim, act="softmax")

    def forward(self, inputs, label=None):
        x = self.blocks(inputs)
        x = fluid.layers.reshape(x, shape=[-1, 16 * 2 * 2 * 2])
        x = fluid.layers.dropout(self.fc6(x), dropout_prob=0.0)
        out = self.fc7(x)
        if label is None:
            return out
        return out, fluid.layers.accuracy(input=out, label=label)


def reader(count, seed, frames=8, size=16):
    """Clips that get lighter, darker, or whose stripes wander one way or the other."""

    def clips():
        random = np.random.RandomState(seed)
        for _ in range(count):
            kind = random.randint(0, 4)
            time = np.arange(frames).reshape(1, frames, 1, 1)
            row = np.arange(size).reshape(1, 1, size, 1)
            clip = [time / 4.0 - 1, 1 - time / 4.0, np.sin(row + time), np.sin(row - time)][kind]
            yield (clip + 0.2 * random.standard_normal((3, frames, size, size))).astype("float32"), kind

    return clips


def draw(model):
    """Parameters that depend on their names alone."""
    for name, value in model.state_dict().items():
        if len(value.shape) > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            fan = np.prod(value.shape[1:]) if len(value.shape) == 5 else value.shape[0]
            value.set_value((np.sqrt(2.0 / fan) * random.standard_normal(value.shape)).astype("float32"))
    return model


def train(model, path):
    optimizer = fluid.optimizer.Momentum(
        learning_rate=fluid.dygraph.CosineDecay(0.01, step_each_epoch=2, epochs=4),
        momentum=0.9,
        parameter_list=model.parameters(),
        regularization=fluid.regularizer.L2DecayRegularizer(regularization_coeff=0.005),
    )
    losses = []
    model.train()
    for data in paddle.batch(reader(9, 0), batch_size=3)():
        clips = fluid.dygraph.to_variable(np.array([x[0] for x in data]))
        label = fluid.dygraph.to_variable(np.array([x[1] for x in data]).astype("int64").reshape(-1, 1))
        label.stop_gradient = True
        out, accuracy = model(clips, label)
        loss = fluid.layers.cross_entropy(input=out, label=label)
        avg_loss = fluid.layers.mean(loss)
        avg_loss.backward()
        optimizer.minimize(avg_loss)
        model.clear_gradients()
        losses.append(float(avg_loss.numpy()[0]))
    fluid.dygraph.save_dygraph(model.state_dict(), path)
    fluid.dygraph.save_dygraph(optimizer.state_dict(), path)
    return losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("trained", nargs="?")
    args = parser.parse_args()
    place = fluid.CPUPlace()
    with fluid.dygraph.guard(place):
        losses = [] if args.trained else train(draw(C3D()), os.path.join(args.folder, "c3d"))
        model = C3D()
        state, _ = fluid.dygraph.load_dygraph(os.path.join(args.trained or args.folder, "c3d"))
        model.load_dict(state)
        model.eval()
        data = list(reader(6, 9)())
        clips = fluid.dygraph.to_variable(np.stack([x[0] for x in data]))
        label = fluid.dygraph.to_variable(np.array([[x[1]] for x in data]).astype("int64"))
        out, accuracy = model(clips, label)
        result = {"losses": losses, "metrics": {"accuracy": float(accuracy.numpy()[0])}}
        result["output"] = out.numpy().ravel().tolist()
    with open(os.path.join(args.folder, "result.json"), "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
