"""Mirrors the activation modules of `oneflow.nn`: torch's, with OneFlow's base class."""

from __future__ import annotations

import torch

from .. import layers
from .module import Module

__all__ = ["ELU", "GELU", "Identity", "LeakyReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Tanh"]


class ReLU(Module, torch.nn.ReLU):
    """Return the larger of the input and 0.

    >>> ReLU()(torch.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """


class ReLU6(Module, torch.nn.ReLU6):
    """Clip to [0, 6]."""


class LeakyReLU(Module, torch.nn.LeakyReLU):
    """Multiply what is below zero by `negative_slope`, 0.01 unless given."""


class ELU(Module, torch.nn.ELU):
    """Return the input above zero and `alpha * (exp(x) - 1)` below; `alpha` is 1.0 unless given."""


class GELU(Module, torch.nn.GELU):
    """Return `x * Phi(x)`, by the error function, or with `approximate='tanh'` by tanh."""


class SiLU(Module, torch.nn.SiLU):
    """Return `x * sigmoid(x)`."""


class Sigmoid(Module, torch.nn.Sigmoid):
    """Return `1 / (1 + exp(-x))`."""


class Tanh(Module, torch.nn.Tanh):
    """Return the hyperbolic tangent."""


class Identity(Module, torch.nn.Identity):
    """Return the input."""


class Softmax(Module, torch.nn.Softmax):
    """Return exponentials that add up to 1 along the axis `dim`."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__(dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply `softmax`."""
        return layers.softmax(x, self.dim)
