"""Rows of functions that give the same values another shape."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from ....backend import OperatorError
from ...names import several
from ..dtype import to_torch_dtype
from ..names import NAMES
from ..size import Size
from ..tensor import Tensor as PaddleTensor
from ..tensor import to_tensor
from .operands import axes_of, constant, integers, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__ = ["permuted", "reshaped", "swapped"]

fn = NAMES.function
_broadcast_shapes: Any = torch.broadcast_shapes


def reshaped(x: Tensor, shape: Any) -> Tensor:
    """Return the values in another shape; -1 is what is left, and 0 the size that the axis had."""
    sizes = integers(shape)
    return torch.reshape(
        x, [x.shape[axis] if size == 0 and torch.Tensor.numel(x) else size for axis, size in enumerate(sizes)]
    )


def permuted(x: Tensor, perm: Sequence[int]) -> Tensor:
    """Permute all axes."""
    axes = integers(perm)
    return torch.permute(x, [*axes, *range(len(axes), x.dim())])


def flattened(x: Tensor, start_axis: int = 0, stop_axis: int = -1) -> Tensor:
    """Join axes into one."""
    if x.dim() and start_axis % x.dim() > stop_axis % x.dim():
        msg = f"The stop_axis={stop_axis} should be greater than start_axis={start_axis}."
        raise ValueError(msg)
    return torch.flatten(x, start_axis, stop_axis)


def squeezed(x: Tensor, axis: Any = None) -> Tensor:
    """Remove axes of size 1."""
    axes = axes_of(axis)
    return torch.squeeze(x) if axes is None else torch.squeeze(x, axes)


def unsqueezed(x: Tensor, axis: Any) -> Tensor:
    """Add axes of size 1, one after the other."""
    for each in integers(axis):
        x = torch.unsqueeze(x, each)
    return x


def expanded(x: Tensor, shape: Any) -> Tensor:
    """Repeat axes of size 1 to a shape, in memory of its own; -1 keeps an axis."""
    return torch.clone(torch.Tensor.expand(x, integers(shape)), memory_format=torch.contiguous_format)


def swapped(x: Tensor) -> Tensor:
    """Swap the axes of a matrix; what has one axis or none stays."""
    if x.dim() > 2:
        msg = f"Input(input) only support N-D (N<=2) tensor, but received length of Input(input) is {x.dim()}."
        raise ValueError(msg)
    return torch.t(x)


def matrix_transposed(x: Tensor) -> Tensor:
    """Swap the last two axes."""
    if x.dim() < 2:
        msg = f"Tensor.ndim({x.dim()}) is required to be greater than or equal to 2."
        raise ValueError(msg)
    return torch.transpose(x, -1, -2)


def tiled(x: Tensor, repeat_times: Any) -> Tensor:
    """Repeat the whole along axes."""
    return torch.tile(x, integers(repeat_times))


def repeated(x: Tensor, repeats: Any, axis: int | None = None, output_size: int | None = None) -> Tensor:
    """Repeat each value."""
    return torch.repeat_interleave(x, repeats, dim=axis, output_size=output_size)


def rolled(x: Tensor, shifts: Any, axis: Any = None) -> Tensor:
    """Shift values around, what falls off coming in on the other side."""
    axes = axes_of(axis)
    return torch.roll(x, integers(shifts)) if axes is None else torch.roll(x, integers(shifts), axes)


def flipped(x: Tensor, axis: Any) -> Tensor:
    """Reverse axes."""
    return torch.flip(x, integers(axis))


def moved(x: Tensor, source: Any, destination: Any) -> Tensor:
    """Move axes to other places."""
    return torch.movedim(x, tuple(integers(source)), tuple(integers(destination)))


def viewed(x: Tensor, shape_or_dtype: Any) -> Tensor:
    """See the memory in another shape or dtype."""
    if isinstance(shape_or_dtype, (list, tuple, int)):
        return torch.Tensor.view(x, integers(shape_or_dtype))
    return torch.Tensor.view(x, to_torch_dtype(shape_or_dtype))


def strided(x: Tensor, shape: Any, stride: Any, offset: int = 0) -> Tensor:
    """See the memory with other sizes and strides; the offset counts bytes."""
    return torch.as_strided(x, integers(shape), integers(stride), offset // x.dtype.itemsize)


def unflattened(x: Tensor, axis: int, shape: Any) -> Tensor:
    """Split one axis into several."""
    return torch.unflatten(x, axis, integers(shape))


def cropped(x: Tensor, shape: Any = None, offsets: Any = None) -> Tensor:
    """Cut a box out; -1 takes what is left."""
    sizes = list(x.shape) if shape is None else integers(shape)
    starts = [0] * x.dim() if offsets is None else integers(offsets)
    for axis, (size, start) in enumerate(zip(sizes, starts, strict=True)):
        x = torch.narrow(x, axis, start, x.shape[axis] - start if size == -1 else size)
    return torch.clone(x)


def diagonal_matrix(x: Tensor, offset: int = 0, padding_value: float = 0) -> Tensor:
    """Return a matrix with these values on a diagonal, or the diagonal of a matrix."""
    matrix = torch.diag(x, offset)
    if x.dim() != 1 or not padding_value:
        return matrix
    inside = torch.diag(torch.ones_like(x, dtype=torch.bool), offset)
    return torch.where(inside, matrix, padding_value)


def narrowed(input: Tensor, dim: int, start: Any, length: Any) -> Tensor:
    """Return a range of an axis."""
    return torch.narrow(input, dim, number(start), number(length))


def atleast(function: Any) -> Any:
    """Return a function that gives one tensor for one, and a list for several."""

    def computed(*inputs: Any) -> Any:
        found = [function(each if isinstance(each, torch.Tensor) else to_tensor(each)) for each in inputs]
        return found[0] if len(found) == 1 else found

    return computed


def shape(input: Tensor) -> Tensor:
    """Return the shape as a tensor."""
    return torch.tensor(list(input.shape), dtype=torch.int64).as_subclass(PaddleTensor)


def rank(input: Tensor) -> Tensor:
    """Return the number of axes as a tensor."""
    return torch.tensor(input.dim(), dtype=torch.int32).as_subclass(PaddleTensor)


def numel(x: Tensor) -> Tensor:
    """Return the number of values as a tensor; as a number where there are no values, which torch's own code asks."""
    count: Any = torch.Tensor.numel(x)
    return count if x.is_meta else torch.tensor(count).as_subclass(PaddleTensor)


