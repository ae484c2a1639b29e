"""Shifted windows over volumes, with merged patches, for classification; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
import paddle.nn as nn
import paddle.nn.functional as F


def to_windows(x, size):
    b, d, h, w, c = x.shape
    x = x.reshape([b, d // size, size, h // size, size, w // size, size, c])
    return x.transpose([0, 1, 3, 5, 2, 4, 6, 7]).reshape([-1, size**3, c])


def from_windows(windows, size, shape):
    b, d, h, w, c = shape
    x = windows.reshape([b, d // size, h // size, w // size, size, size, size, c])
    return x.transpose([0, 1, 4, 2, 5, 3, 6, 7]).reshape([b, d, h, w, c])


class WindowAttention(nn.Layer):
    def __init__(self, dim, size, num_heads):
        super().__init__()
        self.num_heads, self.scale = num_heads, (dim // num_heads) ** -0.5
        self.bias_table = self.create_parameter(
            shape=((2 * size - 1) ** 3, num_heads), default_initializer=nn.initializer.Constant(0.0)
        )
        coordinates = paddle.stack(paddle.meshgrid([paddle.arange(size)] * 3)).flatten(1)
        relative = (coordinates.unsqueeze(2) - coordinates.unsqueeze(1)).transpose([1, 2, 0]) + (size - 1)
        radix = paddle.to_tensor([(2 * size - 1) ** 2, 2 * size - 1, 1])
        self.register_buffer("index", (relative * radix).sum(-1), persistable=False)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.softmax = nn.Softmax(axis=-1)

    def forward(self, x, mask=None):
        b, n, c = x.shape
        qkv = self.qkv(x).reshape([b, n, 3, self.num_heads, c // self.num_heads]).transpose([2, 0, 3, 1, 4])
        q, k, v = qkv[0] * self.scale, qkv[1], qkv[2]
        attention = paddle.matmul(q, k, transpose_y=True)
        bias = paddle.index_select(self.bias_table, self.index.flatten(), axis=0)
        attention = attention + bias.reshape([n, n, -1]).transpose([2, 0, 1]).unsqueeze(0)
        if mask is not None:
            count = mask.shape[0]
            attention = attention.reshape([b // count, count, self.num_heads, n, n]) + mask.unsqueeze([0, 2])
            attention = attention.reshape([-1, self.num_heads, n, n])
        return self.proj((self.softmax(attention) @ v).transpose([0, 2, 1, 3]).reshape([b, n, c]))


class SwinBlock(nn.Layer):
    def __init__(self, dim, grid, num_heads, window=2, shift=0):
        super().__init__()
        self.window, self.shift = window, shift
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = WindowAttention(dim, window, num_heads)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(approximate=True), nn.Linear(2 * dim, dim))
        mask = None
        if shift:
            regions, number = paddle.zeros([1, grid, grid, grid, 1]), 0
            cuts = (slice(0, -window), slice(-window, -shift), slice(-shift, None))
            for d in cuts:
                for h in cuts:
                    for w in cuts:
                        regions[:, d, h, w, :] = number
                        number += 1
            parts = to_windows(regions, window).squeeze(-1)
            apart = parts.unsqueeze(1) - parts.unsqueeze(2)
            mask = paddle.where(apart != 0, paddle.full_like(apart, -100.0), paddle.zeros_like(apart))
        self.register_buffer("mask", mask)

    def forward(self, x):
        y = self.norm1(x)
        if self.shift:
            y = paddle.roll(y, shifts=[-self.shift] * 3, axis=[1, 2, 3])
        y = from_windows(self.attention(to_windows(y, self.window), self.mask), self.window, y.shape)
        if self.shift:
            y = paddle.roll(y, shifts=[self.shift] * 3, axis=[1, 2, 3])
        x = x + y
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Layer):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(8 * dim)
        self.reduction = nn.Linear(8 * dim, 2 * dim, bias_attr=False)

    def forward(self, x):
        corners = [x[:, i::2, j::2, k::2, :] for i in (0, 1) for j in (0, 1) for k in (0, 1)]
        return self.reduction(self.norm(paddle.concat(corners, -1)))


class Swin3D(nn.Layer):
    def __init__(self, dim=12, grid=4, num_heads=3, classes=4):
        super().__init__()
        self.embed = nn.Conv3D(1, dim, 2, stride=2)
        self.layers = nn.Sequential(
            SwinBlock(dim, grid, num_heads), SwinBlock(dim, grid, num_heads, shift=1), PatchMerging(dim)
        )
        self.last = SwinBlock(2 * dim, grid // 2, 2 * num_heads)
        self.norm = nn.LayerNorm(2 * dim)
        self.head = nn.Linear(2 * dim, classes)

    def forward(self, x):
        x = self.embed(x).transpose([0, 2, 3, 4, 1])
        x = self.norm(self.last(self.layers(x)))
        return self.head(x.mean(axis=[1, 2, 3]))


def batch(seed, count=4, size=8):
    random = np.random.RandomState(seed)
    label = random.randint(0, 4, count)
    grid = np.arange(size).reshape(1, 1, size, 1, 1)
    image = np.sin(grid * (1 + label.reshape(-1, 1, 1, 1, 1)) / 2) + random.uniform(-1, 1, (count, 1, size, size, size))
    return paddle.to_tensor(image.astype("float32")), paddle.to_tensor(label.astype("int64"))


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        if len(parameter.shape) > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            fan = np.prod(parameter.shape) // max(parameter.shape[-1], 1)
            parameter.set_value((random.standard_normal(parameter.shape) / np.sqrt(fan)).astype("float32"))
    return model


def train(model, folder):
    rate = paddle.optimizer.lr.OneCycleLR(max_learning_rate=0.004, total_steps=4, divide_factor=4.0)
    optimizer = paddle.optimizer.AdamW(rate, parameters=model.parameters(), weight_decay=0.05, epsilon=1e-4)
    losses = []
    for step in range(3):
        image, label = batch(step)
        loss = F.cross_entropy(model(image), label, label_smoothing=0.1)
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
        rate.step()
        losses.append(loss.item())
    paddle.save(model.state_dict(), str(folder / "model.pdparams"))
    return losses


def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = train(draw(Swin3D()), folder) if trained is None else []
    model = Swin3D()
    model.set_state_dict(paddle.load(str((trained or folder) / "model.pdparams")))
    model.eval()
    image, label = batch(99, count=8)
    with paddle.no_grad():
        logits = model(image)
    metric = paddle.metric.Accuracy(topk=(1, 2))
    metric.update(metric.compute(logits, label.unsqueeze(1)))
    metrics = {f"top {k}": float(value) for k, value in zip((1, 2), metric.accumulate())}
    result = {"losses": losses, "metrics": metrics, "output": logits.numpy().ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
