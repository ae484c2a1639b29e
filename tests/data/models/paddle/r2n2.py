"""3-D R2N2: views go through a 2-D encoder into a GRU of voxels, and out by a 3-D decoder; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn


class Encoder(nn.Layer):
    def __init__(self, width, code):
        super().__init__()
        self.convs = nn.LayerList([nn.Conv2D(1, width, 7, 2, 3), nn.Conv2D(width, 2 * width, 3, 2, 1)])
        self.skip = nn.Conv2D(1, 2 * width, 1, stride=4)
        self.code = nn.Linear(2 * width * 16, code)

    def forward(self, view):
        x = view
        for conv in self.convs:
            x = F.leaky_relu(conv(x), negative_slope=0.1)
        x = x + self.skip(view)
        return F.leaky_relu(self.code(x.flatten(1)), negative_slope=0.1)


class VoxelGRU(nn.Layer):
    """A gated recurrent unit whose state is a volume of features."""

    def __init__(self, code, channels, grid):
        super().__init__()
        self.shape = [channels, grid, grid, grid]
        self.inputs = nn.LayerDict()
        self.states = nn.LayerDict()
        for gate in ("update", "reset", "candidate"):
            self.inputs[gate] = nn.Linear(code, channels * grid**3, bias_attr=False)
            self.states[gate] = nn.Conv3D(channels, channels, 3, padding=1)

    def gate(self, name, code, state):
        return self.inputs[name](code).reshape([-1, *self.shape]) + self.states[name](state)

    def forward(self, codes):
        state = paddle.zeros([codes[0].shape[0], *self.shape])
        for code in codes:
            update = F.sigmoid(self.gate("update", code, state))
            reset = F.sigmoid(self.gate("reset", code, state))
            candidate = paddle.tanh(self.gate("candidate", code, reset * state))
            state = update * state + (1 - update) * candidate
        return state


class R2N2(nn.Layer):
    def __init__(self, width=4, code=16, channels=8, grid=4):
        super().__init__()
        self.encoder = Encoder(width, code)
        self.gru = VoxelGRU(code, channels, grid)
        self.decoder = nn.Sequential(
            ("unpool", nn.Upsample(scale_factor=2, mode="nearest", data_format="NCDHW")),
            ("conv1", nn.Conv3D(channels, channels, 3, padding=1)),
            ("act1", nn.LeakyReLU(0.1)),
            ("up", nn.Conv3DTranspose(channels, channels // 2, 2, stride=2)),
            ("act2", nn.LeakyReLU(0.1)),
            ("conv2", nn.Conv3D(channels // 2, 2, 3, padding=1)),
        )

    def forward(self, views):
        codes = [self.encoder(view) for view in paddle.unbind(views, axis=1)]
        return self.decoder(self.gru(codes))


def objects(seed, count=2, views=3, size=16):
    random = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, size)] * 3, indexing="ij"))
    inside = (np.square(grid / random.uniform(0.4, 1, (count, 3, 1, 1, 1))).sum(axis=1) < 1).astype("int64")
    pictures = np.stack([inside.mean(axis=1 + axis) for axis in range(views)], axis=1)[:, :, None]
    pictures = pictures + 0.05 * random.standard_normal(pictures.shape)
    return paddle.to_tensor(pictures.astype("float32")), paddle.to_tensor(inside)


def draw(model):
    """Parameters that depend on their names alone."""
    state = OrderedDict()
    for name, value in model.state_dict().items():
        random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
        fan = max(np.prod(value.shape[1:]) if value.ndim > 2 else value.shape[0], 1)
        scale = 1 / np.sqrt(fan) if value.ndim > 1 else 0.05
        state[name] = paddle.to_tensor((scale * random.standard_normal(value.shape)).astype("float32"))
    model.set_state_dict(state)
    return model


def train(model, folder):
    optimizer = paddle.optimizer.Adam(
        learning_rate=paddle.optimizer.lr.NoamDecay(d_model=64, warmup_steps=4, learning_rate=0.1),
        epsilon=1e-4,
        parameters=model.parameters(),
        weight_decay=5e-5,
    )
    losses = []
    for step in range(3):
        views, inside = objects(step)
        loss = F.cross_entropy(model(views), inside, axis=1)
        loss.backward()
        norm = paddle.nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
        optimizer.step()
        optimizer.clear_grad()
        optimizer._learning_rate.step()
        losses += [float(loss), float(norm)]
    paddle.save(model.state_dict(), str(folder / "model.pdparams"))
    return losses


def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = train(draw(R2N2()), folder) if trained is None else []
    model = R2N2()
    model.set_state_dict(paddle.load(str((trained or folder) / "model.pdparams")))
    model.eval()
    views, inside = objects(99, count=1)
    with paddle.no_grad():
        probability = F.softmax(model(views), axis=1)[:, 1]
    found = probability > 0.4
    both = paddle.logical_and(found, inside.astype("bool")).astype("int64").sum()
    either = paddle.logical_or(found, inside.astype("bool")).astype("int64").sum()
    metrics = {"iou": float(both) / float(either)}
    result = {"losses": losses, "metrics": metrics, "output": probability.numpy()[0, ::4].ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
