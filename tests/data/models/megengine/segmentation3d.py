"""Encoder and decoder of volumes around ConvTranspose3d, with Dice and cross entropy; in MegEngine (1.13) as it is."""

import json
import os
import sys
import zlib

import megengine as mge
import megengine.functional as F
import megengine.module as M
import numpy as np
from megengine.autodiff import GradManager
from megengine.optimizer import SGD


class VolumeNorm(M.Module):
    """Batch normalisation of volumes, which pass as planes: 1.13 has none for them."""

    def __init__(self, channels):
        super().__init__()
        self.norm = M.BatchNorm2d(channels)

    def forward(self, x):
        n, c, d, h, w = x.shape
        return F.reshape(self.norm(F.reshape(x, (n, c, d * h, w))), (n, c, d, h, w))


class Unit(M.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = M.Conv3d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.norm1 = VolumeNorm(out_channels)
        self.conv2 = M.Conv3d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = VolumeNorm(out_channels)
        if stride != 1 or in_channels != out_channels:
            self.shortcut = M.Conv3d(in_channels, out_channels, 1, stride=stride)
        else:
            self.shortcut = M.Identity()

    def forward(self, x):
        y = F.leaky_relu(self.norm1(self.conv1(x)), 0.01)
        y = self.norm2(self.conv2(y))
        return F.leaky_relu(y + self.shortcut(x), 0.01)


class Net(M.Module):
    def __init__(self, classes=3, width=4):
        super().__init__()
        self.enter = Unit(1, width)
        self.down = [Unit(width, 2 * width, stride=2), Unit(2 * width, 4 * width, stride=2)]
        self.up = [
            M.ConvTranspose3d(4 * width, 2 * width, 2, stride=2),
            M.ConvTranspose3d(2 * width, width, 4, stride=2, padding=1),
        ]
        self.merge = [Unit(4 * width, 2 * width), Unit(2 * width, width)]
        self.head = M.Conv3d(width, classes, 1)
        for module in self.modules():
            if isinstance(module, (M.Conv3d, M.ConvTranspose3d)):
                M.init.msra_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    M.init.zeros_(module.bias)

    def forward(self, x):
        levels = [self.enter(x)]
        for down in self.down:
            levels.append(down(levels[-1]))
        y = levels.pop()
        for up, merge in zip(self.up, self.merge):
            y = merge(F.concat([up(y), levels.pop()], axis=1))
        return self.head(y)


def volumes(seed, size=8, count=2):
    random = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij"))
    away = np.abs(grid[None] - random.uniform(2, size - 3, (count, 3, 1, 1, 1)))
    labels = (np.max(away, axis=1) < 3).astype("int32") + (np.sum(away, axis=1) < 3).astype("int32")
    images = labels[:, None] + 0.5 * random.standard_normal((count, 1, size, size, size))
    return mge.Tensor(images.astype("float32")), mge.Tensor(labels)


def loss_of(logits, labels):
    entropy = F.nn.cross_entropy(logits, labels, axis=1)
    probability = F.softmax(logits, axis=1)
    classes = logits.shape[1]
    target = F.transpose(F.one_hot(labels, classes), (0, 4, 1, 2, 3)).astype("float32")
    both = F.sum(F.flatten(probability * target, 2), axis=2)
    each = F.sum(F.flatten(probability + target, 2), axis=2)
    return entropy + 1 - F.mean((2 * both + 1) / (each + 1))


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name, value in state.items():
        if name.endswith("conv1.weight") or name.endswith("conv2.weight") or value.ndim == 5 and "bias" not in name:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            state[name] = (np.sqrt(4 / value.size * 8) * random.standard_normal(value.shape)).astype("float32")
    model.load_state_dict(state)
    return model


def train(model, path, steps=4):
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    manager = GradManager().attach(model.parameters())
    losses = []
    model.train()
    for step in range(steps):
        images, labels = volumes(step)
        with manager:
            loss = loss_of(model(images), labels)
            manager.backward(loss)
        mge.optimizer.clip_grad_norm(model.parameters(), max_norm=2.0)
        optimizer.step().clear_grad()
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * 0.5 * (1 + np.cos(np.pi * (step + 1) / steps))
        losses.append(loss.item())
    mge.save({"state_dict": model.state_dict(), "optimizer": optimizer.state_dict(), "steps": steps}, path)
    return losses


def evaluate(model):
    model.eval()
    images, labels = volumes(99)
    logits = model(images)
    found = F.argmax(logits, axis=1)
    accuracy = F.mean((found == labels).astype("float32"))
    return {"accuracy": accuracy.item(), "loss": loss_of(logits, labels).item()}, F.softmax(logits, axis=1).numpy()


def main(folder, trained=None):
    mge.random.seed(0)
    losses = train(draw(Net()), os.path.join(folder, "model.pkl")) if trained is None else []
    model = Net()
    model.load_state_dict(mge.load(os.path.join(trained or folder, "model.pkl"))["state_dict"])
    metrics, output = evaluate(model)
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": output[:, 1:].ravel()[::2].tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
