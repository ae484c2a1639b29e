"""Rows of functions that cut, join, reshape and pick; none of them shares memory that anyone writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...backend import OperatorError, OperatorTypeError
from .arguments import ArgumentError, axis_of, sizes
from .names import NAMES
from .operands import promoted, tensor_of
from .rebinding import own, rebind

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["permuted", "reshaped", "spread"]

fn = NAMES.function


def joined(inps: Any, dim: int = 0, device: Any = None) -> Tensor:
    """Join tensors along an axis that they have."""
    result = torch.cat(promoted(list(inps)), dim=dim)
    return result if device is None else result.to(device)


def stacked(inps: Any, dim: int = 0, device: Any = None) -> Tensor:
    """Join tensors along a new axis."""
    given = promoted(list(inps))
    result = torch.stack(given, dim=axis_of(dim, given[0].dim() + 1))
    return result if device is None else result.to(device)


def split(input: Tensor, nsplits_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Cut into that many parts, the first ones larger if need be; or at the indices, as NumPy's `split`.

    >>> [part.tolist() for part in split(torch.arange(5), [1, 4])]
    [[0], [1, 2, 3], [4]]

    Raises:
        ValueError: there are more parts than elements, or indices that do not rise (a RuntimeError too).
        IndexError: there is no such axis.
    """
    size = tuple(input.shape)[dim]
    if isinstance(nsplits_or_sections, int):
        parts = nsplits_or_sections
        if not 0 < parts <= size:
            msg = f"The size {size} at dim {dim} cannot be split into {parts} sections; legal are 1 to {size}."
            raise OperatorError(msg)
        return tuple(own(part, input) for part in torch.tensor_split(input, parts, dim=dim))
    where = [int(index) for index in nsplits_or_sections]
    if any(not low <= high for low, high in zip([0, *where], [*where, size], strict=True)):
        msg = f"Invalid nsplits_or_secions: {nsplits_or_sections}; legal are indices from 0 to {size} that rise."
        raise OperatorError(msg)
    return tuple(own(part, input) for part in torch.tensor_split(input, where, dim=dim))


def reshaped(input: Tensor, target_shape: Any) -> Tensor:
    """Return the values in another shape; -1 is what is left.

    Raises:
        RuntimeError: the shape holds another number of values, or more than one -1 (a ValueError too).
    """
    shape = sizes(target_shape)
    if shape.count(-1) > 1:
        msg = f"multiple -1 in shape: {tuple(shape)}. State all sizes but one."
        raise OperatorError(msg)
    return own(torch.reshape(input, shape), input)


def flattened(input: Tensor, start_axis: int = 0, end_axis: int = -1) -> Tensor:
    """Make one axis of those from `start_axis` to `end_axis`, both included."""
    return own(torch.flatten(input, start_axis, end_axis), input)


def squeezed(input: Tensor, dim: Any = None) -> Tensor:
    """Drop axes of size 1: all, or the given ones.

    Raises:
        RuntimeError: a given one is of another size (a ValueError too).
    """
    if dim is None:
        return own(torch.squeeze(input), input)
    axes = [int(each) for each in dim] if isinstance(dim, Sequence) else [int(dim)]
    shape = tuple(input.shape)
    if any(not -len(shape) <= axis < len(shape) or shape[axis] != 1 for axis in axes):
        msg = f"axis={dim!r} of shape {shape}: only axes of size 1 can be dropped. Use reshape."
        raise OperatorError(msg)
    return own(torch.squeeze(input, tuple(axes)), input)


def expanded(input: Tensor, dim: Any) -> Tensor:
    """Add axes of size 1, at places in the result.

    >>> expanded(torch.ones(2, 3), (0, -1)).shape
    torch.Size([1, 2, 3, 1])

    Raises:
        RuntimeError: a place is not in the result (a ValueError too).
    """
    axes = [int(each) for each in dim] if isinstance(dim, Sequence) else [int(dim)]
    rank = input.dim() + len(axes)
    if any(not -rank <= place < rank for place in axes):
        msg = f"axis={dim!r}: the result has {rank} axes; legal are {-rank} to {rank - 1}."
        raise OperatorError(msg)
    result = input
    for place in sorted(place % rank for place in axes):
        result = torch.unsqueeze(result, place)
    return own(result, input)


