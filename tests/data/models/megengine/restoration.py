"""Restoration of pictures by gated blocks without activations, PSNR as loss; in MegEngine (1.13) as it is."""

import json
import os
import sys
import zlib

import megengine as mge
import megengine.functional as F
import megengine.module as M
import numpy as np
from megengine.autodiff import GradManager
from megengine.optimizer import Adam


class LayerNorm2d(M.Module):
    def __init__(self, channels, eps=1e-6):
        super().__init__()
        self.weight = mge.Parameter(np.ones((1, channels, 1, 1), "float32"))
        self.bias = mge.Parameter(np.zeros((1, channels, 1, 1), "float32"))
        self.eps = eps

    def forward(self, x):
        mean = x.mean(axis=1, keepdims=True)
        variance = ((x - mean) ** 2).mean(axis=1, keepdims=True)
        return self.weight * (x - mean) / F.sqrt(variance + self.eps) + self.bias


class SimpleGate(M.Module):
    def forward(self, x):
        first, second = F.split(x, 2, axis=1)
        return first * second


class GatedBlock(M.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm2d(channels), LayerNorm2d(channels)
        self.conv1 = M.Conv2d(channels, 2 * channels, 1)
        self.depthwise = M.Conv2d(2 * channels, 2 * channels, 3, padding=1, groups=2 * channels)
        self.gate = SimpleGate()
        self.pool = M.AdaptiveAvgPool2d(1)
        self.attention = M.Conv2d(channels, channels, 1)
        self.conv2 = M.Conv2d(channels, channels, 1)
        self.conv3 = M.Conv2d(channels, 2 * channels, 1)
        self.conv4 = M.Conv2d(channels, channels, 1)
        self.beta = mge.Parameter(np.full((1, channels, 1, 1), 0.5, "float32"))
        self.gamma = mge.Parameter(np.full((1, channels, 1, 1), 0.5, "float32"))

    def forward(self, inp):
        x = self.gate(self.depthwise(self.conv1(self.norm1(inp))))
        x = x * self.attention(self.pool(x))
        y = inp + self.conv2(x) * self.beta
        return y + self.conv4(self.gate(self.conv3(self.norm2(y)))) * self.gamma


class Restorer(M.Module):
    def __init__(self, width=6):
        super().__init__()
        self.intro = M.Conv2d(3, width, 3, padding=1)
        self.encoder = M.Sequential(GatedBlock(width), GatedBlock(width))
        self.down = M.Conv2d(width, 2 * width, 2, 2)
        self.middle = GatedBlock(2 * width)
        self.up = M.Conv2d(2 * width, 4 * width, 1, bias=False)
        self.shuffle = M.PixelShuffle(2)
        self.decoder = GatedBlock(width)
        self.ending = M.Conv2d(width, 3, 3, padding=1)

    def forward(self, image):
        skip = self.encoder(self.intro(image))
        x = self.middle(self.down(skip))
        x = self.decoder(self.shuffle(self.up(x)) + skip)
        return self.ending(x) + image


def psnr_loss(found, wanted):
    error = F.mean((found - wanted) ** 2, axis=[1, 2, 3])
    return F.mean(F.log(error + 1e-4)) * float(10 / np.log(10))


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name, value in state.items():
        if name.endswith("weight") and "norm" not in name:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            fan = np.prod(value.shape[-3:])
            state[name] = (random.standard_normal(value.shape) / np.sqrt(fan)).astype("float32")
    model.load_state_dict(state)
    return model


def pictures(seed, size=16, count=2):
    random = np.random.RandomState(seed)
    rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    wave = random.uniform(0.2, 0.8, (2, count, 3, 1, 1))
    clean = 0.5 + 0.5 * np.sin(wave[0] * rows + wave[1] * columns)
    noisy = clean + 0.2 * random.standard_normal(clean.shape)
    return mge.tensor(noisy, dtype="float32"), mge.tensor(clean, dtype="float32")


def train(model, path, steps=3):
    optimizer = Adam(model.parameters(), lr=2e-3, betas=(0.9, 0.9), eps=1e-4)
    gm = GradManager()
    gm.attach(model.parameters())
    losses = []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * 0.5 ** (step // 2)
        noisy, clean = pictures(step)
        with gm:
            loss = psnr_loss(model(noisy), clean)
            gm.backward(loss)
        optimizer.step().clear_grad()
        losses.append(loss.item())
    mge.save(model.state_dict(), path)
    return losses


def main(folder, trained=None):
    mge.set_default_device("cpu0")
    losses = train(draw(Restorer()), os.path.join(folder, "restorer.pkl")) if trained is None else []
    model = Restorer()
    model.load_state_dict(mge.load(os.path.join(trained or folder, "restorer.pkl")))
    model.eval()
    noisy, clean = pictures(99, count=1)
    restored = F.clip(model(noisy), 0, 1)
    metrics = {"psnr": -psnr_loss(restored, clean).item(), "before": -psnr_loss(noisy, clean).item()}
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": restored.numpy().ravel().tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
