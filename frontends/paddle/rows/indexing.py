"""Rows of functions that take values from places and put values there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from ..dtype import dtype_name
from ..names import NAMES
from .joining import listed
from .operands import check_alike, integers, number, promoted

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["sliced"]

fn = NAMES.function


def gathered(x: Tensor, index: Tensor, axis: Any = None) -> Tensor:
    """Take slices by their places along an axis."""
    axis = 0 if axis is None else int(number(axis))
    if index.dtype not in (torch.int32, torch.int64):
        msg = f"The data type of Input(Index) of gather must be int32 or int64, but it is {dtype_name(index.dtype)}."
        raise OperatorError(msg)
    if index.dim() == 0:
        return torch.clone(torch.select(x, axis, int(index)))
    if index.dim() == 2 and index.shape[1] == 1:
        index = torch.flatten(index)
    if index.dim() != 1:
        msg = (
            f"The index should be a 1D, or a 2D with one column, when gathering, but its shape is {list(index.shape)}."
        )
        raise OperatorError(msg)
    return torch.index_select(x, axis, _positions(index, x.shape[axis]))


def _positions(index: Tensor, length: int) -> Tensor:
    """Return places as int64, those below zero counted from the end."""
    places = torch.Tensor.to(index, torch.int64)
    return torch.where(places < 0, places + length, places)


def gathered_nd(x: Tensor, index: Tensor) -> Tensor:
    """Take slices by their places along the first axes, as many as the last axis of `index` has values."""
    return x[tuple(torch.unbind(torch.Tensor.to(index, torch.int64), -1))] if index.shape[-1] else torch.clone(x)


def selected(x: Tensor, index: Tensor, axis: int = 0) -> Tensor:
    """Take slices by their places along an axis."""
    return torch.index_select(x, axis, _positions(index, x.shape[axis]))


def sampled(x: Tensor, index: Tensor) -> Tensor:
    """Take values by their places in each row."""
    return torch.gather(x, 1, torch.Tensor.to(index, torch.int64))


def taken_along(arr: Tensor, indices: Tensor, axis: Any, broadcast: bool = True) -> Tensor:
    """Take values by their places along an axis."""
    if axis is None:
        arr, indices, axis = torch.flatten(arr), torch.flatten(indices), 0
    if arr.dim() != indices.dim():
        msg = f"`indices` and `arr` must have the same number of dimensions; they have {indices.dim()} and {arr.dim()}."
        raise ValueError(msg)
    if broadcast:
        arr, indices = _broadcast_but(axis, arr, indices)
    return torch.gather(arr, axis, _positions(indices, arr.shape[axis]))


def _broadcast_but(axis: int, *tensors: Tensor) -> tuple[Tensor, ...]:
    """Broadcast all axes but one."""
    axis %= max(tensors[0].dim(), 1)
    shapes = [list(each.shape) for each in tensors]
    wanted = list(_broadcast_shapes(*[(*shape[:axis], 1, *shape[axis + 1 :]) for shape in shapes]))
    return tuple(
        torch.Tensor.expand(each, [*wanted[:axis], shape[axis], *wanted[axis + 1 :]])
        for each, shape in zip(tensors, shapes, strict=True)
    )


_broadcast_shapes: Any = torch.broadcast_shapes
REDUCTIONS = {"add": "sum", "mul": "prod", "multiply": "prod", "mean": "mean", "amax": "amax", "amin": "amin"}


def put_along(
    arr: Tensor,
    indices: Tensor,
    values: Any,
    axis: int,
    reduce: str = "assign",
    include_self: bool = True,
    broadcast: bool = True,
) -> Tensor:
    """Put values at their places along an axis."""
    given = torch.as_tensor(values, dtype=arr.dtype)
    if broadcast and indices.dim() == arr.dim():
        _, indices = _broadcast_but(axis, arr, indices)
    given = torch.Tensor.expand(given, indices.shape) if given.dim() == 0 or broadcast else given
    places = _positions(indices, arr.shape[axis])
    if reduce == "assign":
        return torch.scatter(arr, axis, places, given)
    if reduce not in REDUCTIONS:
        msg = f"Input reduce={reduce!r} does not match any of assign, {', '.join(REDUCTIONS)}."
        raise ValueError(msg)
    return torch.scatter_reduce(arr, axis, places, given, REDUCTIONS[reduce], include_self=include_self)


def scattered(x: Tensor, index: Tensor, updates: Tensor, overwrite: bool = True) -> Tensor:
    """Write slices to their places along the first axis; without overwriting they are added up."""
    check_alike(x, updates)
    places = torch.flatten(torch.Tensor.to(index, torch.int64))
    slices = updates if index.dim() else torch.unsqueeze(updates, 0)
    if overwrite:
        return torch.index_copy(x, 0, places, slices)
    return torch.index_add(torch.index_fill(x, 0, places, 0), 0, places, slices)


def added_nd(x: Tensor, index: Tensor, updates: Tensor) -> Tensor:
    """Add slices at their places along the first axes."""
    places = tuple(torch.unbind(torch.Tensor.to(index, torch.int64), -1))
    return torch.index_put(x, places, updates, accumulate=True) if places else x + updates


def scattered_nd(index: Tensor, updates: Tensor, shape: Any) -> Tensor:
    """Add slices up in zeros of a shape."""
    return added_nd(torch.Tensor.new_zeros(updates, integers(shape)), index, updates)


def reduced_to(input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, include_self: bool = True) -> Tensor:
    """Reduce values to their places along an axis."""
    return torch.scatter_reduce(input, dim, index, src, REDUCTIONS.get(reduce, reduce), include_self=include_self)


def put_at(x: Tensor, indices: Any, value: Any, accumulate: bool = False) -> Tensor:
    """Put values at places, given by one tensor for each axis."""
    return torch.index_put(x, tuple(indices), value, accumulate)


def added_at(x: Tensor, index: Tensor, axis: int, value: Tensor, alpha: float = 1) -> Tensor:
    """Add slices at their places along an axis."""
    return torch.index_add(x, axis, index, value, alpha=alpha)


def filled_at(x: Tensor, index: Tensor, axis: int, value: Any) -> Tensor:
    """Fill slices along an axis with one value."""
    return torch.index_fill(x, axis, _positions(index, x.shape[axis]), number(value))


_where = promoted(lambda x, y, condition=None: torch.where(condition, x, y))


def found(x: Tensor, as_tuple: bool = False) -> Any:
    """Return the places of values that are not zero: one row each, or one tensor for each axis."""
    if x.dim() == 0:
        msg = "nonzero: Input(Condition) should have number of dimension at least 1; x has none. Reshape it to [1]."
        raise OperatorError(msg)
    places = torch.nonzero(x)
    return tuple(torch.unbind(places, 1)) if as_tuple else places


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """Return values of `x` where a condition holds and of `y` where not; without them, where it holds."""
    if x is None and y is None:
        return found(condition, as_tuple=True)
    if x is None or y is None:
        msg = "either both or neither of x and y should be given."
        raise ValueError(msg)
    if isinstance(x, torch.Tensor) and isinstance(y, torch.Tensor):
        return _where(x, y, condition=condition)
    return torch.where(condition, x, y)


def sliced(input: Tensor, axes: Any, starts: Any, ends: Any, strides: Any = None) -> Tensor:
    """Cut a range out of each of some axes."""
    steps = [1] * len(axes) if strides is None else integers(strides)
    for axis, start, end, step in zip(integers(axes), integers(starts), integers(ends), steps, strict=True):
        input = _range_of(input, axis, slice(start, end, step))
    return input


def _range_of(x: Tensor, axis: int, cut: slice) -> Tensor:
    start, stop, step = cut.indices(x.shape[axis])
    if step > 0:
        return torch.ops.aten.slice.Tensor(x, axis, start, max(stop, start), step)
    return torch.index_select(x, axis, torch.arange(start, stop, step))


def masked_filled(x: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Put one value where a mask holds."""
    return torch.where(mask, torch.as_tensor(value, dtype=x.dtype).detach(), x)