def broadcast_shape(x_shape: Any, y_shape: Any) -> Size:
    """Return the shape that two broadcast to."""
    try:
        return Size(_broadcast_shapes(tuple(x_shape), tuple(y_shape)))
    except RuntimeError as error:
        msg = f"{list(x_shape)} and {list(y_shape)} do not broadcast: {error}"
        raise OperatorError(msg) from error


fn("reshape", reshaped, shape=several())
fn("flatten", flattened)
fn("squeeze", squeezed)
fn("unsqueeze", unsqueezed)
fn("expand", expanded, shape=several())
fn("broadcast_to", expanded, shape=several())
fn("expand_as", lambda x, y: expanded(x, y.shape))
fn("t", swapped)
fn("matrix_transpose", matrix_transposed)
fn("permute", permuted, dims=several("perm"))
fn("tile", tiled)
fn("repeat_interleave", repeated)
fn("roll", rolled)
fn("flip", flipped)
fn("moveaxis", moved)
fn("view", viewed, shape_or_dtype=several())
fn("view_as", lambda x, other: torch.Tensor.view(x, list(other.shape)))
fn("as_strided", strided)
fn("unflatten", unflattened)
fn("crop", cropped)
fn("ravel", torch.ravel)
fn("rot90", lambda x, k=1, axes=(0, 1): torch.rot90(x, k, integers(axes)))
fn("diag", diagonal_matrix)
fn("diagflat", torch.diagflat)
fn("diagonal", torch.diagonal, axis1="dim1", axis2="dim2")
fn("diag_embed", constant(torch.diag_embed))
fn("tril", torch.tril)
fn("triu", torch.triu)
fn("atleast_1d", atleast(torch.atleast_1d))
fn("atleast_2d", atleast(torch.atleast_2d))
fn("atleast_3d", atleast(torch.atleast_3d))
fn("as_complex", torch.view_as_complex)
fn("as_real", torch.view_as_real)
fn("view_as_complex", torch.view_as_complex)
fn("view_as_real", torch.view_as_real)
fn("shape", shape)
fn("rank", rank)
fn("numel", numel)
fn("broadcast_shape", broadcast_shape)
fn("broadcast_shapes", lambda *shapes: functools.reduce(broadcast_shape, shapes, Size([])))
fn("unfold", torch.Tensor.unfold, axis="dimension")
fn("trace", lambda x, offset=0, axis1=0, axis2=1: torch.sum(torch.diagonal(x, offset, axis1, axis2), -1, dtype=x.dtype))
fn("narrow", narrowed)


class Pair(NamedTuple):
    """Two axes that were given one after the other."""

    first: int
    second: int


def transposed(x: Tensor, perm: Any) -> Tensor:
    """Permute all axes; two that were given one after the other are swapped."""
    return torch.transpose(x, *perm) if isinstance(perm, Pair) else permuted(x, perm)


# the release swaps the first two of more axes, too: only a list permutes
fn("transpose", transposed, perm=several(gather=lambda axes: Pair(*axes[:2])))
