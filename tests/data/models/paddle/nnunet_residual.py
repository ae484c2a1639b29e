"""nnU-Net's residual encoder with squeeze and excitation, under automatic casts; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
import paddle.nn as nn
import paddle.nn.functional as F


class SqueezeExcite(nn.Layer):
    """Weights of channels, from parameters of its own making."""

    def __init__(self, channels, reduced):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool3D(1)
        bounded = nn.initializer.Uniform(-0.3, 0.3)
        self.squeeze = self.create_parameter([channels, reduced], default_initializer=bounded)
        self.excite = self.create_parameter([reduced, channels], default_initializer=bounded)
        self.shift = self.create_parameter([channels], is_bias=True)
        self.add_parameter("scale", self.create_parameter([1], default_initializer=nn.initializer.Constant(1.0)))

    def forward(self, x):
        pooled = self.pool(x).flatten(1)
        weights = F.sigmoid(paddle.matmul(F.relu(paddle.matmul(pooled, self.squeeze)), self.excite) + self.shift)
        return x * (self.scale * weights).unsqueeze([2, 3, 4])


class BasicBlock(nn.Layer):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.conv1 = nn.Conv3D(in_channels, out_channels, 3, stride=stride, padding=1, bias_attr=False)
        self.norm1 = nn.InstanceNorm3D(out_channels)
        self.conv2 = nn.Conv3D(out_channels, out_channels, 3, padding=1, bias_attr=False)
        self.norm2 = nn.InstanceNorm3D(out_channels)
        self.attention = SqueezeExcite(out_channels, 4)
        self.skip = None
        if stride != 1 or in_channels != out_channels:
            layers = [nn.AvgPool3D(stride, stride)] if stride != 1 else []
            layers += [nn.Conv3D(in_channels, out_channels, 1, bias_attr=False), nn.InstanceNorm3D(out_channels)]
            self.skip = nn.Sequential(*layers)

    def forward(self, x):
        residual = x if self.skip is None else self.skip(x)
        y = F.leaky_relu(self.norm1(self.conv1(x)), 0.01)
        y = self.attention(self.norm2(self.conv2(y)))
        return F.leaky_relu(y + residual, negative_slope=0.01)


class ResidualUNet(nn.Layer):
    def __init__(self, num_classes=2, widths=(4, 8, 16), blocks=(1, 2, 1)):
        super().__init__()
        self.stem = nn.Conv3D(1, widths[0], 3, padding=1)
        stages, in_channels = [], widths[0]
        for level, (width, count) in enumerate(zip(widths, blocks)):
            stage = [BasicBlock(in_channels, width, 2 if level else 1)]
            stage += [BasicBlock(width, width, 1) for _ in range(count - 1)]
            stages.append(nn.Sequential(*stage))
            in_channels = width
        self.stages = nn.LayerList(stages)
        for level in range(len(widths) - 1):
            self.add_sublayer(f"up{level}", nn.Conv3DTranspose(widths[level + 1], widths[level], 2, stride=2))
            self.add_sublayer(f"merge{level}", nn.Conv3D(2 * widths[level], widths[level], 3, padding=1))
        self.head = nn.Conv3D(widths[0], num_classes, 1)

    def forward(self, x):
        features = [self.stages[0](self.stem(x))]
        for stage in self.stages[1:]:
            features.append(stage(features[-1]))
        y = features[-1]
        for level in reversed(range(len(features) - 1)):
            y = paddle.concat([getattr(self, f"up{level}")(y), features[level]], axis=1)
            y = F.leaky_relu(getattr(self, f"merge{level}")(y))
        return self.head(y)


def batch(seed, size=8):
    random = np.random.RandomState(seed)
    depth = np.arange(size).reshape(1, 1, size, 1, 1)
    label = (depth + random.uniform(-1, 1, (2, 1, 1, size, size)) > size / 2).astype("int64")
    image = label + 0.5 * random.randn(*label.shape)
    return paddle.to_tensor(image, dtype="float32"), paddle.to_tensor(label[:, 0])


def draw(layer, name=""):
    """Parameters that depend on their names alone."""
    for key, parameter in layer.named_parameters():
        if len(parameter.shape) > 1:
            random = np.random.RandomState(zlib.crc32((name + key).encode()) % 2**31)
            scale = 1 / np.sqrt(np.prod(parameter.shape[1:]))
            parameter.set_value((scale * random.randn(*parameter.shape)).astype("float32"))
    return layer


def train(model, folder):
    optimizer = paddle.optimizer.Momentum(
        learning_rate=paddle.optimizer.lr.CosineAnnealingDecay(0.05, T_max=3, eta_min=0.005),
        parameters=[
            {"params": model.stages.parameters()},
            {"params": [p for n, p in model.named_parameters() if not n.startswith("stages")], "learning_rate": 0.5},
        ],
        weight_decay=1e-4,
    )
    scaler = paddle.amp.GradScaler(init_loss_scaling=128.0, use_dynamic_loss_scaling=False)
    losses = []
    model.train()
    for step in range(3):
        image, label = batch(step)
        with paddle.amp.auto_cast(level="O1"):
            logits = model(image)
            loss = F.cross_entropy(logits, label, axis=1)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.clear_grad()
        optimizer._learning_rate.step()
        losses.append(loss.item())
    paddle.save(model.state_dict(), str(folder / "model.pdparams"))
    return losses


@paddle.no_grad()
def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = []
    if trained is None:
        with paddle.enable_grad():
            losses = train(draw(ResidualUNet()), folder)
    model = ResidualUNet()
    missing, unexpected = model.set_state_dict(paddle.load(str((trained or folder) / "model.pdparams")))
    model.eval()
    image, label = batch(99)
    logits = model(image)
    metrics = {
        "unloaded": len(missing) + len(unexpected),
        "accuracy": float(paddle.mean(paddle.cast(paddle.argmax(logits, 1) == label, "float32"))),
        "blocks": sum(isinstance(layer, BasicBlock) for layer in model.sublayers()),
    }
    result = {"losses": losses, "metrics": metrics, "output": logits.numpy()[0].ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
