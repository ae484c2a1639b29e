"""3-D U-Net with group norm and trilinear upsampling, weighted cross entropy, AdamW; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
import paddle.nn as nn
import paddle.nn.functional as F
from paddle.io import BatchSampler, DataLoader, Dataset


class Shapes(Dataset):
    """Volumes with a box and a ball, 0 elsewhere."""

    def __init__(self, count, size=8, seed=0):
        self.random = np.random.RandomState(seed)
        self.size = size
        self.samples = [self.sample() for _ in range(count)]

    def sample(self):
        grid = np.stack(np.meshgrid(*[np.arange(self.size)] * 3, indexing="ij"))
        box, ball = self.random.uniform(2, self.size - 2, (2, 3, 1, 1, 1))
        label = (np.abs(grid - box).max(axis=0) < 2).astype("int64")
        label[np.square(grid - ball).sum(axis=0) < 5] = 2
        image = label[None] + 0.5 * self.random.standard_normal((1, *label.shape))
        return image.astype("float32"), label

    def __getitem__(self, index):
        return self.samples[index]

    def __len__(self):
        return len(self.samples)


def conv_block(in_channels, out_channels):
    attribute = paddle.ParamAttr(initializer=nn.initializer.KaimingNormal())
    return nn.Sequential(
        nn.Conv3D(in_channels, out_channels, 3, padding=1, weight_attr=attribute, bias_attr=False),
        nn.GroupNorm(num_groups=4, num_channels=out_channels),
        nn.GELU(),
    )


class UNet3D(nn.Layer):
    def __init__(self, in_channels=1, num_classes=3, widths=(8, 16, 16)):
        super().__init__()
        self.encoders, self.decoders = nn.LayerList(), nn.LayerList()
        for width in widths:
            self.encoders.append(nn.Sequential(conv_block(in_channels, width), conv_block(width, width)))
            in_channels = width
        for width in reversed(widths[:-1]):
            self.decoders.append(conv_block(in_channels + width, width))
            in_channels = width
        self.pool = nn.MaxPool3D(kernel_size=2, stride=2)
        self.up = nn.Upsample(scale_factor=2, mode="trilinear", align_corners=False, data_format="NCDHW")
        self.dropout = nn.Dropout3D(0.0)
        self.head = nn.Conv3D(in_channels, num_classes, kernel_size=1)

    def forward(self, x):
        skips = []
        for encoder in self.encoders:
            skips.append(encoder(self.pool(skips[-1]) if skips else x))
        x = self.dropout(skips.pop())
        for decoder in self.decoders:
            x = decoder(paddle.concat([self.up(x), skips.pop()], axis=1))
        return self.head(x)


def draw(model):
    """Parameters that depend on their names alone."""
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = np.sqrt(2 / np.prod(parameter.shape[1:]))
            parameter.set_value((scale * random.standard_normal(parameter.shape)).astype("float32"))
    return model


def train(model, folder):
    data = Shapes(6)
    sampler = BatchSampler(data, shuffle=False, batch_size=2, drop_last=True)
    loader = DataLoader(data, batch_sampler=sampler, return_list=True)
    rate = paddle.optimizer.lr.LinearWarmup(learning_rate=0.01, warmup_steps=2, start_lr=0.002, end_lr=0.01)
    optimizer = paddle.optimizer.AdamW(
        learning_rate=rate,
        epsilon=1e-4,
        parameters=model.parameters(),
        weight_decay=0.05,
        grad_clip=nn.ClipGradByGlobalNorm(clip_norm=1.0),
        apply_decay_param_fun=lambda name: "group_norm" not in name,
    )
    criterion = nn.CrossEntropyLoss(weight=paddle.to_tensor([0.5, 1.0, 2.0]), axis=1)
    largest = []
    hook = model.encoders[0].register_forward_post_hook(lambda layer, inputs, output: largest.append(output.max()))
    losses = []
    model.train()
    for image, label in loader():
        loss = criterion(model(image), label)
        loss.backward()
        optimizer.step()
        optimizer.clear_grad(set_to_zero=False)
        rate.step()
        losses.append(loss.item())
    hook.remove()
    paddle.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, str(folder / "model.pdparams"))
    return losses + [float(value) for value in largest]


def evaluate(model):
    model.eval()
    image, label = (paddle.to_tensor(each[None]) for each in Shapes(1, seed=9)[0])
    with paddle.no_grad():
        logits = model(image)
        probability = F.softmax(logits, axis=1)
    accuracy = paddle.metric.accuracy(
        paddle.transpose(probability, [0, 2, 3, 4, 1]).reshape([-1, 3]), label.reshape([-1, 1]), k=1
    )
    counts = paddle.summary(model, (1, 1, 8, 8, 8))
    return {"accuracy": float(accuracy), "parameters": int(counts["total_params"])}, logits


def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = train(draw(UNet3D()), folder) if trained is None else []
    model = UNet3D()
    state = paddle.load(str((trained or folder) / "model.pdparams"))
    model.set_state_dict(state["model"])
    metrics, logits = evaluate(model)
    result = {"losses": losses, "metrics": metrics, "output": logits.numpy()[:, 1:].ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
