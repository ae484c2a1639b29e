"""Mirrors reductions and products of `megengine.functional`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...calls import explain_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["argmax", "argmin", "logsumexp", "matmul", "max", "mean", "min", "std", "sum", "var"]


def mean(inp: torch.Tensor, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    """Return the mean over the axes, or over all."""
    return torch.mean(inp, dim=axis, keepdim=keepdims)


def sum(inp: torch.Tensor, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    """Return the sum over the axes, or over all, in the dtype of `inp`."""
    return torch.sum(inp, dim=axis, keepdim=keepdims, dtype=inp.dtype)


def var(inp: torch.Tensor, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    """Return the mean squared distance from the mean, which divides by the count, over the axes or over all.

    >>> var(torch.tensor([1.0, 3.0])).item()
    1.0
    """
    return torch.var(inp, dim=axis, correction=0, keepdim=keepdims)


def std(inp: torch.Tensor, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    """Return the square root of `var`."""
    return torch.std(inp, dim=axis, correction=0, keepdim=keepdims)


def max(inp: torch.Tensor, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    """Return the largest value over the axes, or over all."""
    return torch.amax(inp, dim=_axes(axis), keepdim=keepdims)


def min(inp: torch.Tensor, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    """Return the smallest value over the axes, or over all."""
    return torch.amin(inp, dim=_axes(axis), keepdim=keepdims)


def argmax(inp: torch.Tensor, axis: int | None = None, keepdims: bool = False) -> torch.Tensor:
    """Return where the largest value is along the axis, or in the flattened tensor, as int32."""
    return torch.argmax(inp, dim=axis, keepdim=keepdims).to(torch.int32)


def argmin(inp: torch.Tensor, axis: int | None = None, keepdims: bool = False) -> torch.Tensor:
    """Return where the smallest value is along the axis, or in the flattened tensor, as int32."""
    return torch.argmin(inp, dim=axis, keepdim=keepdims).to(torch.int32)


def logsumexp(inp: torch.Tensor, axis: int | Sequence[int], keepdims: bool = False) -> torch.Tensor:
    """Return the logarithm of the sum of exponentials over the axes."""
    return torch.logsumexp(inp, dim=axis if isinstance(axis, int) else tuple(axis), keepdim=keepdims)


def matmul(
    inp1: torch.Tensor, inp2: torch.Tensor, transpose_a: bool = False, transpose_b: bool = False
) -> torch.Tensor:
    """Return the matrix product, with the last two axes of either exchanged if asked for."""
    left = inp1.transpose(-1, -2) if transpose_a else inp1
    right = inp2.transpose(-1, -2) if transpose_b else inp2
    return torch.matmul(left, right)


def _axes(axis: Any) -> Any:
    return () if axis is None else axis


explain_calls(globals())
