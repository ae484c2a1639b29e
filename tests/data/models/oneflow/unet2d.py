"""U-Net of pictures, with a Dataset and a DataLoader, bilinear upsampling, Dice; in OneFlow (0.9) as it is."""

import argparse
import json
import os
import zlib

import numpy as np
import oneflow as flow
import oneflow.nn as nn
import oneflow.nn.functional as F
from oneflow.utils.data import DataLoader, Dataset


class Discs(Dataset):
    def __init__(self, count, seed, size=16):
        random = np.random.RandomState(seed)
        rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
        center = random.uniform(4, size - 4, (2, count, 1, 1))
        radius = random.uniform(2, 5, (count, 1, 1))
        self.masks = ((rows - center[0]) ** 2 + (columns - center[1]) ** 2 < radius**2).astype(np.float32)[:, None]
        self.images = (self.masks + 0.4 * random.standard_normal((count, 3, size, size))).astype(np.float32)

    def __getitem__(self, index):
        return flow.tensor(self.images[index]), flow.tensor(self.masks[index])

    def __len__(self):
        return len(self.images)


class DoubleConv(nn.Module):
    def __init__(self, in_channels, out_channels, mid_channels=None):
        super().__init__()
        mid_channels = mid_channels or out_channels
        self.double_conv = nn.Sequential(
            nn.Conv2d(in_channels, mid_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(mid_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(mid_channels, out_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return self.double_conv(x)


class Up(nn.Module):
    def __init__(self, in_channels, out_channels, bilinear):
        super().__init__()
        if bilinear:
            self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.conv = DoubleConv(in_channels, out_channels, in_channels // 2)
        else:
            self.up = nn.ConvTranspose2d(in_channels, in_channels // 2, kernel_size=2, stride=2)
            self.conv = DoubleConv(in_channels, out_channels)

    def forward(self, x1, x2):
        x1 = self.up(x1)
        dy, dx = x2.size(2) - x1.size(2), x2.size(3) - x1.size(3)
        x1 = F.pad(x1, (dx // 2, dx - dx // 2, dy // 2, dy - dy // 2))
        return self.conv(flow.cat([x2, x1], dim=1))


class UNet(nn.Module):
    def __init__(self, n_channels=3, n_classes=1, width=4):
        super().__init__()
        self.inc = DoubleConv(n_channels, width)
        self.down1 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(width, 2 * width))
        self.down2 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(2 * width, 4 * width))
        self.up1 = Up(4 * width, 2 * width, bilinear=False)
        self.up2 = Up(3 * width, width, bilinear=True)
        self.outc = nn.Conv2d(width, n_classes, kernel_size=1)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x = self.up1(self.down2(x2), x2)
        return self.outc(self.up2(x, x1))


def dice(probability, target, epsilon=1e-6):
    both = flow.sum(probability * target, dim=(1, 2, 3))
    size = probability.sum(dim=(1, 2, 3)) + target.sum(dim=(1, 2, 3))
    return ((2 * both + epsilon) / (size + epsilon)).mean()


def draw(net):
    """Parameters that depend on their names alone."""
    for name, parameter in net.named_parameters():
        if parameter.ndim > 1 or name.startswith("outc") or "up.bias" in name:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = np.sqrt(2 / np.prod(tuple(parameter.shape)[1:])) if parameter.ndim > 1 else 0.1
            values = (scale * random.standard_normal(tuple(parameter.shape))).astype(np.float32)
            parameter.data.copy_(flow.tensor(values))
    return net


def train(net, path):
    loader = DataLoader(Discs(6, seed=0), batch_size=2, shuffle=False)
    optimizer = flow.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    scheduler = flow.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=3, eta_min=1e-3)
    criterion = nn.BCEWithLogitsLoss(reduction="mean")
    losses = []
    net.train()
    for images, masks in loader:
        predicted = net(images)
        loss = criterion(predicted, masks) + 1 - dice(flow.sigmoid(predicted), masks)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    flow.save(net.state_dict(), path)
    return losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("trained", nargs="?")
    args = parser.parse_args()
    device = flow.device("cuda" if flow.cuda.is_available() else "cpu")
    losses = [] if args.trained else train(draw(UNet().to(device)), os.path.join(args.folder, "unet"))
    net = UNet().to(device)
    net.load_state_dict(flow.load(os.path.join(args.trained or args.folder, "unet"), map_location=device))
    net.eval()
    scores, outputs = [], []
    with flow.no_grad():
        for images, masks in DataLoader(Discs(2, seed=9), batch_size=1):
            probability = flow.sigmoid(net(images.to(device)))
            scores.append(dice((probability > 0.5).float(), masks).item())
            outputs.append(probability.numpy())
    result = {
        "losses": losses,
        "metrics": {"dice": float(np.mean(scores))},
        "output": np.stack(outputs).ravel().tolist(),
    }
    with open(os.path.join(args.folder, "result.json"), "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
