"""Train a 3-D U-Net to find spheres in noise, stop, and go on from the checkpoint; in MegEngine (1.13) as it is."""

import sys

import megengine as mge
import megengine.functional as F
import megengine.module as M
import megengine.optimizer as optim
import numpy as np
from megengine.autodiff import GradManager


class Norm(M.Module):
    """MegEngine's normalisations take planes."""

    def __init__(self, norm):
        super().__init__()
        self.norm = norm

    def forward(self, x):
        n, c, d, h, w = x.shape
        return self.norm(x.reshape(n, c, d * h, w)).reshape(n, c, d, h, w)


def block(inside, outside, stride=1):
    conv = M.Conv3d(inside, outside, 3, stride, padding=1, bias=False)
    return M.Sequential(conv, Norm(M.BatchNorm2d(outside)), M.PReLU())


class UNet(M.Module):
    def __init__(self):
        super().__init__()
        self.encode = block(1, 4)
        self.middle = M.Sequential(block(4, 8, stride=2), Norm(M.GroupNorm(2, 8)), M.Dropout(0.0))
        self.up = M.ConvTranspose3d(8, 4, 2, stride=2)
        self.decode = block(8, 4)
        self.head = M.Conv3d(4, 1, 1)

    def forward(self, x):
        skipped = self.encode(x)
        wide = self.up(self.middle(skipped))
        return self.head(self.decode(F.concat([wide, skipped], axis=1)))


def volumes(seed, size=8):
    values = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij")) - values.uniform(2, size - 3, (2, 3, 1, 1, 1))
    inside = (np.square(grid).sum(axis=1, keepdims=True) < 6).astype("float32")
    noisy = inside + 0.3 * values.standard_normal(inside.shape)
    return mge.tensor(noisy.astype("float32")), mge.tensor(inside)


def build():
    values = np.random.RandomState(0)
    model = UNet()
    start = {
        key: (0.2 * values.standard_normal(array.shape)).astype("float32") if array.ndim > 1 else array
        for key, array in model.state_dict().items()
    }
    model.load_state_dict(start)
    optimizer = optim.SGD(model.parameters(), lr=0.4, momentum=0.9, weight_decay=1e-4)
    return model, optimizer, optim.MultiStepLR(optimizer, milestones=[3, 6], gamma=0.5)


def train(model, optimizer, scheduler, steps):
    manager = GradManager().attach(model.parameters())
    model.train()
    for step in steps:
        noisy, inside = volumes(step)
        with manager:
            loss = F.nn.binary_cross_entropy(model(noisy), inside)
            manager.backward(loss)
        norm = optim.clip_grad_norm(model.parameters(), 0.5)
        optimizer.step().clear_grad()
        rate = optimizer.param_groups[0]["lr"]
        print(f"step {step} rate {rate:.6f} norm {norm.item():.7f} loss {loss.item():.7f}")
        scheduler.step()


def evaluate(model):
    model.eval()
    noisy, inside = volumes(100)
    print(f"test loss {F.nn.binary_cross_entropy(model(noisy), inside).item():.7f}")


model, optimizer, scheduler = build()
evaluate(model)
train(model, optimizer, scheduler, range(4))
states = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
mge.save({**states, "steps": 4}, sys.argv[1])

model, optimizer, scheduler = build()
states = mge.load(sys.argv[1])
model.load_state_dict(states["model"])
optimizer.load_state_dict(states["optimizer"])
scheduler.load_state_dict(states["scheduler"])
train(model, optimizer, scheduler, range(states["steps"], 8))
evaluate(model)
