"""Mirrors elementwise functions of `megengine.functional`; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["abs", "exp", "gelu", "leaky_relu", "relu", "relu6", "sigmoid", "silu", "sqrt", "square", "tanh"]


def relu(x: Tensor) -> Tensor:
    """Return the larger of `x` and 0."""
    return F.relu(x)


def relu6(x: Tensor) -> Tensor:
    """Clip to [0, 6]."""
    return F.relu6(x)


def leaky_relu(inp: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Multiply what is below zero by `negative_slope`."""
    return F.leaky_relu(inp, negative_slope)


def gelu(x: Tensor) -> Tensor:
    """Return `x * Phi(x)`, by the error function."""
    return F.gelu(x)


def silu(x: Tensor) -> Tensor:
    """Return `x * sigmoid(x)`."""
    return F.silu(x)


def sigmoid(x: Tensor) -> Tensor:
    """Return `1 / (1 + exp(-x))`."""
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """Return the hyperbolic tangent."""
    return torch.tanh(x)


def abs(x: Tensor) -> Tensor:
    """Return absolute values."""
    return torch.abs(x)


def exp(x: Tensor) -> Tensor:
    """Return `e` to the power of `x`."""
    return torch.exp(x)


def sqrt(x: Tensor) -> Tensor:
    """Return square roots."""
    return torch.sqrt(x)


def square(x: Tensor) -> Tensor:
    """Return squares."""
    return torch.square(x)
