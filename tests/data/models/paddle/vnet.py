"""V-Net: residual stages, strided convolutions down, transposed ones up, Dice loss; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.io import DataLoader, Dataset


class Spheres(Dataset):
    """Noisy volumes with a sphere each; its inside is what is looked for."""

    def __init__(self, count, size=12, seed=0):
        super().__init__()
        random = np.random.RandomState(seed)
        grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij"))
        centers = random.uniform(3, size - 4, (count, 3, 1, 1, 1))
        inside = np.square(grid[None] - centers).sum(axis=1, keepdims=True) < 8
        self.labels = inside.astype("int64")
        self.images = (inside + 0.5 * random.standard_normal(inside.shape)).astype("float32")

    def __getitem__(self, index):
        return self.images[index], self.labels[index]

    def __len__(self):
        return len(self.images)


class Stage(nn.Layer):
    """Convolutions, around which the input is added."""

    def __init__(self, channels, depth):
        super().__init__()
        self.units = nn.LayerList()
        for _ in range(depth):
            self.units.append(
                nn.Sequential(
                    ("conv", nn.Conv3D(channels, channels, 5, padding=2, bias_attr=False)),
                    ("norm", nn.BatchNorm3D(channels)),
                    ("act", nn.PReLU(channels)),
                )
            )

    def forward(self, x):
        y = x
        for unit in self.units:
            y = unit(y)
        return x + y


class VNet(nn.Layer):
    def __init__(self, width=4, classes=2):
        super().__init__()
        self.width = width
        self.stem = nn.Conv3D(1, width, 5, padding=2)
        self.left = Stage(width, 1)
        self.down = nn.Sequential(nn.Conv3D(width, 2 * width, 2, stride=2), nn.ELU())
        self.bottom = Stage(2 * width, 2)
        self.up = nn.Conv3DTranspose(2 * width, width, 2, stride=2)
        self.right = Stage(2 * width, 1)
        self.head = nn.Conv3D(2 * width, classes, 1)

    def forward(self, x):
        wide = self.stem(x) + paddle.tile(x, [1, self.width, 1, 1, 1])
        wide = self.left(wide)
        deep = self.bottom(self.down(wide))
        merged = paddle.concat([F.elu(self.up(deep)), wide], axis=1)
        return F.softmax(self.head(self.right(merged)), axis=1)


class DiceLoss(nn.Layer):
    def __init__(self, smooth=1e-5):
        super().__init__()
        self.smooth = smooth

    def forward(self, probability, label):
        classes = probability.shape[1]
        target = F.one_hot(paddle.squeeze(label, axis=1), classes).transpose([0, 4, 1, 2, 3])
        axes = [2, 3, 4]
        both = paddle.sum(probability * target, axis=axes)
        each = paddle.sum(probability**2, axis=axes) + paddle.sum(target**2, axis=axes)
        return 1 - paddle.mean((2 * both + self.smooth) / (each + self.smooth))


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name, value in state.items():
        if len(value.shape) > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = np.sqrt(1 / np.prod(value.shape[1:]))
            state[name] = paddle.to_tensor((scale * random.standard_normal(value.shape)).astype("float32"))
    model.set_state_dict(state)
    return model


def train(model, folder):
    rate = paddle.optimizer.lr.PolynomialDecay(0.05, decay_steps=4, end_lr=0.01, power=0.9)
    optimizer = paddle.optimizer.Momentum(
        learning_rate=rate, momentum=0.9, parameters=model.parameters(), weight_decay=1e-4
    )
    loss_of, losses = DiceLoss(), []
    model.train()
    for _ in range(2):
        for image, label in DataLoader(Spheres(4), batch_size=2, shuffle=False, num_workers=0):
            loss = loss_of(model(image), label)
            loss.backward()
            optimizer.step()
            optimizer.clear_grad()
            rate.step()
            losses.append(float(loss))
    paddle.save(model.state_dict(), str(folder / "model.pdparams"))
    paddle.save(optimizer.state_dict(), str(folder / "model.pdopt"))
    return losses


@paddle.no_grad()
def evaluate(model):
    model.eval()
    data = Spheres(1, seed=9)
    probability = model(paddle.to_tensor(data.images))
    found = paddle.argmax(probability, axis=1, keepdim=True).numpy()
    dice = 2 * float((found * data.labels).sum()) / float(found.sum() + data.labels.sum())
    return {"dice": dice}, probability[:, 1, ::2].numpy()


def main(folder, trained=None):
    paddle.set_device("cpu")
    paddle.seed(0)
    losses = train(draw(VNet()), folder) if trained is None else []
    model = VNet()
    model.set_state_dict(paddle.load(str((trained or folder) / "model.pdparams")))
    metrics, output = evaluate(model)
    result = {"losses": losses, "metrics": metrics, "output": output.ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
