"""A diffusion model: a U-Net with attention and times, an average of weights, sampled; in MegEngine (1.13) as it is."""

import copy
import json
import math
import os
import sys
import zlib

import megengine as mge
import megengine.functional as F
import megengine.module as M
import numpy as np
from megengine.autodiff import GradManager
from megengine.optimizer import Adam

STEPS = 8


class Swish(M.Module):
    def forward(self, x):
        return x * F.sigmoid(x)


def embed(times, dim):
    """Sines and cosines of times, which are integers."""
    half = dim // 2
    rates = F.exp(F.arange(half) * (-math.log(10000) / (half - 1)))
    angles = F.expand_dims(times.astype("float32"), 1) * F.expand_dims(rates, 0)
    return F.concat([F.sin(angles), F.cos(angles)], axis=1)


class ResBlock(M.Module):
    def __init__(self, in_channels, out_channels, times):
        super().__init__()
        self.block1 = M.Sequential(
            M.GroupNorm(2, in_channels), Swish(), M.Conv2d(in_channels, out_channels, 3, padding=1)
        )
        self.time = M.Sequential(Swish(), M.Linear(times, out_channels))
        self.block2 = M.Sequential(
            M.GroupNorm(2, out_channels), Swish(), M.Dropout(0.0), M.Conv2d(out_channels, out_channels, 3, padding=1)
        )
        self.shortcut = M.Conv2d(in_channels, out_channels, 1) if in_channels != out_channels else M.Identity()

    def forward(self, x, time):
        h = self.block1(x) + F.expand_dims(self.time(time), axis=[2, 3])
        return self.block2(h) + self.shortcut(x)


class Attention(M.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = M.GroupNorm(2, channels)
        self.q, self.k, self.v = [M.Conv2d(channels, channels, 1) for _ in range(3)]
        self.proj = M.Conv2d(channels, channels, 1)

    def forward(self, x):
        b, c, h, w = x.shape
        y = self.norm(x)
        q, k, v = (layer(y).reshape(b, c, h * w) for layer in (self.q, self.k, self.v))
        weights = F.softmax(F.matmul(q, k, transpose_a=True) / c**0.5, axis=-1)
        y = F.matmul(v, weights, transpose_b=True).reshape(b, c, h, w)
        return x + self.proj(y)


class UNet(M.Module):
    def __init__(self, width=8, times=16):
        super().__init__()
        self.times = times
        self.embed = M.Sequential(M.Linear(times, times), Swish(), M.Linear(times, times))
        self.head = M.Conv2d(1, width, 3, padding=1)
        self.down1 = ResBlock(width, width, times)
        self.shrink = M.Conv2d(width, width, 3, stride=2, padding=1)
        self.down2 = ResBlock(width, 2 * width, times)
        self.attention = Attention(2 * width)
        self.middle = ResBlock(2 * width, 2 * width, times)
        self.grow = M.Conv2d(2 * width, width, 3, padding=1)
        self.up = ResBlock(2 * width, width, times)
        self.tail = M.Sequential(M.GroupNorm(2, width), Swish(), M.Conv2d(width, 1, 3, padding=1))

    def forward(self, x, t):
        time = self.embed(embed(t, self.times))
        wide = self.down1(self.head(x), time)
        deep = self.middle(self.attention(self.down2(self.shrink(wide), time)), time)
        deep = self.grow(F.vision.interpolate(deep, scale_factor=2, mode="nearest"))
        return self.tail(self.up(F.concat([deep, wide], axis=1), time))


class Diffusion:
    def __init__(self):
        self.betas = np.linspace(0.02, 0.3, STEPS)
        self.alphas = np.cumprod(1 - self.betas)

    def noisy(self, image, t, noise):
        alpha = self.alphas[t].reshape(-1, 1, 1, 1)
        return mge.tensor((np.sqrt(alpha) * image + np.sqrt(1 - alpha) * noise).astype("float32"))

    def sample(self, model, x, random):
        for step in reversed(range(STEPS)):
            predicted = model(x, F.full((x.shape[0],), step, dtype="int32"))
            beta, alpha = float(self.betas[step]), float(self.alphas[step])
            x = (x - predicted * (beta / (1 - alpha) ** 0.5)) / (1 - beta) ** 0.5
            if step > 0:
                x = x + mge.tensor(random.standard_normal(x.shape).astype("float32")) * beta**0.5
        return F.tanh(x / 8)


def update_average(average, model, decay):
    averaged = dict(average.named_tensors())
    for name, value in model.named_tensors():
        averaged[name]._reset(decay * averaged[name] + (1 - decay) * value)


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 and "bias" not in name:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            values = random.standard_normal(parameter.shape) / np.sqrt(np.prod(parameter.shape[1:]))
            parameter._reset(mge.tensor(values.astype("float32")))
    return model


def train(model, average, path):
    diffusion, random, losses = Diffusion(), np.random.RandomState(0), []
    gm = GradManager().attach(model.parameters())
    optimizer = Adam(model.parameters(), lr=2e-3, eps=1e-4)
    for _ in range(3):
        image = np.sign(random.uniform(-1, 1, (4, 1, 1, 1)) * np.ones((4, 1, 8, 8)))
        t, noise = random.randint(0, STEPS, 4), random.standard_normal((4, 1, 8, 8))
        with gm:
            predicted = model(diffusion.noisy(image, t, noise), mge.tensor(t.astype("int32")))
            loss = F.loss.square_loss(predicted, mge.tensor(noise.astype("float32")))
            gm.backward(loss)
        optimizer.step()
        optimizer.clear_grad()
        update_average(average, model, 0.5)
        losses.append(loss.item())
    mge.save({"model": model.state_dict(), "ema": average.state_dict()}, path)
    return losses


def main(folder, trained=None):
    losses = []
    if trained is None:
        model = draw(UNet())
        losses = train(model, copy.deepcopy(model), os.path.join(folder, "diffusion.pkl"))
    model = UNet()
    model.load_state_dict(mge.load(os.path.join(trained or folder, "diffusion.pkl"))["ema"])
    model.eval()
    random = np.random.RandomState(9)
    start = mge.tensor(random.standard_normal((2, 1, 8, 8)).astype("float32"))
    images = Diffusion().sample(model, start, random).numpy()
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump(
            {"losses": losses, "metrics": {"mean": float(images.mean())}, "output": images.ravel().tolist()}, file
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
