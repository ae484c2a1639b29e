"""Rows of what divides a weight by its greatest singular value."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from ...names import Learned, kept
from ...tensor import like, plain
from ..attributes import ParamAttr
from ..names import NAMES
from ..nn.initializer import Normal
from .operands import integers

__all__ = ["spectrally_normalized", "vector"]


def spectrally_normalized(
    x: Tensor, weight_u: Tensor, weight_v: Tensor, dim: int = 0, power_iters: int = 1, eps: float = 1e-12
) -> Tensor:
    """Divide by the greatest singular value, found in so many steps from two vectors, which stay as they are."""
    matrix = plain(x).movedim(dim, 0).flatten(1)
    u, v = plain(weight_u).detach(), plain(weight_v).detach()
    with torch.no_grad():
        for _ in range(power_iters):
            v = matrix.T @ u
            v = v / (torch.linalg.vector_norm(v) + eps)
            u = matrix @ v
            u = u / (torch.linalg.vector_norm(u) + eps)
    return like(plain(x) / torch.dot(u, matrix @ v), x)


def vector(name: str, *, along: bool) -> Learned:
    """Keep a vector that the greatest singular value is found from; it is not learned."""

    def made(layer: Any) -> None:
        size = layer._weight_shape[layer._dim]
        length = size if along else math.prod(layer._weight_shape) // size
        attr = ParamAttr(initializer=Normal(0.0, 1.0), trainable=False)
        layer.add_parameter(name, layer.create_parameter([length], attr))

    return Learned(name, made, role=name)


def checked(layer: Any, weight_shape: Any, dim: int) -> None:
    """Refuse a weight without values, and an axis that it has not."""
    sizes = integers(weight_shape)
    if not math.prod(sizes) or dim >= len(sizes):
        msg = f"weight_shape={sizes}, dim={dim}: no dimension may be 0, and dim should be less than {len(sizes)}."
        raise AssertionError(msg)


NAMES.layer(
    "nn.SpectralNorm",
    spectrally_normalized,
    learned=(
        Learned("shape", checked, ("weight_shape", "dim"), means=None),
        vector("weight_u", along=True),
        vector("weight_v", along=False),
    ),
    weight_shape=kept("_weight_shape", None, integers),
)
