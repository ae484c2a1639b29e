"""From pictures to voxels: a 2-D encoder, a 3-D decoder, trained by Model.fit; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
from paddle import nn
from paddle.io import Dataset
from paddle.metric import Metric


class Silhouettes(Dataset):
    """Boxes, and their projections along two axes."""

    def __init__(self, mode, count, size=16):
        super().__init__()
        random = np.random.RandomState({"train": 0, "test": 9}[mode])
        self.pairs = []
        for _ in range(count):
            low, high = random.randint(0, size // 2, 3), random.randint(size // 2, size, 3)
            voxels = np.zeros([1, size, size, size], "float32")
            voxels[0, low[0] : high[0], low[1] : high[1], low[2] : high[2]] = 1
            picture = np.stack([voxels[0].mean(0), voxels[0].mean(1)]) + 0.1 * random.standard_normal((2, size, size))
            self.pairs.append((picture.astype("float32"), voxels))

    def __getitem__(self, index):
        return self.pairs[index]

    def __len__(self):
        return len(self.pairs)


class AutoEncoder(nn.Layer):
    def __init__(self, width=8, latent=32):
        super().__init__()
        self.width = width
        encoder = []
        for inside, outside in ((2, width), (width, 2 * width), (2 * width, 4 * width)):
            encoder += [nn.Conv2D(inside, outside, 3, stride=2, padding=1), nn.BatchNorm2D(outside), nn.ELU()]
        self.encoder = nn.Sequential(*encoder, nn.Flatten(), nn.Linear(4 * width * 4, latent), nn.Tanh())
        self.enter = nn.Linear(latent, 2 * width * 8)
        self.decoder = nn.Sequential(
            nn.Conv3DTranspose(2 * width, 2 * width, 4, stride=2, padding=1, bias_attr=False),
            nn.BatchNorm3D(2 * width),
            nn.Swish(),
            nn.Conv3DTranspose(2 * width, width, 4, stride=2, padding=1, bias_attr=False),
            nn.BatchNorm3D(width),
            nn.Swish(),
            nn.Conv3DTranspose(width, 1, 4, stride=2, padding=1),
        )

    def forward(self, picture):
        code = self.encoder(picture)
        return self.decoder(paddle.reshape(self.enter(code), [-1, 2 * self.width, 2, 2, 2]))


class IoU(Metric):
    """Voxels that both have, of those that either has."""

    def __init__(self):
        super().__init__()
        self._name = "iou"
        self.reset()

    def name(self):
        return self._name

    def compute(self, logits, label):
        found, wanted = logits > 0, label > 0.5
        both = paddle.logical_and(found, wanted).astype("float32").sum()
        either = paddle.logical_or(found, wanted).astype("float32").sum()
        return both, either

    def update(self, both, either):
        self.both += float(np.sum(both))
        self.either += float(np.sum(either))
        return self.accumulate()

    def accumulate(self):
        return self.both / max(self.either, 1.0)

    def reset(self):
        self.both, self.either = 0.0, 0.0


class Losses(paddle.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses = []

    def on_train_batch_end(self, step, logs=None):
        self.losses.append(float(np.ravel(logs["loss"])[0]))


def draw(network):
    """Parameters that depend on their names alone."""
    for name, parameter in network.named_parameters():
        if len(parameter.shape) > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            fan = parameter.shape[0] if len(parameter.shape) == 2 else np.prod(parameter.shape[1:])
            parameter.set_value((random.standard_normal(parameter.shape) / np.sqrt(fan)).astype("float32"))
    return network


def prepared(network, *inputs):
    model = paddle.Model(network, *inputs)
    rate = paddle.optimizer.lr.StepDecay(learning_rate=0.01, step_size=1, gamma=0.5)
    optimizer = paddle.optimizer.Adam(rate, epsilon=1e-4, parameters=network.parameters())
    model.prepare(optimizer, nn.BCEWithLogitsLoss(), IoU())
    return model


def main(folder, trained=None):
    paddle.set_device("cpu")
    paddle.seed(1)
    callback = Losses()
    if trained is None:
        model = prepared(draw(AutoEncoder()))
        model.fit(
            Silhouettes("train", 6),
            epochs=2,
            batch_size=2,
            shuffle=False,
            verbose=0,
            drop_last=True,
            callbacks=[callback],
        )
        model.save(str(folder / "model"))
    model = prepared(AutoEncoder())
    model.load(str((trained or folder) / "model"))
    test = Silhouettes("test", 3)
    found = model.evaluate(test, batch_size=3, verbose=0)
    predicted = model.predict(test, batch_size=1, stack_outputs=True, verbose=0)[0]
    metrics = {"loss": float(found["loss"][0]), "iou": float(found["iou"])}
    result = {"losses": callback.losses, "metrics": metrics, "output": predicted[0, 0, ::4].ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
