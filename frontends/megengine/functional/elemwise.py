"""Mirrors elementwise functions of `megengine.functional`; torch computes them."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...calls import explain_calls
from ..arguments import ArgumentError

__all__ = [
    "abs",
    "clip",
    "exp",
    "gelu",
    "hsigmoid",
    "hswish",
    "leaky_relu",
    "log",
    "logsigmoid",
    "maximum",
    "minimum",
    "pow",
    "relu",
    "relu6",
    "sigmoid",
    "silu",
    "softplus",
    "sqrt",
    "square",
    "tanh",
]


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


def hsigmoid(x: Tensor) -> Tensor:
    """Return `relu6(x + 3) / 6`."""
    return F.hardsigmoid(x)


def hswish(x: Tensor) -> Tensor:
    """Return `x * relu6(x + 3) / 6`."""
    return F.hardswish(x)


def logsigmoid(inp: Tensor) -> Tensor:
    """Return the logarithm of `sigmoid`."""
    return F.logsigmoid(inp)


def softplus(inp: Tensor) -> Tensor:
    """Return `log(1 + exp(x))`."""
    return F.softplus(inp)


def tanh(x: Tensor) -> Tensor:
    """Return the hyperbolic tangent."""
    return torch.tanh(x)


def abs(x: Tensor) -> Tensor:
    """Return absolute values."""
    return torch.abs(x)


def exp(x: Tensor) -> Tensor:
    """Return `e` to the power of `x`."""
    return torch.exp(x)


def log(x: Tensor) -> Tensor:
    """Return natural logarithms."""
    return torch.log(x)


def sqrt(x: Tensor) -> Tensor:
    """Return square roots."""
    return torch.sqrt(x)


def square(x: Tensor) -> Tensor:
    """Return squares."""
    return torch.square(x)


def pow(x: Tensor, y: Any) -> Tensor:
    """Return `x` to the power of `y`, a tensor or a number."""
    return torch.pow(x, y)


def maximum(x: Any, y: Any) -> Tensor:
    """Return the larger of `x` and `y`, tensors or a tensor and a number."""
    return torch.clamp(x, min=y) if isinstance(x, torch.Tensor) else torch.clamp(y, min=x)


def minimum(x: Any, y: Any) -> Tensor:
    """Return the smaller of `x` and `y`, tensors or a tensor and a number."""
    return torch.clamp(x, max=y) if isinstance(x, torch.Tensor) else torch.clamp(y, max=x)


def clip(x: Tensor, lower: Any = None, upper: Any = None) -> Tensor:
    """Clip to [`lower`, `upper`]; None leaves that side open.

    Raises:
        AssertionError: both are None, or `lower` is above `upper`.

    >>> clip(torch.tensor([-2.0, 0.5, 2.0]), -1, 1).tolist()
    [-1.0, 0.5, 1.0]
    """
    if lower is None and upper is None:
        msg = "At least one of 'lower' or 'upper' must not be None; give one."
        raise ArgumentError(msg)
    if lower is not None and upper is not None and lower > upper:
        msg = f"lower={lower} is above upper={upper}: clip lower bound is bigger that upper bound. Exchange them."
        raise ArgumentError(msg)
    return torch.clamp(x, min=lower, max=upper)


explain_calls(globals())
