"""A small GPT: causal attention, tied weights, trained on sums of digits and sampled; in OneFlow (0.9) as it is."""

import json
import math
import os
import sys
import zlib
from dataclasses import dataclass

import numpy as np
import oneflow as flow
import oneflow.nn as nn
from oneflow.nn import functional as F


@dataclass
class Config:
    vocab_size: int = 12
    block_size: int = 16
    n_layer: int = 2
    n_head: int = 3
    n_embd: int = 24


class CausalSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.attn_dropout = nn.Dropout(0.0)
        self.n_head = config.n_head
        ones = flow.ones(config.block_size, config.block_size)
        self.register_buffer("bias", flow.tril(ones).view(1, 1, config.block_size, config.block_size))

    def forward(self, x):
        b, t, c = x.size()
        q, k, v = flow.chunk(self.c_attn(x), 3, dim=2)
        q, k, v = (y.view(b, t, self.n_head, c // self.n_head).transpose(1, 2) for y in (q, k, v))
        att = flow.matmul(q, k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :t, :t] == 0, float("-inf"))
        att = self.attn_dropout(flow.softmax(att, dim=-1))
        y = flow.matmul(att, v).transpose(1, 2).contiguous().view(b, t, c)
        return self.c_proj(y)


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd)
        self.attn = CausalSelfAttention(config)
        self.ln_2 = nn.LayerNorm(config.n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(config.n_embd, 4 * config.n_embd), nn.GELU(), nn.Linear(4 * config.n_embd, config.n_embd)
        )

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(config.vocab_size, config.n_embd),
                "wpe": nn.Embedding(config.block_size, config.n_embd),
                "h": nn.ModuleList([Block(config) for _ in range(config.n_layer)]),
                "ln_f": nn.LayerNorm(config.n_embd),
            }
        )

    def forward(self, tokens, targets=None):
        _, t = tokens.size()
        assert t <= self.config.block_size, f"cannot take {t} tokens, {self.config.block_size} at most"
        positions = flow.arange(0, t, dtype=flow.int64).unsqueeze(0)
        x = self.transformer.wte(tokens) + self.transformer.wpe(positions)
        for block in self.transformer.h:
            x = block(x)
        logits = flow.matmul(self.transformer.ln_f(x), self.transformer.wte.weight.transpose(0, 1))
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)
        return logits, loss

    def configure_optimizers(self, weight_decay, lr):
        decay = [p for _, p in self.named_parameters() if p.dim() >= 2]
        rest = [p for _, p in self.named_parameters() if p.dim() < 2]
        groups = [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]
        return flow.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), eps=1e-4)


def sums(seed, count=8):
    """Tokens of `ab+cd=efg`, of which the sum alone is asked for."""
    random = np.random.RandomState(seed)
    rows = []
    for _ in range(count):
        a, b = random.randint(0, 100, 2)
        rows.append([*map(int, f"{a:02d}"), 10, *map(int, f"{b:02d}"), 11, *map(int, f"{a + b:03d}")])
    tokens = np.array(rows)
    targets = tokens[:, 1:].copy()
    targets[:, :5] = -1
    return flow.tensor(tokens[:, :-1].copy()), flow.tensor(targets)


def draw(model):
    """Parameters that depend on their names alone."""
    state = model.state_dict()
    for name, value in state.items():
        if "ln_" not in name and not name.endswith(".attn.bias"):
            random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
            scale = 0.2 if value.ndim > 1 else 0.02
            state[name] = flow.tensor((scale * random.standard_normal(tuple(value.shape))).astype(np.float32))
    model.load_state_dict(state)
    return model


def train(model, path):
    optimizer = model.configure_optimizers(weight_decay=0.1, lr=5e-3)
    losses = []
    model.train()
    for step in range(3):
        tokens, targets = sums(step)
        _, loss = model(tokens, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0, norm_type=2.0)
        optimizer.step()
        losses.append(loss.item())
    flow.save(model.state_dict(), path)
    return losses


@flow.no_grad()
def generate(model, tokens, count):
    for _ in range(count):
        logits, _ = model(tokens)
        best = flow.argmax(flow.softmax(logits[:, -1, :], dim=-1), dim=-1, keepdim=True)
        tokens = flow.cat([tokens, best], dim=1)
    return tokens


def main(folder, trained=None):
    losses = train(draw(GPT(Config())), os.path.join(folder, "gpt")) if trained is None else []
    model = GPT(Config())
    model.load_state_dict(flow.load(os.path.join(trained or folder, "gpt")))
    model.eval()
    tokens, targets = sums(99, count=4)
    logits, loss = model(tokens, targets)
    written = generate(model, tokens[:, :6], 3)
    metrics = {"loss": loss.item(), "written": float(written.numpy()[:, 6:].sum())}
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump({"losses": losses, "metrics": metrics, "output": logits.detach().numpy().ravel().tolist()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