def spread(input: Tensor, shape: Any) -> Tensor:
    """Repeat along axes of size 1, and along new ones in front; None is the size that there is.

    Raises:
        TypeError: the shape is a number.
        RuntimeError: the sizes do not fit (a ValueError too).
    """
    if isinstance(shape, int):
        msg = f"shape={shape!r} is a number; it must be a tuple of sizes. Write ({shape},)."
        raise OperatorTypeError(msg)
    there = tuple(input.shape)
    wanted = list(shape.tolist() if isinstance(shape, (torch.Tensor, np.ndarray)) else shape)
    offset = len(wanted) - len(there)
    filled = [there[index - offset] if size is None and index >= offset else size for index, size in enumerate(wanted)]
    return own(torch.broadcast_to(input, sizes(filled)), input)


def permuted(input: Tensor, pattern: Any) -> Tensor:
    """Permute the axes; 'x' is a new one of size 1, and axes of size 1 may be left out.

    Raises:
        RuntimeError: the pattern names other axes, or one twice (a ValueError too).
    """
    axes = [each if each == "x" else int(each) for each in pattern]
    named = [axis for axis in axes if axis != "x"]
    shape = tuple(input.shape)
    dropped = [axis for axis in range(len(shape)) if axis not in named]
    wrong = any(not 0 <= axis < len(shape) for axis in named) or len(set(named)) < len(named)
    if wrong or any(shape[axis] != 1 for axis in dropped):
        msg = (
            f"pattern={pattern!r} of shape {shape}: it must name the axes 0 to {len(shape) - 1} once each, with 'x' "
            f"for new ones. Correct it."
        )
        raise OperatorError(msg)
    result = torch.permute(input, [*named, *dropped])
    result = torch.reshape(result, [shape[axis] for axis in named]) if dropped else result
    for place, axis in enumerate(axes):
        result = torch.unsqueeze(result, place) if axis == "x" else result
    return own(result, input)


def swapped(input: Tensor, axis1: int, axis2: int) -> Tensor:
    """Exchange two axes."""
    return own(torch.transpose(input, axis1, axis2), input)


def repeated(input: Tensor, repeats: int, dim: int | None = None) -> Tensor:
    """Repeat each element along an axis, or of the flattened tensor.

    Raises:
        AssertionError: the axis is not counted from the front, or the repeats are below 1.
        TypeError: the repeats are no number.
    """
    if not isinstance(repeats, int):
        msg = f"repeats={repeats!r} is a {type(repeats).__name__}; it must be a number."
        raise OperatorTypeError(msg)
    if repeats < 1 or (dim is not None and not 0 <= dim < input.dim()):
        msg = f"repeats={repeats}, axis={dim}: legal are 1 and above, and axes from 0 to {input.dim() - 1}."
        raise ArgumentError(msg)
    return torch.repeat_interleave(torch.flatten(input) if dim is None else input, repeats, 0 if dim is None else dim)


def rolled(input: Tensor, shift: Any, dim: Any = None) -> Tensor:
    """Move elements along axes, what falls out at one end to the other; without axes, of the flattened tensor.

    Raises:
        TypeError: there are several shifts and no axes.
        AssertionError: there are not as many axes as shifts, or no such axis (a ValueError and RuntimeError too).
    """
    shifts = (shift,) if isinstance(shift, int) else tuple(shift)
    if dim is None:
        if len(shifts) > 1:
            msg = f"shift={shift!r} without axes; of the flattened tensor there is one. Name the axes."
            raise OperatorTypeError(msg)
        return torch.reshape(torch.roll(torch.flatten(input), shifts, (0,)), tuple(input.shape))
    axes = (dim,) if isinstance(dim, int) else tuple(dim)
    if len(axes) != len(shifts) or any(not -input.dim() <= axis < input.dim() for axis in axes):
        msg = f"shift={shift!r}, axis={dim!r}: there must be as many axes as shifts, each that the tensor has."
        raise ArgumentError(msg)
    return torch.roll(input, shifts, axes)


