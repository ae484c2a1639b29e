"""Stereo: a cost volume of concatenated features, an hourglass in 3-D, soft argmin; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn


def convbn_3d(in_channels, out_channels, stride=1):
    return nn.Sequential(
        nn.Conv3D(in_channels, out_channels, 3, stride, 1, bias_attr=False), nn.BatchNorm3D(out_channels)
    )


class Features(nn.Layer):
    """Features at half the resolution, with a pyramid of pooled ones."""

    def __init__(self, width):
        super().__init__()
        self.first = nn.Sequential(
            nn.Conv2D(3, width, 3, stride=2, padding=1, bias_attr=False),
            nn.BatchNorm2D(width),
            nn.LeakyReLU(0.1),
            nn.Conv2D(width, width, 3, padding=2, dilation=2, bias_attr=False),
            nn.BatchNorm2D(width),
            nn.LeakyReLU(0.1),
        )
        self.branches = nn.LayerList([nn.Sequential(nn.AvgPool2D(k, k), nn.Conv2D(width, width, 1)) for k in (2, 4)])
        self.last = nn.Conv2D(3 * width, width, 1, bias_attr=False)

    def forward(self, image):
        x = self.first(image)
        pooled = [
            F.interpolate(branch(x), size=x.shape[-2:], mode="bilinear", align_corners=True) for branch in self.branches
        ]
        return self.last(paddle.concat([x, *pooled], axis=1))


class Hourglass(nn.Layer):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Sequential(*convbn_3d(width, 2 * width, stride=2), nn.LeakyReLU(0.1))
        self.conv2 = convbn_3d(2 * width, 2 * width)
        self.conv3 = nn.Sequential(
            nn.Conv3DTranspose(2 * width, width, 3, padding=1, output_padding=1, stride=2, bias_attr=False),
            nn.BatchNorm3D(width),
        )

    def forward(self, x):
        deep = self.conv1(x)
        deep = F.leaky_relu(self.conv2(deep) + deep, 0.1)
        return F.leaky_relu(self.conv3(deep) + x, 0.1)


class Stereo(nn.Layer):
    def __init__(self, max_disparity=8, width=4):
        super().__init__()
        self.max_disparity = max_disparity
        self.features = Features(width)
        self.enter = nn.Sequential(*convbn_3d(2 * width, width), nn.LeakyReLU(0.1))
        self.hourglass = Hourglass(width)
        self.classify = nn.Conv3D(width, 1, 3, padding=1, bias_attr=False)

    def cost_volume(self, left, right):
        slices = []
        for shift in range(self.max_disparity // 2):
            if shift == 0:
                slices.append(paddle.concat([left, right], axis=1))
            else:
                moved = F.pad(right[:, :, :, :-shift], [shift, 0, 0, 0])
                masked = F.pad(left[:, :, :, shift:], [shift, 0, 0, 0])
                slices.append(paddle.concat([masked, moved], axis=1))
        return paddle.stack(slices, axis=2)

    def forward(self, left, right):
        cost = self.enter(self.cost_volume(self.features(left), self.features(right)))
        cost = self.classify(self.hourglass(cost))
        size = [self.max_disparity, left.shape[2], left.shape[3]]
        cost = F.interpolate(cost, size=size, mode="trilinear", align_corners=False, data_format="NCDHW")
        probability = F.softmax(-cost.squeeze(1), axis=1)
        disparities = paddle.arange(self.max_disparity, dtype="float32").reshape([1, -1, 1, 1])
        return paddle.sum(probability * disparities, axis=1)


def pair(seed, height=16, width=24):
    random = np.random.RandomState(seed)
    right = random.uniform(0, 1, (1, 3, height, width)).astype("float32")
    disparity = np.full((1, height, width), 2.0, "float32")
    disparity[:, 4:12, 6:18] = 5
    columns = np.clip(np.arange(width) - disparity[0].astype(int), 0, width - 1)
    left = np.take_along_axis(right, np.broadcast_to(columns[None, None], right.shape), axis=3)
    return [paddle.to_tensor(each) for each in (left, right, disparity)]


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        if len(parameter.shape) > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = np.sqrt(2 / np.prod(parameter.shape[1:]))
            parameter.set_value((scale * random.standard_normal(parameter.shape)).astype("float32"))
    return model


def train(model, folder):
    rate = paddle.optimizer.lr.MultiStepDecay(0.01, milestones=[2], gamma=0.1)
    optimizer = paddle.optimizer.Momentum(rate, parameters=model.parameters(), grad_clip=nn.ClipGradByNorm(1.0))
    losses = []
    model.train()
    for step in range(3):
        left, right, disparity = pair(step)
        mask = (disparity < model.max_disparity) & (disparity > 2)
        loss = F.smooth_l1_loss(paddle.masked_select(model(left, right), mask), paddle.masked_select(disparity, mask))
        optimizer.clear_grad()
        loss.backward()
        optimizer.step()
        rate.step()
        losses.append(float(loss))
    paddle.save({"epoch": 1, "state_dict": model.state_dict()}, str(folder / "model.pdparams"))
    return losses


def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = train(draw(Stereo()), folder) if trained is None else []
    model = Stereo()
    model.set_state_dict(paddle.load(str((trained or folder) / "model.pdparams"))["state_dict"])
    model.eval()
    left, right, disparity = pair(99)
    with paddle.no_grad():
        found = model(left, right)
    error = paddle.abs(found - disparity)
    metrics = {"end point error": error.mean().item(), "three pixels": (error > 3).astype("float32").mean().item()}
    result = {"losses": losses, "metrics": metrics, "output": found.numpy().ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
