"""Mirrors functions of `paddle` that make tensors and compute with them; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..calls import explain_calls
from .dtype import default_dtype, to_torch_dtype
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "abs",
    "add",
    "concat",
    "exp",
    "is_tensor",
    "matmul",
    "mean",
    "multiply",
    "ones",
    "ones_like",
    "rand",
    "randn",
    "reshape",
    "sqrt",
    "square",
    "stack",
    "subtract",
    "sum",
    "transpose",
    "uniform",
    "zeros",
    "zeros_like",
]


def zeros(shape: Any, dtype: Any = None) -> Tensor:
    """Return zeros, of the default dtype unless one is given.

    >>> zeros([2]).tolist()
    [0.0, 0.0]
    """
    return torch.zeros(_sizes(shape), dtype=_dtype(dtype)).as_subclass(Tensor)


def ones(shape: Any, dtype: Any = None) -> Tensor:
    """Return ones, of the default dtype unless one is given."""
    return torch.ones(_sizes(shape), dtype=_dtype(dtype)).as_subclass(Tensor)


def rand(shape: Any, dtype: Any = None) -> Tensor:
    """Return uniform values from [0, 1), from torch's generator."""
    return torch.rand(_sizes(shape), dtype=_dtype(dtype)).as_subclass(Tensor)


def randn(shape: Any, dtype: Any = None) -> Tensor:
    """Return standard normal values, from torch's generator."""
    return torch.randn(_sizes(shape), dtype=_dtype(dtype)).as_subclass(Tensor)


def uniform(shape: Any, dtype: Any = None, min: float = -1.0, max: float = 1.0) -> Tensor:
    """Return uniform values from [min, max), from torch's generator."""
    return torch.empty(_sizes(shape), dtype=_dtype(dtype)).uniform_(min, max).as_subclass(Tensor)


def zeros_like(x: torch.Tensor, dtype: Any = None) -> torch.Tensor:
    """Return zeros of the shape of `x`, and of its dtype unless one is given."""
    return torch.zeros_like(x, dtype=None if dtype is None else to_torch_dtype(dtype))


def ones_like(x: torch.Tensor, dtype: Any = None) -> torch.Tensor:
    """Return ones of the shape of `x`, and of its dtype unless one is given."""
    return torch.ones_like(x, dtype=None if dtype is None else to_torch_dtype(dtype))


def is_tensor(x: Any) -> bool:
    """Return whether `x` is a tensor, torch's own included."""
    return isinstance(x, torch.Tensor)


def mean(x: torch.Tensor, axis: Any = None, keepdim: bool = False) -> torch.Tensor:
    """Return the mean over the axes, or over all.

    >>> mean(ones([2, 3]), axis=1).shape, mean(ones([2, 3])).shape
    (paddle.Size([2]), paddle.Size([]))
    """
    return torch.mean(x, dim=axis, keepdim=keepdim)


def sum(x: torch.Tensor, axis: Any = None, dtype: Any = None, keepdim: bool = False) -> torch.Tensor:
    """Return the sum over the axes, or over all, in `dtype` if one is given."""
    return torch.sum(x, dim=axis, keepdim=keepdim, dtype=None if dtype is None else to_torch_dtype(dtype))


def concat(x: Sequence[torch.Tensor], axis: int = 0) -> torch.Tensor:
    """Join tensors along an axis that they have."""
    return torch.cat(list(x), dim=axis)


def stack(x: Sequence[torch.Tensor], axis: int = 0) -> torch.Tensor:
    """Join tensors along a new axis."""
    return torch.stack(list(x), dim=axis)


def reshape(x: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Return the values in another shape; -1 is what is left, and 0 the size that the axis had.

    >>> reshape(ones([2, 3, 4]), [0, -1]).shape
    paddle.Size([2, 12])
    """
    sizes = [x.shape[axis] if size == 0 else size for axis, size in enumerate(shape)]
    return torch.reshape(x, sizes)


def transpose(x: torch.Tensor, perm: Sequence[int]) -> torch.Tensor:
    """Permute all axes."""
    return torch.permute(x, list(perm))


def matmul(x: torch.Tensor, y: torch.Tensor, transpose_x: bool = False, transpose_y: bool = False) -> torch.Tensor:
    """Multiply matrices, each with its last two axes swapped if asked for."""
    left = x.transpose(-1, -2) if transpose_x and x.dim() > 1 else x
    right = y.transpose(-1, -2) if transpose_y and y.dim() > 1 else y
    return torch.matmul(left, right)


def add(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return `x + y`."""
    return torch.add(x, y)


def subtract(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return `x - y`."""
    return torch.sub(x, y)


def multiply(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return `x * y`."""
    return torch.mul(x, y)


def abs(x: torch.Tensor) -> torch.Tensor:
    """Return absolute values."""
    return torch.abs(x)


def exp(x: torch.Tensor) -> torch.Tensor:
    """Return `e` to the power of `x`."""
    return torch.exp(x)


def sqrt(x: torch.Tensor) -> torch.Tensor:
    """Return square roots."""
    return torch.sqrt(x)


def square(x: torch.Tensor) -> torch.Tensor:
    """Return squares."""
    return torch.square(x)


def _dtype(dtype: Any) -> torch.dtype:
    return default_dtype() if dtype is None else to_torch_dtype(dtype)


def _sizes(shape: Any) -> list[int]:
    return [int(shape)] if isinstance(shape, int) else [int(size) for size in shape]


explain_calls(globals())