def masked_scattered(x: Tensor, mask: Tensor, value: Tensor) -> Tensor:
    """Put values where a mask holds, one after the other."""
    return torch.masked_scatter(x, mask, value)


def masked_selected(x: Tensor, mask: Tensor) -> Tensor:
    """Return the values where a mask holds."""
    return torch.masked_select(x, mask)


def taken(x: Tensor, index: Tensor, mode: str = "raise") -> Tensor:
    """Take values by their places in the flattened tensor."""
    count = torch.Tensor.numel(x)
    if mode == "wrap":
        index = torch.remainder(index, count)
    elif mode == "clip":
        index = torch.clamp(index, 0, count - 1)
    elif mode != "raise":
        msg = f"'mode' in 'take' should be 'raise', 'wrap', 'clip', but received {mode}."
        raise ValueError(msg)
    return torch.take(x, index)


def one_of(inputs: Any, index: Tensor) -> Tensor:
    """Take each row from the tensor that `index` names for it."""
    rows = torch.arange(len(index))
    return torch.stack(listed(inputs, "multiplex", "inputs"))[torch.flatten(index).long(), rows]


def slice_scattered(x: Tensor, value: Tensor, axes: Any, starts: Any, ends: Any, strides: Any) -> Tensor:
    """Return a copy with a box of it replaced."""
    copied = torch.clone(x)
    cut: list[Any] = [slice(None)] * x.dim()
    for axis, start, end, step in zip(axes, starts, ends, strides, strict=True):
        cut[axis] = slice(start, end, step)
    copied[tuple(cut)] = value
    return copied


