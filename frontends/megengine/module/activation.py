"""Mirrors the activation modules of `megengine.module`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..functional import elemwise, layers
from ..tensor import Parameter
from .module import Module

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["GELU", "Identity", "LeakyReLU", "PReLU", "ReLU", "SiLU", "Sigmoid", "Softmax"]


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


class PReLU(Module):
    """Multiply what is below zero by a slope that is learned.

    Args:
        num_parameters: 1, or the channels of an input `(N, C, H, W)`. Default: 1.
        init: the slope to begin with. Default: 0.25.
        kwargs: `name`, kept as `.name`.

    Attributes:
        weight: `(1,)`, or `(1, num_parameters, 1, 1)` where there are several, whatever the axes of the input, as in
            MegEngine: for a volume, use one, or reshape.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_parameters = num_parameters
        shape = (1, num_parameters, 1, 1) if num_parameters > 1 else (1,)
        self.weight = Parameter(np.full(shape, init, dtype=np.float32))

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply `prelu`."""
        return layers.prelu(inputs, self.weight)


class Softmax(Module):
    """Module of `softmax`.

    Args:
        axis: as in `softmax`. Default: None.
        kwargs: `name`, kept as `.name`.
    """

    def __init__(self, axis: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply `softmax`."""
        return layers.softmax(inputs, self.axis)

    def _module_info_string(self) -> str:
        return f"axis={self.axis}"
