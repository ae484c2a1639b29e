"""Stereo by correlation, refined by warping with what was found; in MegEngine (1.13) as it is."""

import json
import os
import sys
import zlib

import megengine as mge
import megengine.functional as F
import megengine.module as M
import megengine.optimizer as optim
import numpy as np
from megengine import Parameter, Tensor
from megengine.autodiff import GradManager


class Features(M.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = M.Conv2d(3, width, 3, stride=2, padding=1)
        self.norm1 = M.InstanceNorm(width)
        self.conv2 = M.Conv2d(width, width, 3, padding=1)
        self.scale = Parameter(np.ones((1, width, 1, 1), "float32"))

    def forward(self, image):
        x = F.relu(self.norm1(self.conv1(image)))
        return self.scale * self.conv2(x)


def correlate(left, right, disparities):
    """Mean products of the left features with the right ones, moved by each disparity."""
    width = left.shape[3]
    planes = []
    for disparity in range(disparities):
        moved = F.nn.pad(right, pad_width=((0, 0), (0, 0), (0, 0), (disparity, 0)), mode="constant")[..., :width]
        planes.append(F.mean(left * moved, axis=1, keepdims=True))
    return F.concat(planes, axis=1)


def warp(image, disparity):
    """The right image as the left eye would see it."""
    n, _, h, w = image.shape
    columns = F.broadcast_to(mge.tensor(np.arange(w, dtype="float32")).reshape(1, 1, 1, w), (n, 1, h, w))
    rows = F.broadcast_to(mge.tensor(np.arange(h, dtype="float32")).reshape(1, 1, h, 1), (n, 1, h, w))
    grid = F.transpose(F.concat([columns - disparity, rows], axis=1), (0, 2, 3, 1))
    return F.vision.remap(image, grid, border_mode="constant", scalar=0.0)


class Stereo(M.Module):
    def __init__(self, disparities=4, width=6):
        super().__init__()
        self.disparities = disparities
        self.features = Features(width)
        self.match = M.Sequential(
            M.Conv2d(disparities, 8, 3, padding=1), M.LeakyReLU(0.1), M.Conv2d(8, disparities, 3, padding=1)
        )
        self.refine = M.Sequential(M.Conv2d(7, 8, 3, padding=1), M.PReLU(8), M.Conv2d(8, 1, 3, padding=1))

    def forward(self, left, right):
        cost = self.match(correlate(self.features(left), self.features(right), self.disparities))
        levels = F.arange(self.disparities).astype("float32").reshape(1, -1, 1, 1)
        coarse = F.sum(F.softmax(cost, axis=1) * levels, axis=1, keepdims=True)
        coarse = 2 * F.vision.interpolate(coarse, size=left.shape[2:], mode="bilinear", align_corners=False)
        seen = warp(right, coarse)
        fine = coarse + self.refine(F.concat([left, left - seen, coarse], axis=1))
        return coarse, fine


def pair(seed, height=16, width=24):
    random = np.random.RandomState(seed)
    texture = random.uniform(0, 1, (1, 3, height, width + 8))
    texture = (texture + np.roll(texture, 1, 3) + np.roll(texture, 1, 2)) / 3
    shift = random.randint(1, 5)
    left, right = texture[..., 4 : width + 4], texture[..., 4 + shift : width + 4 + shift]
    truth = np.full((1, 1, height, width), shift)
    return [Tensor(np.ascontiguousarray(each).astype("float32")) for each in (left, right, truth)]


def draw(net):
    """Parameters that depend on their names alone."""
    state = net.state_dict()
    for name, value in state.items():
        if value.ndim == 4 and name.endswith("weight"):
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            state[name] = (random.standard_normal(value.shape) * np.sqrt(2 / value[0].size)).astype("float32")
    net.load_state_dict(state)
    return net


def train(net, path, steps=3):
    optimizer = optim.AdamW(net.parameters(), lr=5e-3, eps=1e-4, weight_decay=1e-3)
    manager = GradManager().attach(net.parameters())
    losses = []
    net.train()
    for step in range(steps):
        left, right, truth = pair(step)
        with manager:
            coarse, fine = net(left, right)
            loss = 0.5 * F.nn.l1_loss(coarse, truth) + F.nn.square_loss(fine, truth)
            manager.backward(loss)
        optim.clip_grad_value(net.parameters(), lower=-0.5, upper=0.5)
        optimizer.step()
        optimizer.clear_grad()
        losses.append(loss.item())
    with open(path, "wb") as file:
        mge.save(net.state_dict(), file)
    return losses


def main(folder, trained=None):
    losses = train(draw(Stereo()), os.path.join(folder, "stereo.pkl")) if trained is None else []
    net = Stereo()
    with open(os.path.join(trained or folder, "stereo.pkl"), "rb") as file:
        net.load_state_dict(mge.load(file))
    net.eval()
    left, right, truth = pair(99)
    _, fine = net(left, right)
    metrics = {"end point error": F.abs(fine - truth).mean().item()}
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": fine.numpy().ravel().tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