def shard_index(input: Tensor, index_num: int, nshards: int, shard_id: int, ignore_value: int = -1) -> Tensor:
    """Return indices of one shard, from its first on, and a value for those of others."""
    if index_num <= 0 or nshards <= 0 or not 0 <= shard_id < nshards:
        msg = (
            f"The shard_id({shard_id}) should be in [0, {nshards}), and index_num({index_num}) and "
            f"nshards({nshards}) greater than 0."
        )
        raise OperatorError(msg)
    if input.dim() < 2:
        msg = f"Rank of Input(X) should be at least 2, but it is {input.dim()}. Add an axis of 1 at the end."
        raise OperatorError(msg)
    if bool(((input < 0) | (input >= index_num)).any()):
        msg = f"The input_index for Op(shard_index) must be less than {index_num}, and 0 or above."
        raise OperatorError(msg)
    size = -(-index_num // nshards)
    return torch.where(input // size == shard_id, input % size, ignore_value)


fn("gather", gathered)
fn("gather_nd", gathered_nd)
fn("index_select", selected)
fn("index_sample", sampled)
fn("take_along_axis", taken_along)
fn("put_along_axis", put_along, values="")
fn("scatter", scattered)
fn("scatter_nd", scattered_nd)
fn("scatter_nd_add", added_nd)
fn("scatter_add", torch.scatter_add)
fn("scatter_reduce", reduced_to)
fn("index_put", put_at)
fn("index_add", added_at)
fn("index_fill", filled_at)
fn("where", where)
fn("nonzero", found)
fn("argwhere", torch.argwhere)
fn("slice", sliced)
fn("strided_slice", sliced, x="")
fn("masked_fill", masked_filled, value="")
fn("masked_scatter", masked_scattered)
fn("masked_select", masked_selected)
fn("take", taken)
fn("multiplex", one_of)
fn("slice_scatter", slice_scattered)
fn("select_scatter", torch.select_scatter, values="src", index="")


def diagonal_scattered(x: Tensor, y: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Return a copy with a diagonal replaced; in Paddle, what replaces it gets no gradient."""
    return torch.diagonal_scatter(x, y.detach(), offset, axis1, axis2)


fn("diagonal_scatter", diagonal_scattered)
fn("shard_index", shard_index)
