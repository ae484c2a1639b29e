"""UNETR: a transformer over patches of a volume, a decoder of transposed convolutions; in Paddle (3.3) as it is."""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn


class PatchEmbed(nn.Layer):
    def __init__(self, size, patch, in_channels, embed_dim):
        super().__init__()
        self.grid = size // patch
        self.proj = nn.Conv3D(in_channels, embed_dim, kernel_size=patch, stride=patch)
        self.position = self.create_parameter(
            shape=[1, self.grid**3, embed_dim], default_initializer=nn.initializer.TruncatedNormal(std=0.02)
        )

    def forward(self, x):
        return self.proj(x).flatten(2).transpose([0, 2, 1]) + self.position


class Block(nn.Layer):
    def __init__(self, dim, num_heads, mlp_ratio=2):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = nn.MultiHeadAttention(dim, num_heads, dropout=0.0)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp_ratio * dim), nn.GELU(), nn.Linear(mlp_ratio * dim, dim))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class UNETR(nn.Layer):
    def __init__(self, size=8, patch=4, dim=24, num_heads=4, width=4, classes=3):
        super().__init__()
        self.embed = PatchEmbed(size, patch, 1, dim)
        self.blocks = nn.LayerList([Block(dim, num_heads) for _ in range(4)])
        self.norm = nn.LayerNorm(dim)
        self.enter = nn.Sequential(nn.Conv3D(1, width, 3, padding="same"), nn.InstanceNorm3D(width), nn.LeakyReLU())
        self.middle = nn.Conv3DTranspose(dim, 2 * width, kernel_size=2, stride=2)
        self.bottom = nn.Conv3DTranspose(dim, 2 * width, kernel_size=2, stride=2)
        self.mix = nn.Sequential(
            nn.Conv3D(4 * width, 2 * width, 3, padding="same"), nn.InstanceNorm3D(2 * width), nn.LeakyReLU()
        )
        self.up = nn.Conv3DTranspose(2 * width, width, kernel_size=3, stride=2, padding=1, output_padding=1)
        self.head = nn.Conv3D(2 * width, classes, 1)

    def as_volume(self, tokens):
        batch, _, dim = tokens.shape
        grid = self.embed.grid
        return tokens.transpose([0, 2, 1]).reshape([batch, dim, grid, grid, grid])

    def forward(self, x):
        tokens, kept = self.embed(x), []
        for index, block in enumerate(self.blocks):
            tokens = block(tokens)
            if index % 2 == 1:
                kept.append(tokens)
        deep = self.bottom(self.as_volume(self.norm(kept.pop())))
        deep = self.mix(paddle.concat([deep, self.middle(self.as_volume(kept.pop()))], axis=1))
        return self.head(paddle.concat([self.up(deep), self.enter(x)], axis=1))


def batch(seed, size=8):
    random = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, size)] * 3, indexing="ij"))
    radius = np.sqrt(np.square(grid - random.uniform(-0.3, 0.3, (2, 3, 1, 1, 1))).sum(1, keepdims=True))
    label = np.digitize(radius, [0.5, 0.9])
    image = np.cos(3 * radius) + 0.3 * random.standard_normal(radius.shape)
    return paddle.to_tensor(image.astype("float32")), paddle.to_tensor(label.astype("int64"))


def draw(model):
    """Parameters that depend on their names alone."""
    state = {}
    for name, value in model.state_dict().items():
        random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
        if value.ndim > 1:
            fan = value.shape[0] if value.ndim == 2 else np.prod(value.shape[1:])
            state[name] = (random.standard_normal(value.shape) / np.sqrt(fan)).astype("float32")
        else:
            state[name] = value
    model.set_state_dict(state)
    return model


def train(model, folder):
    undecayed = [p.name for n, p in model.named_parameters() if n.endswith("bias") or "norm" in n or "position" in n]
    optimizer = paddle.optimizer.AdamW(
        learning_rate=2e-3,
        beta1=0.9,
        beta2=0.95,
        epsilon=1e-4,
        parameters=model.parameters(),
        weight_decay=0.1,
        apply_decay_param_fun=lambda name: name not in undecayed,
    )
    losses = []
    model.train()
    for step in range(3):
        image, label = batch(step)
        logits = model(image).transpose([0, 2, 3, 4, 1])
        entropy = F.cross_entropy(logits.reshape([-1, 3]), label.flatten(), reduction="mean")
        dice = F.dice_loss(F.softmax(logits), label.transpose([0, 2, 3, 4, 1]), epsilon=1e-5)
        loss = 0.5 * entropy + 0.5 * dice
        loss.backward()
        optimizer.step()
        optimizer.clear_gradients()
        losses.append(float(loss))
    paddle.save(model.state_dict(), str(folder / "model.pdparams"))
    return losses


def main(folder, trained=None):
    paddle.set_device("cpu")
    losses = train(draw(UNETR()), folder) if trained is None else []
    model = UNETR()
    model.set_state_dict(paddle.load(str((trained or folder) / "model.pdparams")))
    model.eval()
    image, label = batch(99)
    with paddle.no_grad():
        logits = model(image)
    hits = paddle.equal(paddle.argmax(logits, axis=1, keepdim=True), label)
    metrics = {"accuracy": hits.astype("float32").mean().item()}
    result = {"losses": losses, "metrics": metrics, "output": logits.numpy()[:, 0].ravel().tolist()}
    (folder / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
