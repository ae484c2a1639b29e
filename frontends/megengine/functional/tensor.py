"""Mirrors functions of `megengine.functional` that make, join, split and reshape tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...calls import explain_calls
from ..tensor import Tensor, torch_dtype

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "arange",
    "broadcast_to",
    "concat",
    "expand_dims",
    "flatten",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "reshape",
    "split",
    "squeeze",
    "stack",
    "transpose",
    "where",
    "zeros",
    "zeros_like",
]


def zeros(shape: Any, *, dtype: Any = "float32") -> Tensor:
    """Return zeros.

    >>> zeros((2,)).tolist()
    [0.0, 0.0]
    """
    return torch.zeros(shape, dtype=torch_dtype(dtype)).as_subclass(Tensor)


def ones(shape: Any, *, dtype: Any = "float32") -> Tensor:
    """Return ones."""
    return torch.ones(shape, dtype=torch_dtype(dtype)).as_subclass(Tensor)


def full(shape: int | Sequence[int], value: float, *, dtype: Any = None) -> Tensor:
    """Return one value everywhere; without a dtype, float32, or int32 of an integer and bool of a bool.

    >>> full((2,), 3).dtype, full(2, 0.5).tolist()
    (torch.int32, [0.5, 0.5])
    """
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    return Tensor(value, dtype=dtype).expand(sizes).clone()  # type: ignore[return-value]


def arange(start: float = 0, stop: float | None = None, step: float = 1, *, dtype: Any = "float32") -> Tensor:
    """Return `arange(stop)`, `arange(start, stop)` or `arange(start, stop, step)`; the end is left out.

    >>> arange(3).tolist()
    [0.0, 1.0, 2.0]
    """
    first, end = (0, start) if stop is None else (start, stop)
    return torch.arange(first, end, step, dtype=torch.float32).to(torch_dtype(dtype)).as_subclass(Tensor)


def zeros_like(inp: torch.Tensor) -> torch.Tensor:
    """Return zeros of the shape and dtype of `inp`."""
    return torch.zeros_like(inp)


def ones_like(inp: torch.Tensor) -> torch.Tensor:
    """Return ones of the shape and dtype of `inp`."""
    return torch.ones_like(inp)


def full_like(inp: torch.Tensor, value: float) -> torch.Tensor:
    """Return one value everywhere, in the shape and dtype of `inp`."""
    return torch.full_like(inp, value)


def concat(inps: Iterable[torch.Tensor], axis: int = 0) -> torch.Tensor:
    """Join tensors along an axis that they have."""
    return torch.cat(list(inps), dim=axis)


def stack(inps: Iterable[torch.Tensor], axis: int = 0) -> torch.Tensor:
    """Join tensors along a new axis."""
    return torch.stack(list(inps), dim=axis)


def split(inp: torch.Tensor, nsplits_or_sections: int | Sequence[int], axis: int = 0) -> list[torch.Tensor]:
    """Cut into that many parts, the first ones larger if need be; or at the indices, as NumPy's `split`.

    >>> [part.tolist() for part in split(torch.arange(5), [1, 4])]
    [[0], [1, 2, 3], [4]]
    """
    where = nsplits_or_sections if isinstance(nsplits_or_sections, int) else list(nsplits_or_sections)
    return list(torch.tensor_split(inp, where, dim=axis))


def reshape(inp: torch.Tensor, target_shape: Iterable[int]) -> torch.Tensor:
    """Return the values in another shape; -1 is what is left."""
    return torch.reshape(inp, tuple(target_shape))


def flatten(inp: torch.Tensor, start_axis: int = 0, end_axis: int = -1) -> torch.Tensor:
    """Make one axis of those from `start_axis` to `end_axis`, both included."""
    return torch.flatten(inp, start_axis, end_axis)


def squeeze(inp: torch.Tensor, axis: int | Sequence[int] | None = None) -> torch.Tensor:
    """Drop axes of size 1: all, or the given ones."""
    if axis is None:
        return torch.squeeze(inp)
    return torch.squeeze(inp, axis if isinstance(axis, int) else tuple(axis))


def expand_dims(inp: torch.Tensor, axis: int | Sequence[int]) -> torch.Tensor:
    """Add axes of size 1, at places in the result.

    >>> expand_dims(torch.ones(2, 3), (0, -1)).shape
    torch.Size([1, 2, 3, 1])
    """
    axes = [axis] if isinstance(axis, int) else list(axis)
    rank = inp.dim() + len(axes)
    for place in sorted(place % rank for place in axes):
        inp = torch.unsqueeze(inp, place)
    return inp


def broadcast_to(inp: torch.Tensor, shape: int | Iterable[int]) -> torch.Tensor:
    """Repeat along axes of size 1, and along new ones in front."""
    return torch.broadcast_to(inp, (shape,) if isinstance(shape, int) else tuple(shape))


def where(mask: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return `x` where the mask is true, and `y` elsewhere.

    Raises:
        TypeError: an operand is no tensor.
        ValueError: the mask is not of bools.
    """
    for name, value in (("mask", mask), ("input x", x), ("input y", y)):
        if not isinstance(value, torch.Tensor):
            msg = f"{name} must be a tensor, not {type(value).__name__}. Convert it with megengine.tensor()."
            raise TypeError(msg)
    if mask.dtype != torch.bool:
        msg = f"mask must be bool, not {mask.dtype}. Compare it with something, or use astype(bool)."
        raise ValueError(msg)
    return torch.where(mask, x, y)


def transpose(inp: torch.Tensor, pattern: Iterable[int]) -> torch.Tensor:
    """Permute all axes."""
    return torch.permute(inp, tuple(pattern))


explain_calls(globals())
