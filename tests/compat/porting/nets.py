"""Models to port, and a state in the words of Paddle."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    """A layer of every kind."""

    def __init__(self, groups: int = 2, axes: int = 3, slopes: int = 4) -> None:
        super().__init__()
        convolution = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[axes]
        transposed = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}[axes]
        self.conv = convolution(2 * groups, 3 * groups, 2, groups=groups)
        self.up = transposed(2 * groups, 3 * groups, 3, groups=groups)
        self.batch = nn.BatchNorm3d(4)
        self.instance = nn.InstanceNorm3d(4, affine=True)
        self.group = nn.GroupNorm(2, 4)
        self.layer = nn.LayerNorm((3, 4))
        self.prelu = nn.PReLU(slopes)
        self.embedding = nn.Embedding(5, 3)
        self.head = nn.Linear(3, 5)


def random_bits(module: nn.Module, seed: int = 0, *, integers: bool = False) -> dict[str, np.ndarray[Any, Any]]:
    """A state in the module's shapes: random bits, NaN payloads and subnormals too, or small integers."""
    random = np.random.default_rng(seed)
    found: dict[str, np.ndarray[Any, Any]] = {}
    for name, tensor in module.state_dict().items():
        shape = tuple(tensor.shape)
        if tensor.dtype == torch.int64:
            found[name] = np.asarray(7)
        elif integers:
            found[name] = random.integers(1, 5, shape).astype(np.float32)
        else:
            found[name] = random.integers(0, 2**32, shape, dtype=np.uint32).view(np.float32)
    return found


def model() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(2, 3))


def paddle_state(names: tuple[str, str, str], *, as_in_fluid: bool = False) -> dict[str, np.ndarray[Any, Any]]:
    """The state of `model()` in Paddle, every tensor filled with a number of its own."""
    linear: dict[str, tuple[int, ...]] = {"weight": (2, 3), "bias": (3,)}
    norm: dict[str, tuple[int, ...]] = dict.fromkeys(("weight", "bias", "_mean", "_variance"), (3,))
    found: dict[str, np.ndarray[Any, Any]] = {}
    for layer, tensors in zip(names, (linear, norm, linear), strict=True):
        for place, (name, shape) in enumerate(tensors.items()):
            found[f"{layer}.w_{place}" if as_in_fluid else f"{layer}.{name}"] = np.full(shape, len(found) + 1.0)
    return found
