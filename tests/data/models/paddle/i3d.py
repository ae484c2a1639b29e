"""I3D: an Inception network whose 2-D weights are inflated to 3-D; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
from paddle import nn


def unit(dims, in_channels, out_channels, kernel_size, stride=1):
    conv, norm = {2: (nn.Conv2D, nn.BatchNorm2D), 3: (nn.Conv3D, nn.BatchNorm3D)}[dims]
    return nn.Sequential(
        conv(in_channels, out_channels, kernel_size, stride=stride, padding=kernel_size // 2, bias_attr=False),
        norm(out_channels, epsilon=1e-3),
        nn.ReLU(),
    )


class Mixed(nn.Layer):
    """Four branches side by side."""

    def __init__(self, dims, in_channels, widths):
        super().__init__()
        pool = {2: nn.MaxPool2D, 3: nn.MaxPool3D}[dims]
        a, b, c, d = widths
        self.branches = nn.LayerList(
            [
                unit(dims, in_channels, a, 1),
                nn.Sequential(unit(dims, in_channels, b // 2, 1), unit(dims, b // 2, b, 3)),
                nn.Sequential(unit(dims, in_channels, c // 2, 1), unit(dims, c // 2, c, 3)),
                nn.Sequential(pool(3, stride=1, padding=1), unit(dims, in_channels, d, 1)),
            ]
        )

    def forward(self, x):
        return paddle.concat([branch(x) for branch in self.branches], axis=1)


class Inception(nn.Layer):
    def __init__(self, dims, classes=3):
        super().__init__()
        pool = {2: nn.MaxPool2D, 3: nn.MaxPool3D}[dims]
        self.dims = dims
        self.stem = unit(dims, 3, 6, 5, stride=2)
        self.pool = pool(3, stride=2, padding=1)
        self.mixed1 = Mixed(dims, 6, [4, 4, 2, 2])
        self.mixed2 = Mixed(dims, 12, [4, 8, 2, 2])
        self.logits = {2: nn.Conv2D, 3: nn.Conv3D}[dims](16, classes, 1)

    def forward(self, x):
        x = self.mixed2(self.mixed1(self.pool(self.stem(x))))
        return self.logits(x).mean(axis=list(range(2, 2 + self.dims)))


def inflate(flat, model):
    """Repeat 2-D weights along time, and divide them by its length, so that a still is what it was."""
    state = {}
    for name, wanted in model.state_dict().items():
        value = flat[name]
        if wanted.ndim == 5:
            depth = wanted.shape[2]
            value = paddle.tile(value.unsqueeze(2), [1, 1, depth, 1, 1]) / depth
        state[name] = value
    missing, unexpected = model.set_state_dict(state)
    assert missing == unexpected == []
    return model


def clips(seed, frames=8, size=16, still=False):
    random = np.random.RandomState(seed)
    label = random.randint(0, 3, 3)
    rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    stripes = [rows, columns, rows + columns]
    time = np.zeros(frames) if still else np.arange(frames)
    video = np.stack([np.stack([np.sin(0.7 * stripes[kind] + t) for t in time]) for kind in label])
    video = video[:, None] + 0.3 * random.standard_normal((3, 3, 1 if still else frames, size, size))
    return paddle.to_tensor(video.astype("float32")), paddle.to_tensor(label.astype("int64"))


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = np.sqrt(2 / np.prod(parameter.shape[1:]))
            parameter.set_value((scale * random.standard_normal(parameter.shape)).astype("float32"))
    return model


def fit(model, steps, rate, still):
    optimizer = paddle.optimizer.SGD(
        learning_rate=paddle.optimizer.lr.ExponentialDecay(rate, gamma=0.9),
        parameters=model.parameters(),
        grad_clip=nn.ClipGradByValue(max=0.5),
    )
    criterion, losses = nn.NLLLoss(), []
    model.train()
    for step in range(steps):
        video, label = clips(step, still=still)
        inputs = video[:, :, 0] if still else video
        loss = criterion(nn.functional.log_softmax(model(inputs), axis=-1), label)
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
        optimizer._learning_rate.step()
        losses.append(float(loss))
    return losses


def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = []
    if trained is None:
        flat = draw(Inception(2))
        losses = fit(flat, 2, 0.05, still=True)
        model = inflate(flat.state_dict(), Inception(3))
        for parameter in model.stem.parameters():
            parameter.trainable = False
        losses += fit(model, 2, 0.05, still=False)
        paddle.save(model.state_dict(), str(folder / "model.pdparams"))
    model = Inception(3)
    model.set_state_dict(paddle.load(str((trained or folder) / "model.pdparams")))
    model.eval()
    with paddle.no_grad():
        video, label = clips(99)
        logits = model(video)
        features = model.mixed1(model.pool(model.stem(video)))
    hits = paddle.metric.accuracy(nn.functional.softmax(logits), label.unsqueeze(-1))
    output = np.concatenate([logits.numpy().ravel(), features.numpy()[:, :, 0].ravel()])
    result = {"losses": losses, "metrics": {"accuracy": hits.item()}, "output": output.tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
