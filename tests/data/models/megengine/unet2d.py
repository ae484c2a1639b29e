"""U-Net of pictures with a schedule and mixed losses, from a DataLoader; in MegEngine (1.13) as it is."""

import argparse
import json
import os
import zlib

import megengine as mge
import megengine.autodiff as ad
import megengine.functional as F
import megengine.module as M
import megengine.optimizer as optim
import numpy as np
from megengine.data import DataLoader, SequentialSampler
from megengine.data.dataset import ArrayDataset
from megengine.data.transform import Compose, Normalize, ToMode


class DoubleConv(M.Sequential):
    def __init__(self, in_channels, out_channels):
        super().__init__(
            M.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
            M.BatchNorm2d(out_channels),
            M.ReLU(),
            M.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            M.BatchNorm2d(out_channels),
            M.ReLU(),
        )


class UNet(M.Module):
    def __init__(self, in_channels=3, num_classes=1, width=6):
        super().__init__()
        self.inc = DoubleConv(in_channels, width)
        self.down1 = M.Sequential(M.MaxPool2d(2, 2), DoubleConv(width, 2 * width))
        self.down2 = M.Sequential(M.MaxPool2d(2, 2), DoubleConv(2 * width, 4 * width))
        self.up1 = M.ConvTranspose2d(4 * width, 2 * width, kernel_size=2, stride=2)
        self.conv1 = DoubleConv(4 * width, 2 * width)
        self.conv2 = DoubleConv(3 * width, width)
        self.outc = M.Conv2d(width, num_classes, 1)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        y = self.conv1(F.concat([x2, self.up1(x3)], axis=1))
        y = F.vision.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)
        return self.outc(self.conv2(F.concat([x1, y], 1)))


def pictures(seed, count, size=16):
    random = np.random.RandomState(seed)
    rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    images, masks = [], []
    for _ in range(count):
        row, column, radius = random.uniform(4, size - 4, 2).tolist() + [random.uniform(2, 5)]
        mask = ((rows - row) ** 2 + (columns - column) ** 2 < radius**2).astype("float32")
        images.append((255 * np.clip(mask[..., None] * 0.5 + random.uniform(0, 0.5, (size, size, 3)), 0, 1)))
        masks.append(mask)
    return np.array(images, "float32"), np.array(masks)


def loader(seed, count, batch_size):
    images, masks = pictures(seed, count)
    dataset = ArrayDataset(images, masks)
    sampler = SequentialSampler(dataset, batch_size=batch_size)
    return DataLoader(dataset, sampler=sampler, transform=Compose([Normalize(mean=128.0, std=64.0), ToMode("CHW")]))


def draw(net):
    """Parameters that depend on their names alone."""
    for name, parameter in net.named_parameters():
        if "weight" in name and (parameter.shape[-1] > 1 or name.startswith("outc")):
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = np.sqrt(2.0 / np.prod(parameter.shape[1:]))
            parameter[...] = mge.tensor((scale * random.standard_normal(parameter.shape)).astype("float32"))
    return net


def dice(logits, masks):
    probability = F.sigmoid(logits)
    both = (probability * masks).sum()
    return 1 - (2 * both + 1) / (probability.sum() + masks.sum() + 1)


def train(net, path):
    optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    scheduler = optim.MultiStepLR(optimizer, milestones=[2], gamma=0.1)
    gm = ad.GradManager()
    gm.attach(net.parameters())
    losses = []
    net.train()
    for images, masks in loader(0, 6, 2):
        images, masks = mge.tensor(images), F.expand_dims(mge.tensor(masks), axis=1)
        optimizer.clear_grad()
        with gm:
            logits = net(images)
            loss = F.nn.binary_cross_entropy(logits, masks) + dice(logits, masks)
            gm.backward(loss)
        optimizer.step()
        scheduler.step()
        losses.append(float(loss.numpy()))
    mge.save({"epoch": 1, "state_dict": net.state_dict(), "opt": optimizer.state_dict()}, path)
    return losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("trained", nargs="?")
    args = parser.parse_args()
    losses = [] if args.trained else train(draw(UNet()), os.path.join(args.folder, "unet.pkl"))
    net = UNet()
    checkpoint = mge.load(os.path.join(args.trained or args.folder, "unet.pkl"), map_location="cpu0")
    net.load_state_dict(checkpoint["state_dict"], strict=True)
    net.eval()
    outputs, both, either = [], 0.0, 0.0
    for images, masks in loader(9, 2, 1):
        logits = net(mge.tensor(images))
        found = (logits > 0).numpy()[:, 0]
        both += float(np.logical_and(found, masks > 0).sum())
        either += float(np.logical_or(found, masks > 0).sum())
        outputs.append(F.sigmoid(logits).numpy())
    result = {"losses": losses, "metrics": {"iou": both / either}, "output": np.concatenate(outputs).ravel().tolist()}
    with open(os.path.join(args.folder, "result.json"), "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
