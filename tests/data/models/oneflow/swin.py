"""Shifted windows over pictures, with relative positions and merged patches; in OneFlow (0.9) as it is."""

import json
import os
import sys
import zlib

import numpy as np
import oneflow as flow
import oneflow.nn as nn


def window_partition(x, size):
    b, h, w, c = x.shape
    x = x.view(b, h // size, size, w // size, size, c)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, size, size, c)


def window_reverse(windows, size, h, w):
    b = windows.shape[0] // (h * w // size // size)
    x = windows.view(b, h // size, w // size, size, size, -1)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(b, h, w, -1)


class Mlp(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(features, hidden), nn.GELU(), nn.Linear(hidden, features)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class WindowAttention(nn.Module):
    def __init__(self, dim, size, num_heads):
        super().__init__()
        self.num_heads, self.scale = num_heads, (dim // num_heads) ** -0.5
        self.relative_position_bias_table = nn.Parameter(flow.zeros((2 * size - 1) * (2 * size - 1), num_heads))
        coords = flow.stack(flow.meshgrid(flow.arange(size), flow.arange(size)))
        coords = flow.flatten(coords, 1)
        relative = (coords[:, :, None] - coords[:, None, :]).permute(1, 2, 0) + size - 1
        index = relative[:, :, 0] * (2 * size - 1) + relative[:, :, 1]
        self.register_buffer("relative_position_index", index)
        self.qkv = nn.Linear(dim, dim * 3, bias=True)
        self.proj = nn.Linear(dim, dim)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x, mask=None):
        b, n, c = x.shape
        qkv = self.qkv(x).reshape(b, n, 3, self.num_heads, c // self.num_heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        attn = flow.matmul(q * self.scale, k.transpose(-2, -1))
        bias = self.relative_position_bias_table[self.relative_position_index.view(-1)].view(n, n, -1)
        attn = attn + bias.permute(2, 0, 1).unsqueeze(0)
        if mask is not None:
            count = mask.shape[0]
            attn = attn.view(b // count, count, self.num_heads, n, n) + mask.unsqueeze(1).unsqueeze(0)
            attn = attn.view(-1, self.num_heads, n, n)
        attn = self.softmax(attn)
        return self.proj(flow.matmul(attn, v).transpose(1, 2).reshape(b, n, c))


class SwinBlock(nn.Module):
    def __init__(self, dim, resolution, num_heads, size=4, shift=0):
        super().__init__()
        self.resolution, self.size, self.shift = resolution, size, shift
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attn = WindowAttention(dim, size, num_heads)
        self.mlp = Mlp(dim, 2 * dim)
        mask = None
        if shift > 0:
            image, count = flow.zeros(1, resolution, resolution, 1), 0
            slices = (slice(0, -size), slice(-size, -shift), slice(-shift, None))
            for h in slices:
                for w in slices:
                    image[:, h, w, :] = count
                    count += 1
            windows = window_partition(image, size).view(-1, size * size)
            mask = windows.unsqueeze(1) - windows.unsqueeze(2)
            mask = mask.masked_fill(mask != 0, -100.0).masked_fill(mask == 0, 0.0)
        self.register_buffer("attn_mask", mask)

    def forward(self, x):
        b, _, c = x.shape
        r = self.resolution
        shortcut = x
        x = self.norm1(x).view(b, r, r, c)
        if self.shift > 0:
            x = flow.roll(x, shifts=(-self.shift, -self.shift), dims=(1, 2))
        windows = window_partition(x, self.size).view(-1, self.size * self.size, c)
        windows = self.attn(windows, mask=self.attn_mask).view(-1, self.size, self.size, c)
        x = window_reverse(windows, self.size, r, r)
        if self.shift > 0:
            x = flow.roll(x, shifts=(self.shift, self.shift), dims=(1, 2))
        x = shortcut + x.view(b, r * r, c)
        return x + self.mlp(self.norm2(x))


class Swin(nn.Module):
    def __init__(self, dim=16, num_heads=4, classes=3):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, dim, kernel_size=2, stride=2)
        self.blocks = nn.ModuleList([SwinBlock(dim, 8, num_heads), SwinBlock(dim, 8, num_heads, shift=2)])
        self.merge_norm = nn.LayerNorm(4 * dim)
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.last = SwinBlock(2 * dim, 4, num_heads)
        self.norm = nn.LayerNorm(2 * dim)
        self.avgpool = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(2 * dim, classes)

    def forward(self, x):
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        b, _, c = x.shape
        x = x.view(b, 8, 8, c)
        x = flow.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1)
        x = self.last(self.reduction(self.merge_norm(x.view(b, -1, 4 * c))))
        x = self.avgpool(self.norm(x).transpose(1, 2))
        return self.head(flow.flatten(x, 1))


def batch(seed, count=4, size=16):
    random = np.random.RandomState(seed)
    labels = random.randint(0, 3, (count,))
    rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    images = np.stack([np.sin([rows, columns, rows + columns][label] * 0.8) for label in labels])[:, None]
    images = images + 0.3 * random.standard_normal((count, 3, size, size))
    return flow.tensor(images.astype(np.float32)), flow.tensor(labels.astype(np.int64))


def draw(model):
    """Parameters that depend on their names alone."""
    state = {}
    for name, value in model.state_dict().items():
        shape = tuple(value.shape)
        random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
        if len(shape) > 1 and (name.endswith("weight") or name.endswith("table")):
            values = random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
            state[name] = flow.tensor(values.astype(np.float32))
        elif name.endswith("bias") and "norm" not in name:
            state[name] = flow.tensor((0.1 * random.standard_normal(shape)).astype(np.float32))
    missing = model.load_state_dict(state, strict=False).missing_keys
    assert not [name for name in missing if "norm" not in name and "index" not in name and "mask" not in name]
    return model


def train(model, path):
    optimizer = flow.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.99), eps=1e-4, weight_decay=0.05)
    criterion = nn.CrossEntropyLoss(reduction="mean")
    losses = []
    for step in range(3):
        images, labels = batch(step)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        flow.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.numpy().item())
    flow.save(model.state_dict(), path)
    return losses


def main(folder, trained=None):
    losses = train(draw(Swin()), os.path.join(folder, "swin")) if trained is None else []
    model = Swin()
    model.load_state_dict(flow.load(os.path.join(trained or folder, "swin")))
    model.eval()
    images, labels = batch(99, count=8)
    with flow.no_grad():
        logits = model(images)
    metrics = {"accuracy": flow.mean((flow.argmax(logits, dim=-1) == labels).to(flow.float32)).item()}
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": logits.numpy().ravel().tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
