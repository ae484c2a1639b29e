"""nnU-Net's plain encoder, anisotropic, deeply supervised by Dice and cross entropy; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn

KERNELS = [[1, 3, 3], [3, 3, 3], [3, 3, 3]]
STRIDES = [[1, 1, 1], [1, 2, 2], [2, 2, 2]]


class ConvNormAct(nn.Layer):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1):
        super().__init__()
        padding = [size // 2 for size in kernel_size]
        self.conv = nn.Conv3D(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        self.norm = nn.InstanceNorm3D(out_channels, epsilon=1e-5)
        self.nonlin = nn.LeakyReLU(negative_slope=0.01)

    def forward(self, x):
        return self.nonlin(self.norm(self.conv(x)))


class PlainConvEncoder(nn.Layer):
    def __init__(self, in_channels, widths):
        super().__init__()
        self.stages = nn.LayerList()
        for width, kernel, stride in zip(widths, KERNELS, STRIDES):
            first = ConvNormAct(in_channels, width, kernel, stride)
            self.stages.append(nn.Sequential(first, ConvNormAct(width, width, kernel)))
            in_channels = width

    def forward(self, x):
        found = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found


class PlainUNet(nn.Layer):
    def __init__(self, num_classes=3, widths=(4, 8, 12), deep_supervision=True):
        super().__init__()
        self.deep_supervision = deep_supervision
        self.encoder = PlainConvEncoder(1, widths)
        self.transpconvs, self.stages, self.seg_layers = nn.LayerList(), nn.LayerList(), nn.LayerList()
        for level in range(len(widths) - 1, 0, -1):
            below, here, stride, kernel = widths[level], widths[level - 1], STRIDES[level], KERNELS[level - 1]
            self.transpconvs.append(nn.Conv3DTranspose(below, here, stride, stride=stride))
            self.stages.append(nn.Sequential(ConvNormAct(2 * here, here, kernel), ConvNormAct(here, here, kernel)))
            self.seg_layers.append(nn.Conv3D(here, num_classes, 1))

    def forward(self, x):
        *skips, x = self.encoder(x)
        outputs = []
        for transpconv, stage, seg_layer in zip(self.transpconvs, self.stages, self.seg_layers):
            x = stage(paddle.concat((transpconv(x), skips.pop()), 1))
            outputs.append(seg_layer(x))
        outputs = outputs[::-1]
        return outputs if self.deep_supervision else outputs[0]


class DiceAndCrossEntropy(nn.Layer):
    def __init__(self, smooth=1e-5):
        super().__init__()
        self.smooth = smooth
        self.entropy = nn.CrossEntropyLoss(axis=1)

    def forward(self, logits, label):
        probability = F.softmax(logits, axis=1)
        target = paddle.zeros_like(probability)
        with paddle.no_grad():
            target = paddle.put_along_axis(target, label, 1.0, axis=1)
        both = (probability * target).sum(axis=[0, 2, 3, 4])
        size = probability.sum(axis=[0, 2, 3, 4]) + target.sum(axis=[0, 2, 3, 4])
        dice = (2 * both + self.smooth) / paddle.clip(size + self.smooth, min=1e-8)
        return self.entropy(logits, label.squeeze(1)) - dice[1:].mean()


class DeepSupervision(nn.Layer):
    """The loss at every resolution, by halves."""

    def __init__(self, loss, levels=2):
        super().__init__()
        self.loss = loss
        weights = np.array([1 / 2**level for level in range(levels)], "float32")
        self.weights = (weights / weights.sum()).tolist()

    def forward(self, outputs, label):
        total = 0.0
        for weight, output in zip(self.weights, outputs):
            small = F.interpolate(label.astype("float32"), size=output.shape[2:], mode="nearest", data_format="NCDHW")
            total = total + weight * self.loss(output, small.astype("int64"))
        return total


def batch(seed, shape=(6, 12, 12)):
    random = np.random.RandomState(seed)
    label = np.zeros((2, 1, *shape), "int64")
    for index in range(2):
        for kind in (1, 2):
            corner = [random.randint(0, size - 3) for size in shape]
            label[(index, 0, *(slice(low, low + 4) for low in corner))] = kind
    image = (label - 0.5 + 0.4 * random.standard_normal(label.shape)).astype("float32")
    return paddle.to_tensor(image), paddle.to_tensor(label)


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = np.sqrt(2 / np.prod(parameter.shape[1:]))
            parameter.set_value((scale * random.standard_normal(parameter.shape)).astype("float32"))
    return model


def train(model, folder, steps=3):
    rate = paddle.optimizer.lr.LambdaDecay(0.05, lr_lambda=lambda step: (1 - step / steps) ** 0.9)
    optimizer = paddle.optimizer.Momentum(
        rate,
        momentum=0.99,
        use_nesterov=True,
        parameters=model.parameters(),
        weight_decay=paddle.regularizer.L2Decay(3e-5),
        grad_clip=nn.ClipGradByGlobalNorm(12),
    )
    criterion, losses = DeepSupervision(DiceAndCrossEntropy()), []
    for step in range(steps):
        image, label = batch(step)
        optimizer.clear_grad()
        loss = criterion(model(image), label)
        loss.backward()
        optimizer.step()
        rate.step()
        losses.append(float(loss.numpy()))
    paddle.save(model.state_dict(), str(folder / "model.pdparams"))
    return losses


def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = train(draw(PlainUNet()), folder) if trained is None else []
    model = PlainUNet(deep_supervision=False)
    model.set_state_dict(paddle.load(str((trained or folder) / "model.pdparams")))
    model.eval()
    image, label = batch(99)
    with paddle.no_grad():
        logits = model(image)
        # as nnU-Net does: the mean over mirrored volumes
        mirrored = paddle.flip(model(paddle.flip(image, axis=[3, 4])), axis=[3, 4])
    output = F.softmax((logits + mirrored) / 2, axis=1)
    found = paddle.argmax(output, axis=1, keepdim=True)
    metrics = {"accuracy": float((found == label).astype("float32").mean())}
    result = {"losses": losses, "metrics": metrics, "output": output[:, 1:, ::2].numpy().ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
