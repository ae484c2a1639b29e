"""Mirrors the activation modules of `megengine.module`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..functional import elemwise
from .module import Module

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["GELU", "Identity", "LeakyReLU", "ReLU", "SiLU", "Sigmoid"]


class ReLU(Module):
    """Module of `relu`.

    >>> from fourfold.frontends import megengine
    >>> ReLU()(megengine.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply `relu`."""
        return elemwise.relu(x)


class Sigmoid(Module):
    """Module of `sigmoid`."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply `sigmoid`."""
        return elemwise.sigmoid(inputs)


class SiLU(Module):
    """Module of `silu`."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply `silu`."""
        return elemwise.silu(inputs)


class GELU(Module):
    """Module of `gelu`."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply `gelu`."""
        return elemwise.gelu(inputs)


class Identity(Module):
    """A module that returns its input."""

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`."""
        return x


class LeakyReLU(Module):
    """Module of `leaky_relu`.

    Args:
        negative_slope: the factor below zero. Default: 0.01.
        name: kept as `.name`. Default: None.
    """

    def __init__(self, negative_slope: float = 0.01, *, name: str | None = None) -> None:
        super().__init__(name)
        self.negative_slope = negative_slope

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply `leaky_relu`."""
        return elemwise.leaky_relu(inputs, self.negative_slope)
