"""3-D U-Net in dygraph with two resolutions, cross entropy and Adam; in fluid (Paddle 1.8.5) as it is."""

import json
import sys
import zlib

import numpy as np
import paddle
import paddle.fluid as fluid
from paddle.fluid.dygraph import BatchNorm, Conv3D, Conv3DTranspose, to_variable


class ConvBlock(fluid.dygraph.Layer):
    def __init__(self, in_channels, out_channels):
        super(ConvBlock, self).__init__()
        self.conv1 = Conv3D(in_channels, out_channels, 3, padding=1, bias_attr=False)
        self.norm1 = BatchNorm(out_channels, act="relu")
        self.conv2 = Conv3D(out_channels, out_channels, 3, padding=1, bias_attr=False)
        self.norm2 = BatchNorm(out_channels, act="relu")

    def forward(self, inputs):
        x = self.norm1(self.conv1(inputs))
        return self.norm2(self.conv2(x))


class UNet3D(fluid.dygraph.Layer):
    def __init__(self, classes=3, width=4):
        super(UNet3D, self).__init__()
        self.encoders = fluid.dygraph.LayerList([ConvBlock(1, width), ConvBlock(width, 2 * width)])
        self.middle = ConvBlock(2 * width, 4 * width)
        self.up2 = Conv3DTranspose(4 * width, 2 * width, filter_size=2, stride=2, bias_attr=True)
        self.decoder2 = ConvBlock(4 * width, 2 * width)
        self.up1 = Conv3DTranspose(2 * width, width, filter_size=2, stride=2, act="relu", bias_attr=True)
        self.decoder1 = ConvBlock(2 * width, width)
        self.head = Conv3D(width, classes, 1)

    def forward(self, inputs):
        skips, x = [], inputs
        for encoder in self.encoders:
            skips.append(encoder(x))
            x = fluid.layers.pool3d(skips[-1], pool_size=2, pool_type="max", pool_stride=2)
        x = self.up2(self.middle(x))
        x = self.decoder2(fluid.layers.concat([x, skips[1]], axis=1))
        x = self.decoder1(fluid.layers.concat([self.up1(x), skips[0]], axis=1))
        return self.head(x)


def reader(count, seed, size=12):
    """Samples: a box of either kind in noise."""

    def samples():
        random = np.random.RandomState(seed)
        for _ in range(count):
            label = np.zeros((1, size, size, size), "int64")
            for kind in (1, 2):
                low = random.randint(0, size - 4, 3)
                label[:, low[0] : low[0] + 4, low[1] : low[1] + 4, low[2] : low[2] + 4] = kind
            image = label + 0.5 * random.standard_normal(label.shape)
            yield image.astype("float32"), label

    return samples


def batches(count, seed):
    for batch in paddle.batch(reader(count, seed), batch_size=2, drop_last=True)():
        image, label = (np.stack(parts) for parts in zip(*batch))
        yield to_variable(image), to_variable(label)


def cross_entropy(logits, label):
    """Mean over the voxels, whose classes come last in 1.8."""
    logits = fluid.layers.transpose(logits, [0, 2, 3, 4, 1])
    logits = fluid.layers.reshape(logits, [-1, logits.shape[-1]])
    loss, probability = fluid.layers.softmax_with_cross_entropy(
        logits, fluid.layers.reshape(label, [-1, 1]), return_softmax=True
    )
    return fluid.layers.reduce_mean(loss), probability


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name, value in state.items():
        random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
        if len(value.shape) > 1:
            scale = np.sqrt(2 / np.prod(value.shape[1:]))
            value.set_value((scale * random.standard_normal(value.shape)).astype("float32"))
    return model


def train(model, path):
    rate = fluid.dygraph.PiecewiseDecay([2], [0.01, 0.005], begin=0)
    optimizer = fluid.optimizer.AdamOptimizer(
        learning_rate=rate,
        parameter_list=model.parameters(),
        epsilon=1e-3,
        regularization=fluid.regularizer.L2Decay(1e-4),
        grad_clip=fluid.clip.GradientClipByGlobalNorm(1.0),
    )
    strategy = fluid.dygraph.BackwardStrategy()
    strategy.sort_sum_gradient = True
    losses = []
    model.train()
    for image, label in batches(8, seed=0):
        loss, _ = cross_entropy(model(image), label)
        loss.backward(strategy)
        optimizer.minimize(loss)
        model.clear_gradients()
        losses.append(float(loss.numpy()[0]))
    fluid.save_dygraph(model.state_dict(), path)
    fluid.save_dygraph(optimizer.state_dict(), path)
    return losses


def evaluate(model):
    model.eval()
    with fluid.dygraph.no_grad():
        image, label = next(batches(2, seed=9))
        loss, probability = cross_entropy(model(image), label)
        accuracy = fluid.layers.accuracy(probability, fluid.layers.reshape(label, [-1, 1]))
    metrics = {"loss": float(loss.numpy()[0]), "accuracy": float(accuracy.numpy()[0])}
    return metrics, probability.numpy()[::7]


def main(folder, trained=None):
    with fluid.dygraph.guard(fluid.CPUPlace()):
        losses = train(draw(UNet3D()), folder + "/model") if trained is None else []
        model = UNet3D()
        parameters, _ = fluid.load_dygraph((trained or folder) + "/model")
        model.set_dict(parameters)
        metrics, output = evaluate(model)
    with open(folder + "/result.json", "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": output.ravel().tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
