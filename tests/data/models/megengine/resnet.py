"""A residual network for pictures, with a Dataset and a DataLoader; in MegEngine (1.13) as it is."""

import argparse
import json
import math
import os
import zlib

import megengine as mge
import megengine.autodiff as autodiff
import megengine.data as data
import megengine.functional as F
import megengine.module as M
import megengine.optimizer as optim
import numpy as np


class Textures(data.dataset.Dataset):
    """Pictures of stripes, which lie in one of five directions."""

    def __init__(self, count, seed, size=16):
        super().__init__()
        random = np.random.RandomState(seed)
        rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
        self.labels = random.randint(0, 5, count).astype("int32")
        angles = self.labels[:, None, None] * np.pi / 5
        waves = np.sin(np.cos(angles) * rows + np.sin(angles) * columns)
        self.images = (waves[..., None] + random.normal(0, 0.4, (count, size, size, 3))).astype("float32")

    def __getitem__(self, index):
        return self.images[index], self.labels[index]

    def __len__(self):
        return len(self.labels)


class BasicBlock(M.Module):
    expansion = 1

    def __init__(self, in_channels, channels, stride=1, norm=M.BatchNorm2d):
        super().__init__()
        self.conv1 = M.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = norm(channels)
        self.conv2 = M.Conv2d(channels, channels, 3, 1, padding=1, bias=False)
        self.bn2 = norm(channels)
        self.downsample = (
            M.Identity()
            if in_channels == channels and stride == 1
            else M.Sequential(M.Conv2d(in_channels, channels, 1, stride, bias=False), norm(channels))
        )

    def forward(self, x):
        identity = self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(x))
        return F.relu(x + identity)


class ResNet(M.Module):
    def __init__(self, block=BasicBlock, layers=(1, 1), num_classes=5, width=8):
        super().__init__()
        self.in_channels = width
        self.conv1 = M.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = M.BatchNorm2d(width)
        self.maxpool = M.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, width, layers[0])
        self.layer2 = self._make_layer(block, 2 * width, layers[1], stride=2)
        self.fc = M.Linear(2 * width * block.expansion, num_classes)
        for m in self.modules():
            if isinstance(m, M.Conv2d):
                M.init.msra_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(m, M.BatchNorm2d):
                M.init.ones_(m.weight)
                M.init.zeros_(m.bias)
            elif isinstance(m, M.Linear):
                M.init.msra_uniform_(m.weight, a=math.sqrt(5))

    def _make_layer(self, block, channels, blocks, stride=1):
        layers = [block(self.in_channels, channels, stride)]
        self.in_channels = channels * block.expansion
        layers += [block(self.in_channels, channels) for _ in range(1, blocks)]
        return M.Sequential(*layers)

    def extract_features(self, x):
        outputs = {}
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        outputs["stem"] = x
        x = self.layer1(x)
        outputs["res2"] = x
        x = self.layer2(x)
        outputs["res3"] = x
        return outputs

    def forward(self, x):
        x = self.extract_features(x)["res3"]
        x = F.avg_pool2d(x, 2)
        return self.fc(F.flatten(x, 1))


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name, value in state.items():
        if value.ndim > 1 and name.endswith("weight") and "bn" not in name and "downsample.1" not in name:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            state[name] = (random.standard_normal(value.shape) * np.sqrt(2 / value[0].size)).astype("float32")
    model.load_state_dict(state)
    return model


def train(model, path):
    dataset = Textures(12, seed=0)
    sampler = data.SequentialSampler(dataset, batch_size=4, drop_last=True)
    transform = data.transform.Compose([data.transform.ToMode("CHW")])
    queue = data.DataLoader(dataset, sampler=sampler, transform=transform, num_workers=0)
    opt = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4, nesterov=True)
    gm = autodiff.GradManager().attach(model.parameters())
    losses = []
    model.train()
    for image, label in queue:
        image, label = mge.tensor(image, dtype="float32"), mge.tensor(label, dtype="int32")
        with gm:
            logits = model(image)
            loss = F.nn.cross_entropy(logits, label, label_smooth=0.1)
            gm.backward(loss)
        opt.step().clear_grad()
        losses.append(loss.item())
    mge.save({"state_dict": model.state_dict(), "optimizer": opt.state_dict()}, path)
    return losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("trained", nargs="?")
    args = parser.parse_args()
    losses = [] if args.trained else train(draw(ResNet()), os.path.join(args.folder, "resnet.pkl"))
    model = ResNet()
    model.load_state_dict(mge.load(os.path.join(args.trained or args.folder, "resnet.pkl"))["state_dict"])
    model.eval()
    test = Textures(8, seed=9)
    logits = model(mge.tensor(test.images.transpose(0, 3, 1, 2)))
    acc1, acc2 = F.topk_accuracy(logits, mge.tensor(test.labels), topk=(1, 2))
    metrics = {"top 1": acc1.item(), "top 2": acc2.item()}
    result = {"losses": losses, "metrics": metrics, "output": logits.numpy().ravel().tolist()}
    with open(os.path.join(args.folder, "result.json"), "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
