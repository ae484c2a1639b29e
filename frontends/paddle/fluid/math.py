"""Mirrors the elementwise functions, reductions and losses of `paddle.fluid.layers`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import abs, exp, sqrt, square

from ..rows.basics import dropout as paddle_dropout
from ..rows.shapes import reshaped as reshape
from .activations import activation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__ = [
    "abs",
    "concat",
    "dropout",
    "elementwise_add",
    "elementwise_div",
    "elementwise_mul",
    "elementwise_sub",
    "exp",
    "leaky_relu",
    "mean",
    "mse_loss",
    "reduce_mean",
    "reduce_sum",
    "relu",
    "reshape",
    "sigmoid",
    "softmax",
    "sqrt",
    "square",
    "square_error_cost",
    "tanh",
]


def relu(x: Tensor) -> Tensor:
    """Return the larger of `x` and 0."""
    return F.relu(x)


def leaky_relu(x: Tensor, alpha: float = 0.02) -> Tensor:
    """Multiply what is below zero by `alpha`."""
    return F.leaky_relu(x, alpha)


def sigmoid(x: Tensor) -> Tensor:
    """Return `1 / (1 + exp(-x))`."""
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """Return the hyperbolic tangent."""
    return torch.tanh(x)


def softmax(input: Tensor, *, axis: int = -1) -> Tensor:
    """Return the softmax along `axis`."""
    return F.softmax(input, axis)


def concat(input: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Join tensors along an axis that they have."""
    return torch.cat(list(input), dim=axis)


def square_error_cost(input: Tensor, label: Tensor) -> Tensor:
    """Return the squared differences, one per element."""
    return torch.square(input - label)


def mse_loss(input: Tensor, label: Tensor) -> Tensor:
    """Return the mean of the squared differences, of shape (1,)."""
    return reduce_mean(square_error_cost(input, label))


def mean(x: Tensor) -> Tensor:
    """Return the mean over all axes, of shape (1,): fluid has no tensor without axes.

    >>> mean(torch.tensor([1.0, 3.0]))
    tensor([2.])
    """
    return torch.mean(x).reshape(1)


def reduce_mean(input: Tensor, dim: Any = None, keep_dim: bool = False) -> Tensor:
    """Return the mean over the axes `dim`, or over all; a result without axes gets shape (1,)."""
    return _with_axis(torch.mean(input, dim=dim, keepdim=keep_dim))


def reduce_sum(input: Tensor, dim: Any = None, keep_dim: bool = False) -> Tensor:
    """Return the sum over the axes `dim`, or over all; a result without axes gets shape (1,)."""
    return _with_axis(torch.sum(input, dim=dim, keepdim=keep_dim))


def _with_axis(result: Tensor) -> Tensor:
    return result.reshape(1) if result.dim() == 0 else result


def dropout(
    x: Tensor, dropout_prob: float, is_test: bool = False, *, dropout_implementation: str = "downgrade_in_infer"
) -> Tensor:
    """Set values to zero at random, unless `is_test`; see `dygraph.Dropout`."""
    mode = dropout_implementation.replace("downgrade", "downscale")
    return paddle_dropout(x, dropout_prob, training=not is_test, mode=mode)


def elementwise_add(x: Tensor, y: Tensor, axis: int = -1, act: str | None = None) -> Tensor:
    """Return `x + y`, the axes of `y` being those of `x` from `axis` on; -1: the last ones.

    >>> elementwise_add(torch.zeros(2, 3, 1), torch.tensor([1.0, 2.0]), axis=0)[:, 0, 0]
    tensor([1., 2.])
    """
    return _elementwise(torch.add, x, y, axis, act)


def elementwise_sub(x: Tensor, y: Tensor, axis: int = -1, act: str | None = None) -> Tensor:
    """Return `x - y`; arguments as in `elementwise_add`."""
    return _elementwise(torch.sub, x, y, axis, act)


def elementwise_mul(x: Tensor, y: Tensor, axis: int = -1, act: str | None = None) -> Tensor:
    """Return `x * y`; arguments as in `elementwise_add`."""
    return _elementwise(torch.mul, x, y, axis, act)


def elementwise_div(x: Tensor, y: Tensor, axis: int = -1, act: str | None = None) -> Tensor:
    """Return `x / y`; arguments as in `elementwise_add`."""
    return _elementwise(torch.div, x, y, axis, act)


def _elementwise(function: Callable[..., Tensor], x: Tensor, y: Tensor, axis: int, act: str | None) -> Tensor:
    first = x.dim() - y.dim() if axis == -1 else axis
    output = function(x, y.reshape([*y.shape, *[1] * (x.dim() - first - y.dim())]))
    apply = activation(act)
    return output if apply is None else apply(output)
