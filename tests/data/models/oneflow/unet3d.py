"""3-D U-Net with attention gates and instance norm, focal loss, parameter groups; in OneFlow (0.9) as it is."""

import json
import os
import sys
import zlib

import numpy as np
import oneflow as flow
import oneflow.nn as nn
import oneflow.nn.functional as F


def conv_block(in_channels, out_channels, stride=1):
    return nn.Sequential(
        nn.Conv3d(in_channels, out_channels, 3, stride=stride, padding=1),
        nn.InstanceNorm3d(out_channels, affine=True),
        nn.LeakyReLU(negative_slope=0.01),
    )


class AttentionGate(nn.Module):
    """What of the skipped features the deeper ones ask for."""

    def __init__(self, channels, hidden):
        super().__init__()
        self.of_skip = nn.Conv3d(channels, hidden, 1, bias=False)
        self.of_deep = nn.Conv3d(channels, hidden, 1)
        self.weigh = nn.Conv3d(hidden, 1, 1)

    def forward(self, skip, deep):
        weights = flow.sigmoid(self.weigh(F.relu(self.of_skip(skip) + self.of_deep(deep))))
        return skip * weights.expand_as(skip)


class UNet3d(nn.Module):
    def __init__(self, classes=3, widths=(4, 8, 16)):
        super().__init__()
        self.stages = nn.ModuleList()
        self.ups, self.gates, self.merges = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        in_channels = 1
        for level, width in enumerate(widths):
            self.stages.append(
                nn.Sequential(conv_block(in_channels, width, 2 if level else 1), conv_block(width, width))
            )
            in_channels = width
        for level in range(len(widths) - 1):
            width = widths[level]
            self.ups[str(level)] = nn.ConvTranspose3d(widths[level + 1], width, kernel_size=2, stride=2)
            self.gates[str(level)] = AttentionGate(width, width // 2)
            self.merges[str(level)] = conv_block(2 * width, width)
        self.head = nn.Conv3d(widths[0], classes, 1)

    def forward(self, x):
        skips = []
        for stage in self.stages:
            x = stage(x)
            skips.append(x)
        for level in reversed(range(len(skips) - 1)):
            key = str(level)
            x = self.ups[key](x)
            x = self.merges[key](flow.cat((self.gates[key](skips[level], x), x), 1))
        return self.head(x)


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma
        self.register_buffer("weight", flow.tensor([0.5, 1.0, 1.0]))

    def forward(self, logits, labels):
        log_probability = flow.log_softmax(logits, dim=1)
        chosen = log_probability.gather(1, labels.unsqueeze(1)).squeeze(1)
        focus = (1 - chosen.exp()) ** self.gamma
        return -(self.weight[labels] * focus * chosen).mean()


def volumes(seed, size=8):
    random = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij"))
    one, two = random.uniform(2, size - 3, (2, 2, 3, 1, 1, 1))
    labels = (np.square(grid - one).sum(1) < 6).astype(np.int64)
    labels[np.abs(grid - two).max(1) < 1.6] = 2
    images = labels[:, None] + 0.4 * random.standard_normal((2, 1, size, size, size))
    return flow.tensor(images.astype(np.float32)), flow.tensor(labels)


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name in state:
        shape = tuple(state[name].shape)
        if len(shape) > 1 or name.endswith("bias"):
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = np.sqrt(1 / np.prod(shape[1:])) if len(shape) > 1 else 0.1
            state[name] = flow.tensor((scale * random.standard_normal(shape)).astype(np.float32))
    model.load_state_dict(state, strict=True)
    return model


def train(model, path):
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = flow.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}], lr=3e-3, eps=1e-4
    )
    scheduler = flow.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=lambda step: (1 - step / 4) ** 0.9)
    criterion, losses = FocalLoss(), []
    model.train()
    for step in range(3):
        images, labels = volumes(step)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(float(loss.numpy()))
    flow.save({"model": model.state_dict(), "step": 3}, path)
    return losses


def main(folder, trained=None):
    losses = train(draw(UNet3d()), os.path.join(folder, "unet3d")) if trained is None else []
    model = UNet3d()
    model.load_state_dict(flow.load(os.path.join(trained or folder, "unet3d"))["model"])
    model.eval()
    images, labels = volumes(99)
    with flow.no_grad():
        probability = flow.softmax(model(images), dim=1)
    found = flow.argmax(probability, dim=1)
    metrics = {"accuracy": (found == labels).to(flow.float32).mean().item()}
    result = {"losses": losses, "metrics": metrics, "output": probability[0].numpy().ravel().tolist()}
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
