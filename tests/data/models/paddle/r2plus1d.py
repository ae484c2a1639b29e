"""R(2+1)D: convolutions in space, then in time, for videos; in Paddle (3.3) as it is."""

import argparse
import json
import zlib
from pathlib import Path

import numpy as np
import paddle
from paddle import nn
from paddle.io import DataLoader, IterableDataset


class Clips(IterableDataset):
    """Clips of a spot that moves in one of four directions."""

    def __init__(self, count, seed, frames=4, size=16):
        super().__init__()
        self.count, self.seed, self.frames, self.size = count, seed, frames, size

    def __iter__(self):
        random = np.random.RandomState(self.seed)
        rows, columns = np.meshgrid(np.arange(self.size), np.arange(self.size), indexing="ij")
        for _ in range(self.count):
            label = random.randint(4)
            start = random.uniform(5, self.size - 6, 2)
            step = [(0, 1), (0, -1), (1, 0), (-1, 0)][label]
            frames = []
            for time in range(self.frames):
                row, column = start + 1.5 * time * np.array(step)
                frames.append(np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 6))
            clip = np.stack(frames)[None].repeat(3, axis=0) + 0.1 * random.standard_normal((3, self.frames, 1, 1))
            yield clip.astype("float32"), np.int64(label)


class Conv2Plus1D(nn.Sequential):
    def __init__(self, in_channels, out_channels, stride=1):
        middle = (in_channels * out_channels * 27) // (in_channels * 9 + 3 * out_channels)
        super().__init__(
            nn.Conv3D(in_channels, middle, (1, 3, 3), stride=(1, stride, stride), padding=(0, 1, 1), bias_attr=False),
            nn.BatchNorm3D(middle),
            nn.ReLU(),
            nn.Conv3D(middle, out_channels, (3, 1, 1), stride=(stride, 1, 1), padding=(1, 0, 0), bias_attr=False),
        )


class BasicBlock(nn.Layer):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Sequential(
            Conv2Plus1D(in_channels, out_channels, stride), nn.BatchNorm3D(out_channels), nn.ReLU()
        )
        self.conv2 = nn.Sequential(Conv2Plus1D(out_channels, out_channels), nn.BatchNorm3D(out_channels))
        self.relu = nn.ReLU()
        self.downsample = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv3D(in_channels, out_channels, kernel_size=1, stride=stride, bias_attr=False),
                nn.BatchNorm3D(out_channels),
            )

    def forward(self, x):
        residual = self.downsample(x) if self.downsample is not None else x
        return self.relu(self.conv2(self.conv1(x)) + residual)


class R2Plus1D(nn.Layer):
    def __init__(self, num_classes=4, width=4):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv3D(3, 6, (1, 7, 7), stride=(1, 2, 2), padding=(0, 3, 3), bias_attr=False),
            nn.BatchNorm3D(6),
            nn.ReLU(),
            nn.Conv3D(6, width, (3, 1, 1), padding=(1, 0, 0), bias_attr=False),
            nn.BatchNorm3D(width),
            nn.ReLU(),
        )
        self.layer1 = BasicBlock(width, width)
        self.layer2 = BasicBlock(width, 2 * width, stride=2)
        self.avgpool = nn.AdaptiveAvgPool3D((1, 1, 1))
        self.fc = nn.Linear(2 * width, num_classes)
        self.apply(self.init_weights)

    @staticmethod
    def init_weights(layer):
        if isinstance(layer, nn.BatchNorm3D):
            nn.initializer.Constant(1.0)(layer.weight)
            nn.initializer.Constant(0.0)(layer.bias)

    def forward(self, x):
        x = self.layer2(self.layer1(self.stem(x)))
        return self.fc(paddle.flatten(self.avgpool(x), 1))


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = np.sqrt(2 / np.prod(parameter.shape[1:])) if parameter.dim() == 5 else 0.5
            parameter.set_value((scale * random.standard_normal(parameter.shape)).astype("float32"))
    return model


def train(model, folder):
    rate = paddle.optimizer.lr.CosineAnnealingDecay(learning_rate=0.05, T_max=4)
    optimizer = paddle.optimizer.Momentum(
        learning_rate=rate, momentum=0.9, parameters=model.parameters(), weight_decay=paddle.regularizer.L2Decay(1e-4)
    )
    loss_fn, losses = nn.CrossEntropyLoss(), []
    model.train()
    for clips, labels in DataLoader(Clips(9, seed=0), batch_size=3):
        loss = loss_fn(model(clips), labels)
        loss.backward()
        optimizer.minimize(loss)
        model.clear_gradients()
        rate.step()
        losses.append(loss.numpy().item())
    paddle.save(model.state_dict(), str(folder / "r2plus1d.pdparams"))
    return losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("trained", type=Path, nargs="?")
    options = parser.parse_args()
    paddle.set_device("cpu")
    losses = [] if options.trained else train(draw(R2Plus1D()), options.folder)
    model = R2Plus1D()
    model.set_state_dict(paddle.load(str((options.trained or options.folder) / "r2plus1d.pdparams")))
    model.eval()
    metric, outputs = paddle.metric.Accuracy(), []
    with paddle.no_grad():
        for clips, labels in DataLoader(Clips(6, seed=9), batch_size=4):
            logits = model(clips)
            metric.update(metric.compute(logits, labels.reshape([-1, 1])))
            outputs.append(nn.functional.softmax(logits))
    result = {
        "losses": losses,
        "metrics": {"accuracy": float(metric.accumulate())},
        "output": paddle.concat(outputs).numpy().ravel().tolist(),
    }
    (options.folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
