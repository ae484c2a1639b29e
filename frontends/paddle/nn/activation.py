"""Mirrors the activation functions and layers of `paddle.nn`; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend.arguments import integer
from ...calls import explain_calls
from ..dtype import dtype_name, to_torch_dtype
from .initializer import Constant
from .layer import Layer
from .mapped import is_channel_last, mapped

if TYPE_CHECKING:
    from torch import Tensor

    from ..tensor import Parameter

__all__ = ["ELU", "GELU", "Identity", "LeakyReLU", "PReLU", "ReLU", "Sigmoid", "Silu", "Softmax", "Tanh"]


def relu(x: Tensor) -> Tensor:
    """Return the larger of `x` and 0."""
    return F.relu(x)


def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Multiply what is below zero by `negative_slope`."""
    return F.leaky_relu(x, negative_slope)


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Return `x` above zero and `alpha * (exp(x) - 1)` below."""
    return F.elu(x, alpha)


def gelu(x: Tensor, approximate: bool | str = False) -> Tensor:
    """Return `x * Phi(x)`, by the error function, or with `approximate=True` (or 'tanh') by tanh."""
    return F.gelu(x, approximate="tanh" if approximate in (True, "tanh") else "none")


def silu(x: Tensor) -> Tensor:
    """Return `x * sigmoid(x)`."""
    return F.silu(x)


def sigmoid(x: Tensor) -> Tensor:
    """Return `1 / (1 + exp(-x))`."""
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """Return the hyperbolic tangent."""
    return torch.tanh(x)


def softmax(x: Tensor, axis: int = -1, dtype: Any = None) -> Tensor:
    """Return the softmax along `axis`, computed in `dtype` if one is given."""
    return F.softmax(x, axis, dtype=None if dtype is None else to_torch_dtype(dtype))


def prelu(x: Tensor, weight: Tensor, data_format: str = "NCDHW") -> Tensor:
    """Multiply what is below zero by `weight`: one number, or one per channel."""
    return mapped(F.prelu, x, weight, channel_last=is_channel_last(data_format, "prelu"))


class ReLU(Layer):
    """Layer of `relu`.

    >>> from fourfold.frontends import paddle
    >>> ReLU()(paddle.to_tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply `relu`."""
        return relu(x)


class Sigmoid(Layer):
    """Layer of `sigmoid`."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply `sigmoid`."""
        return sigmoid(x)


class Silu(Layer):
    """Layer of `silu`."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply `silu`."""
        return silu(x)


class Tanh(Layer):
    """Layer of `tanh`."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply `tanh`."""
        return tanh(x)


class Identity(Layer):
    """A layer that returns its input."""

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`."""
        return x


class LeakyReLU(Layer):
    """Layer of `leaky_relu`.

    Args:
        negative_slope: the factor below zero. Default: 0.01.
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self._negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        """Apply `leaky_relu`."""
        return leaky_relu(x, self._negative_slope)

    def extra_repr(self) -> str:
        """Return the slope."""
        return f"negative_slope={self._negative_slope}"


class ELU(Layer):
    """Layer of `elu`.

    Args:
        alpha: the limit below zero is `-alpha`. Default: 1.0.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self._alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        """Apply `elu`."""
        return elu(x, self._alpha)

    def extra_repr(self) -> str:
        """Return alpha."""
        return f"alpha={self._alpha}"


class GELU(Layer):
    """Layer of `gelu`.

    Args:
        approximate: True or 'tanh': by tanh. Default: False.
    """

    def __init__(self, approximate: bool | str = False) -> None:
        super().__init__()
        self._approximate = approximate

    def forward(self, x: Tensor) -> Tensor:
        """Apply `gelu`."""
        return gelu(x, self._approximate)

    def extra_repr(self) -> str:
        """Return the kind."""
        return f"approximate={self._approximate}"


class Softmax(Layer):
    """Layer of `softmax`.

    Args:
        axis: along which the results sum to one. Default: -1.
    """

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self._axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """Apply `softmax`."""
        return softmax(x, self._axis)

    def extra_repr(self) -> str:
        """Return the axis."""
        return f"axis={self._axis}"


class PReLU(Layer):
    """Layer of `prelu`, which learns the factors below zero.

    Args:
        num_parameters: 1, or the channels. Default: 1.
        init: the factors at first. Default: 0.25.
        weight_attr: a ParamAttr, or what stands for one. Default: None.
        data_format: 'NCHW' and its like, or 'NHWC' and its like. Default: 'NCHW'.

    Attributes:
        _weight: `(num_parameters,)`, under Paddle's name of it.
    """

    _weight: Parameter

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, weight_attr: Any = None, data_format: str = "NCHW"
    ) -> None:
        super().__init__()
        is_channel_last(data_format, "prelu")
        self._num_parameters, self._init, self._data_format = (
            integer(num_parameters, "num_parameters"),
            init,
            data_format,
        )
        weight = self.create_parameter([self._num_parameters], weight_attr, default_initializer=Constant(init))
        self.add_parameter("_weight", weight)

    def forward(self, x: Tensor) -> Tensor:
        """Apply `prelu`."""
        return prelu(x, self._weight, self._data_format)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"num_parameters={self._num_parameters}, data_format={self._data_format}, init={self._init}, "
            f"dtype={dtype_name(self._weight.dtype)}"
        )


explain_calls(globals())
