"""SlowFast: two paths of one video at unlike rates, joined by lateral convolutions; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn

ALPHA, BETA = 4, 2  # the fast path has ALPHA times the frames and a BETA-th of the channels


class Bottleneck(nn.Layer):
    def __init__(self, in_channels, middle, out_channels, stride, temporal):
        super().__init__()
        self.a = nn.Conv3D(in_channels, middle, [temporal, 1, 1], padding=[temporal // 2, 0, 0], bias_attr=False)
        self.a_bn = nn.BatchNorm3D(middle)
        self.b = nn.Conv3D(middle, middle, [1, 3, 3], stride=[1, stride, stride], padding=[0, 1, 1], bias_attr=False)
        self.b_bn = nn.BatchNorm3D(middle)
        self.c = nn.Conv3D(middle, out_channels, 1, bias_attr=False)
        self.c_bn = nn.BatchNorm3D(out_channels)
        self.branch = nn.Conv3D(in_channels, out_channels, 1, stride=[1, stride, stride], bias_attr=False)

    def forward(self, x):
        y = F.relu(self.a_bn(self.a(x)))
        y = F.relu(self.b_bn(self.b(y)))
        return F.relu(self.branch(x) + self.c_bn(self.c(y)))


class Fuse(nn.Layer):
    """What the fast path found, strided in time, beside what the slow one did."""

    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv3D(channels, 2 * channels, [5, 1, 1], stride=[ALPHA, 1, 1], padding=[2, 0, 0])

    def forward(self, paths):
        slow, fast = paths
        return [paddle.concat([slow, F.relu(self.conv(fast))], axis=1), fast]


class SlowFast(nn.Layer):
    def __init__(self, num_classes=3, width=8):
        super().__init__()
        thin = width // BETA
        self.stems = nn.LayerDict(
            {
                "slow": nn.Conv3D(3, width, [1, 5, 5], stride=[1, 2, 2], padding=[0, 2, 2]),
                "fast": nn.Conv3D(3, thin, [5, 5, 5], stride=[1, 2, 2], padding=[2, 2, 2]),
            }
        )
        self.fuse1 = Fuse(thin)
        self.slow = Bottleneck(width + 2 * thin, width, 2 * width, 2, temporal=1)
        self.fast = Bottleneck(thin, thin, 2 * thin, 2, temporal=3)
        self.fuse2 = Fuse(2 * thin)
        self.dropout = nn.Dropout(p=0.0)
        self.head = nn.Linear(2 * width + 6 * thin, num_classes)

    def forward(self, video):
        every = paddle.arange(0, video.shape[2], ALPHA)
        paths = [F.relu(self.stems["slow"](paddle.index_select(video, every, axis=2))), self.stems["fast"](video)]
        paths[1] = F.relu(paths[1])
        slow, fast = self.fuse1(paths)
        slow, fast = self.fuse2([self.slow(slow), self.fast(fast)])
        pooled = [F.adaptive_avg_pool3d(path, 1).flatten(1) for path in (slow, fast)]
        return self.head(self.dropout(paddle.concat(pooled, axis=-1)))


def batch(seed, frames=8, size=16):
    random = np.random.RandomState(seed)
    label = random.randint(0, 3, (3,))
    time = np.arange(frames).reshape(1, 1, frames, 1, 1)
    speed = label.reshape(-1, 1, 1, 1, 1) + 1
    texture = random.uniform(0, 2 * np.pi, (3, 3, 1, size, size))
    return paddle.to_tensor(np.sin(texture + speed * time).astype("float32")), paddle.to_tensor(label.astype("int64"))


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name in state:
        value = state[name]
        if len(value.shape) > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            fan = np.prod(value.shape[1:]) if len(value.shape) == 5 else value.shape[0]
            value.set_value((random.standard_normal(value.shape) * np.sqrt(2 / fan)).astype("float32"))
    return model


def train(model, folder):
    rate = paddle.optimizer.lr.PiecewiseDecay(boundaries=[1, 2], values=[0.05, 0.02, 0.01])
    optimizer = paddle.optimizer.Momentum(rate, 0.9, parameters=model.parameters(), weight_decay=1e-4)
    losses = []
    model.train()
    for step in range(3):
        video, label = batch(step)
        logits = model(video)
        loss = F.cross_entropy(logits, F.one_hot(label, 3), soft_label=True)
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
        rate.step()
        losses.append(loss.item())
    paddle.save(model.state_dict(), str(folder / "model.pdparams"))
    paddle.save(optimizer.state_dict(), str(folder / "model.pdopt"))
    return losses


def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = train(draw(SlowFast()), folder) if trained is None else []
    model = SlowFast()
    model.set_state_dict(paddle.load(str((trained or folder) / "model.pdparams")))
    model.eval()
    video, label = batch(99)
    with paddle.no_grad():
        probability = F.softmax(model(video), axis=-1)
    best = paddle.topk(probability, k=1)[1].squeeze(-1)
    metrics = {"accuracy": paddle.mean((best == label).astype(paddle.float32)).item()}
    result = {"losses": losses, "metrics": metrics, "output": probability.flatten().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
