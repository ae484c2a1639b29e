"""A residual network of bottlenecks for pictures, with a penalty of its weights; in OneFlow (0.9) as it is."""

import argparse
import json
import os
import zlib

import numpy as np
import oneflow as flow
from oneflow import nn


def conv3x3(in_planes, out_planes, stride=1, groups=1):
    return nn.Conv2d(in_planes, out_planes, 3, stride=stride, padding=1, groups=groups, bias=False)


def conv1x1(in_planes, out_planes, stride=1):
    return nn.Conv2d(in_planes, out_planes, kernel_size=1, stride=stride, bias=False)


class Bottleneck(nn.Module):
    expansion: int = 2

    def __init__(self, inplanes, planes, stride=1, downsample=None, groups=2):
        super().__init__()
        self.conv1 = conv1x1(inplanes, planes)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = conv3x3(planes, planes, stride, groups)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = conv1x1(planes, planes * self.expansion)
        self.bn3 = nn.BatchNorm2d(planes * self.expansion)
        self.relu = nn.ReLU()
        self.downsample = downsample

    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=4, width=8):
        super().__init__()
        self.inplanes = width
        self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, width, layers[0])
        self.layer2 = self._make_layer(block, 2 * width, layers[1], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(2 * width * block.expansion, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.constant_(m.weight, 1)
                nn.init.constant_(m.bias, 0)

    def _make_layer(self, block, planes, blocks, stride=1):
        downsample = None
        if stride != 1 or self.inplanes != planes * block.expansion:
            downsample = nn.Sequential(
                conv1x1(self.inplanes, planes * block.expansion, stride), nn.BatchNorm2d(planes * block.expansion)
            )
        layers = [block(self.inplanes, planes, stride, downsample)]
        self.inplanes = planes * block.expansion
        for _ in range(1, blocks):
            layers.append(block(self.inplanes, planes))
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer2(self.layer1(x))
        return self.fc(flow.flatten(self.avgpool(x), 1))


def batch(seed, count=6, size=16):
    random = np.random.RandomState(seed)
    labels = random.randint(0, 4, count)
    rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    kinds = np.stack([np.sin(rows), np.sin(columns), np.sin(rows + columns), np.sin(rows) * np.sin(columns)])
    images = kinds[labels][:, None] + 0.4 * random.standard_normal((count, 3, size, size))
    return flow.tensor(images, dtype=flow.float32), flow.tensor(labels, dtype=flow.int64)


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1 or name == "fc.bias":
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            shape = tuple(parameter.shape)
            scale = np.sqrt(2 / np.prod(shape[1:])) if len(shape) > 1 else 0.1
            with flow.no_grad():
                parameter.copy_(flow.tensor((scale * random.standard_normal(shape)).astype(np.float32)))
    return model


def train(model, path):
    optimizer = flow.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    cosine = flow.optim.lr_scheduler.CosineDecayLR(optimizer, decay_steps=4, alpha=0.1)
    scheduler = flow.optim.lr_scheduler.WarmUpLR(cosine, warmup_factor=0.5, warmup_iters=2, warmup_method="linear")
    criterion = nn.CrossEntropyLoss()
    losses = []
    model.train()
    for step in range(3):
        images, labels = batch(step)
        loss = criterion(model(images), labels)
        penalty = sum(flow.sum(p.square()) for p in model.parameters() if p.dim() == 4)
        (loss + 1e-4 * penalty).backward()
        optimizer.step()
        optimizer.zero_grad()
        scheduler.step()
        losses += [loss.item(), penalty.item()]
    flow.save({"state_dict": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
    return losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("trained", nargs="?")
    args = parser.parse_args()
    losses = []
    if args.trained is None:
        losses = train(draw(ResNet(Bottleneck, [1, 2])), os.path.join(args.folder, "resnet"))
    model = ResNet(Bottleneck, [1, 2])
    model.load_state_dict(flow.load(os.path.join(args.trained or args.folder, "resnet"))["state_dict"])
    model.eval()
    images, labels = batch(99, count=10)
    with flow.no_grad():
        logits = model(images)
    best = flow.topk(logits, 2, dim=1)[1]
    hits = best.eq(labels.view(-1, 1).expand_as(best)).float()
    metrics = {"top 1": hits[:, :1].sum().item() / 10, "top 2": hits.sum().item() / 10}
    result = {"losses": losses, "metrics": metrics, "output": logits.numpy().ravel().tolist()}
    with open(os.path.join(args.folder, "result.json"), "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
