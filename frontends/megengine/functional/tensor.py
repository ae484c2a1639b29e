"""Mirrors functions of `megengine.functional` that make, join, reshape and reduce tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..tensor import Tensor, torch_dtype

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["concat", "mean", "ones", "ones_like", "reshape", "stack", "sum", "transpose", "zeros", "zeros_like"]


def zeros(shape: Any, *, dtype: Any = "float32") -> Tensor:
    """Return zeros.

    >>> zeros((2,)).tolist()
    [0.0, 0.0]
    """
    return torch.zeros(shape, dtype=torch_dtype(dtype)).as_subclass(Tensor)


def ones(shape: Any, *, dtype: Any = "float32") -> Tensor:
    """Return ones."""
    return torch.ones(shape, dtype=torch_dtype(dtype)).as_subclass(Tensor)


def zeros_like(inp: torch.Tensor) -> torch.Tensor:
    """Return zeros of the shape and dtype of `inp`."""
    return torch.zeros_like(inp)


def ones_like(inp: torch.Tensor) -> torch.Tensor:
    """Return ones of the shape and dtype of `inp`."""
    return torch.ones_like(inp)


def mean(inp: torch.Tensor, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    """Return the mean over the axes, or over all."""
    return torch.mean(inp, dim=axis, keepdim=keepdims)


def sum(inp: torch.Tensor, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    """Return the sum over the axes, or over all, in the dtype of `inp`."""
    return torch.sum(inp, dim=axis, keepdim=keepdims, dtype=inp.dtype)


def concat(inps: Iterable[torch.Tensor], axis: int = 0) -> torch.Tensor:
    """Join tensors along an axis that they have."""
    return torch.cat(list(inps), dim=axis)


def stack(inps: Iterable[torch.Tensor], axis: int = 0) -> torch.Tensor:
    """Join tensors along a new axis."""
    return torch.stack(list(inps), dim=axis)


def reshape(inp: torch.Tensor, target_shape: Iterable[int]) -> torch.Tensor:
    """Return the values in another shape; -1 is what is left."""
    return torch.reshape(inp, tuple(target_shape))


def transpose(inp: torch.Tensor, pattern: Iterable[int]) -> torch.Tensor:
    """Permute all axes."""
    return torch.permute(inp, tuple(pattern))
