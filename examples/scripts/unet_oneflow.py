"""Train a 3-D U-Net to find spheres in noise, stop, and go on from the checkpoint; in OneFlow (0.9) as it is."""

import sys

import numpy as np
import oneflow as flow
from oneflow import nn
from oneflow.optim.lr_scheduler import CosineDecayLR, WarmupLR


class Block(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = nn.Conv3d(inside, outside, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm3d(outside)
        self.act = nn.PReLU(outside)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = Block(1, 4)
        self.pool = nn.MaxPool3d(2)
        self.middle = nn.Sequential(Block(4, 8), nn.GroupNorm(2, 8), nn.Dropout(0.0))
        self.up = nn.ConvTranspose3d(8, 4, 2, stride=2)
        self.decode = Block(8, 4)
        self.head = nn.Conv3d(4, 1, 1)

    def forward(self, x):
        skipped = self.encode(x)
        wide = self.up(self.middle(self.pool(skipped)))
        return self.head(self.decode(flow.cat([wide, skipped], dim=1)))


def volumes(seed, size=8):
    values = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij")) - values.uniform(2, size - 3, (2, 3, 1, 1, 1))
    inside = (np.square(grid).sum(axis=1, keepdims=True) < 6).astype("float32")
    noisy = inside + 0.3 * values.standard_normal(inside.shape)
    return flow.tensor(noisy.astype("float32")), flow.tensor(inside)


def build():
    values = np.random.RandomState(0)
    model = UNet()
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            numbers = 0.2 * values.standard_normal(tuple(parameter.shape))
            with flow.no_grad():
                parameter.copy_(flow.tensor(numbers.astype("float32")))
        elif name.endswith("bias"):
            nn.init.zeros_(parameter)
    optimizer = flow.optim.AdamW(model.parameters(), lr=0.15, eps=1e-2, weight_decay=1e-2)
    return model, optimizer, WarmupLR(CosineDecayLR(optimizer, decay_steps=8, alpha=0.1), 0.25, 2)


def train(model, optimizer, scheduler, steps):
    loss_of = nn.BCEWithLogitsLoss()
    model.train()
    for step in steps:
        noisy, inside = volumes(step)
        loss = loss_of(model(noisy), inside)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        optimizer.zero_grad()
        rate = optimizer.param_groups[0]["lr"]
        print(f"step {step} rate {rate:.6f} norm {norm.item():.7f} loss {loss.item():.7f}")
        scheduler.step()


def evaluate(model):
    model.eval()
    noisy, inside = volumes(100)
    with flow.no_grad():
        print(f"test loss {nn.BCEWithLogitsLoss()(model(noisy), inside).item():.7f}")


model, optimizer, scheduler = build()
evaluate(model)
train(model, optimizer, scheduler, range(4))
states = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
flow.save({**states, "steps": 4}, sys.argv[1])

model, optimizer, scheduler = build()
states = flow.load(sys.argv[1])
model.load_state_dict(states["model"])
optimizer.load_state_dict(states["optimizer"])
scheduler.load_state_dict(states["scheduler"])
train(model, optimizer, scheduler, range(states["steps"], 8))
evaluate(model)