def tiled(input: Tensor, reps: Any) -> Tensor:
    """Repeat the whole tensor along its axes, the last ones first.

    Raises:
        TypeError: the repeats are a number.
        AssertionError: there are fewer than axes (a ValueError and RuntimeError too).
    """
    if isinstance(reps, int):
        msg = f"reps={reps!r} is a number; it must be a tuple of repeats. Write ({reps},)."
        raise OperatorTypeError(msg)
    if len(reps) < input.dim():
        msg = f"reps={reps!r} for {input.dim()} axes; it must have a number for each, further ones in front."
        raise ArgumentError(msg)
    return torch.tile(input, tuple(sizes(reps)))


def _alike(*tensors: Tensor) -> None:
    if len({each.dim() for each in tensors}) > 1:
        ranks = ", ".join(str(each.dim()) for each in tensors)
        msg = f"The input, source and index tensor must have same dimensions; they have {ranks} axes."
        raise OperatorError(msg)


def gathered(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Pick elements along an axis, by a tensor of indices of as many axes."""
    _alike(input, tensor_of(index, "index"))
    return torch.gather(input, dim, index.long())


def scattered(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """Write elements of another tensor along an axis, at places that a tensor of indices says; return the tensor."""
    _alike(input, tensor_of(index, "index"), tensor_of(source, "source"))
    return rebind(input, torch.scatter(input, dim, index.long(), source.to(input.dtype)))


def taken(mask: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the elements where the mask is true, and where they are in the flattened tensor.

    Raises:
        TypeError: an operand is no tensor.
        ValueError: the mask is not of bools, or of another shape (a RuntimeError too).
    """
    flags = torch.flatten(tensor_of(mask, "mask"))
    if flags.dtype != torch.bool or tuple(mask.shape) != tuple(tensor_of(x, "x").shape):
        msg = f"mask must be bool and of the shape of x; it is {mask.dtype}, {tuple(mask.shape)}."
        raise OperatorError(msg)
    where = torch.flatten(torch.nonzero(flags))
    return torch.index_select(torch.flatten(x), 0, where), where.to(torch.int32)


def one_hot(input: Tensor, num_classes: int) -> Tensor:
    """Return zeros, and a one at each index along a new last axis, in the dtype of the indices.

    Raises:
        RuntimeError: they are no integers (a ValueError too).
    """
    if input.is_floating_point():
        msg = f"indices of {input.dtype}; they must be integers. Use astype('int32')."
        raise OperatorError(msg)
    return torch.nn.functional.one_hot(input.long(), num_classes).to(input.dtype)


def picked(src: Tensor, index: Any, axis: int = 1, keepdims: bool = False) -> Tensor:
    """Return one element along an axis for each place, by index."""
    given = tensor_of(src, "src")
    indices = torch.as_tensor(index, device=given.device).long()
    result = torch.gather(given, axis, torch.unsqueeze(indices, axis))
    return result if keepdims else torch.squeeze(result, axis)


fn("functional.concat", joined)
fn("functional.stack", stacked)
fn("functional.split", split)
fn("functional.reshape", reshaped)
fn("functional.flatten", flattened)
fn("functional.squeeze", squeezed)
fn("functional.expand_dims", expanded)
fn("functional.broadcast_to", spread)
fn("functional.transpose", permuted)
fn("functional.swapaxes", swapped)
fn("functional.repeat", repeated)
fn("functional.roll", rolled)
fn("functional.tile", tiled)
fn("functional.gather", gathered)
fn("functional.scatter", scattered)
fn("functional.cond_take", taken)
fn("functional.one_hot", one_hot)
fn("functional.indexing_one_hot", picked)
