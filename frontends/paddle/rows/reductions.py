"""Rows of functions that reduce axes: sums, extremes, statistics."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError, OperatorTypeError
from ..dtype import default_dtype, dtype_name, to_torch_dtype
from ..names import NAMES, OperatorIndexError
from .operands import axes_of, constant, floating, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["all_axes", "nan_median", "reduced"]

fn = NAMES.function


def all_axes(x: Tensor) -> tuple[int, ...]:
    """Return all axes of a tensor."""
    return tuple(range(x.dim()))


def reduced(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a reduction of torch's that takes axes as Paddle does: one, several, in a tensor, or None for all."""

    @functools.wraps(function)
    def computed(input: Any, dim: Any = None, keepdim: bool = False, **options: Any) -> Tensor:
        axes = axes_of(dim)
        return function(input, all_axes(input) if axes is None else axes, keepdim, **options)

    return computed


def maximum_of(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return an extreme whose gradient goes to all places that have it, whole."""

    def computed(x: Tensor, axis: Any = None, keepdim: bool = False) -> Tensor:
        axes = axes_of(axis)
        axes = all_axes(x) if axes is None else axes
        return function(x, axes, keepdim)

    return computed


WIDENED = (torch.bool, torch.int32, torch.int64)  # integers whose sums are int64; others keep their dtype


def total(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return `sum` or `nansum`, with the dtype of Paddle's."""
    over = reduced(function)

    @functools.wraps(function)
    def computed(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, **options: Any) -> Tensor:
        if dtype is None and is_whole(input) and input.dtype not in WIDENED:
            dtype = input.dtype
        return over(input, dim, keepdim, dtype=dtype, **options)

    return computed


def mean(x: Tensor, axis: Any = None, keepdim: bool = False, dtype: torch.dtype | None = None) -> Tensor:
    """Return the mean; that of integers is one, cut off behind the point, as Paddle computes it."""
    axes = axes_of(axis)
    axes = all_axes(x) if axes is None else axes
    if dtype is None and is_whole(x):
        kind = x.dtype
        if kind is torch.bool:
            return torch.any(x, axes, keepdim)
        count = math.prod(x.shape[each] for each in axes)
        return torch.div(torch.sum(x, axes, keepdim, dtype=kind), count, rounding_mode="trunc")
    return torch.mean(x, axes, keepdim, dtype=dtype)


def nan_mean(x: Tensor, axis: Any = None, keepdim: bool = False) -> Tensor:
    """Return the mean of what is a number."""
    axes = axes_of(axis)
    return torch.nanmean(floating(x), all_axes(x) if axes is None else axes, keepdim)


def log_of_sum(x: Tensor, axis: Any = None, keepdim: bool = False) -> Tensor:
    """Return the logarithm of the sum of the exponentials."""
    axes = axes_of(axis)
    return torch.logsumexp(x, all_axes(x) if axes is None else axes, keepdim)


def product(x: Tensor, axis: Any = None, keepdim: bool = False, dtype: torch.dtype | None = None) -> Tensor:
    """Return the product over axes, in the dtype of `x`."""
    joined, axes = _flattened(x, axis)
    return _kept(torch.prod(joined, -1, dtype=x.dtype if dtype is None else dtype), axes, keepdim)


def deviation(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return `std` or `var` with Paddle's word for dividing by one less."""

    def computed(
        x: Tensor, axis: Any = None, unbiased: bool | None = True, keepdim: bool = False, correction: float = 1
    ) -> Tensor:
        axes = axes_of(axis)
        if unbiased is not None:
            correction = int(unbiased)
        axes = all_axes(x) if axes is None else axes
        if not is_whole(x):
            return function(x, axes, correction=correction, keepdim=keepdim)
        # what Paddle computes of integers, in integers
        squares = torch.square(x - mean(x, axes, keepdim=True))
        count = math.prod(x.shape[each] for each in axes)
        variance = torch.div(
            torch.sum(squares, axes, keepdim, dtype=x.dtype), max(count - correction, 1), rounding_mode="trunc"
        ).to(x.dtype)
        return torch.sqrt(variance) if function is torch.std else variance

    return computed


def position(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return `argmax` or `argmin` with the dtype that is asked for."""

    def computed(x: Tensor, axis: int | None = None, keepdim: bool = False, dtype: Any = "int64") -> Tensor:
        if axis is not None and not isinstance(axis, (int, torch.Tensor)):
            msg = f"The type of 'axis' must be int or Tensor or None in argmax, but received {type(axis)}."
            raise TypeError(msg)
        kind = to_torch_dtype(dtype)
        if kind not in (torch.int32, torch.int64):
            msg = f"dtype={dtype!r}: the positions can be 'int32' or 'int64'."
            raise ValueError(msg)
        if axis is None and keepdim:
            return torch.reshape(function(x), [1] * x.dim()).to(kind)
        return torch.Tensor.to(function(x, None if axis is None else int(axis), keepdim), kind)

    return computed


def counted(x: Tensor, axis: Any = None, keepdim: bool = False) -> Tensor:
    """Return how many values are not zero."""
    axes = axes_of(axis)
    return torch.sum(x != 0, all_axes(x) if axes is None else axes, keepdim)


fn("sum", total(torch.sum))
fn("nansum", total(torch.nansum))
fn("logsumexp", log_of_sum)
fn("all", reduced(torch.all))
fn("any", reduced(torch.any))
fn("amax", reduced(torch.amax))
fn("amin", reduced(torch.amin))
fn("max", maximum_of(torch.amax))
fn("min", maximum_of(torch.amin))
fn("mean", mean)
fn("nanmean", nan_mean)
fn("prod", product)
fn("std", deviation(torch.std))
fn("var", deviation(torch.var))
fn("argmax", position(torch.argmax))
fn("argmin", position(torch.argmin))
fn("count_nonzero", counted)


def axis_in(x: Tensor, axis: int) -> int:
    """Return an axis counted from the first.

    Raises:
        OperatorIndexError: there is none.
    """
    count = max(x.dim(), 1)
    if not -count <= axis < count:
        msg = f"axis={axis} should be in range [-rank(x), rank(x)); the tensor has {x.dim()} axes."
        raise OperatorIndexError(msg)
    return axis % count


def _flattened(x: Tensor, axis: Any) -> tuple[Tensor, tuple[int, ...]]:
    """Return the tensor with the axes that are reduced joined into the last one, and the axes."""
    axes = axes_of(axis)
    axes = all_axes(x) if axes is None else tuple(axis_in(x, each) for each in axes)
    if len(set(axes)) < len(axes):
        msg = f"Axis contains duplicate dimensions: {list(axes)}. Name each once."
        raise OperatorError(msg)
    kept = [each for each in range(x.dim()) if each not in axes]
    moved = torch.permute(x, [*kept, *axes])
    return torch.flatten(moved, len(kept)) if axes else torch.reshape(moved, [1]), axes


def _kept(values: Tensor, axes: tuple[int, ...], keepdim: bool) -> Tensor:
    for axis in sorted(axes) if keepdim else ():
        values = torch.unsqueeze(values, axis)
    return values


def _middle(values: Tensor, ignore: bool) -> tuple[Tensor, Tensor] | None:
    """Return the places of the two middle values of the last axis, or the one twice, among equal ones the release's.

    None where there are none, or some are no numbers and may not be ignored.
    """
    size = values.shape[-1]
    if not values.numel() or not values.dtype.is_floating_point or torch.compiler.is_compiling():
        return None
    counts = torch.sum(~torch.isnan(values.detach()), -1, keepdim=True)
    greatest = int(torch.max(counts))
    if int(torch.min(counts)) < size and not (ignore and greatest):
        return None
    sorted_ = size // 2 + 1 if int(torch.min(counts)) == size else greatest
    places = torch.topk(values.detach(), sorted_, -1, largest=False)[1]
    low = torch.gather(places, -1, torch.clamp(counts - 1, min=0) // 2)
    high = torch.gather(places, -1, torch.clamp(counts // 2, max=sorted_ - 1))
    return low, high


def _shared(values: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Return the mean of two values of each row; where they are equal, all that are share their gradient."""
    known = values.detach()
    first, second = (torch.gather(known, -1, each) for each in (low, high))
    equal = torch.Tensor.to(known == first, values.dtype)
    shares = equal / torch.sum(equal, -1, keepdim=True)
    halves = torch.zeros_like(known).scatter_add(-1, low, torch.full_like(first, 0.5))
    halves = halves.scatter_add(-1, high, torch.full_like(second, 0.5))
    weights = torch.where(first == second, shares, halves)
    # nothing is added but the gradient: infinity minus itself is no number
    added = torch.sum(weights * torch.nan_to_num(values - known), -1)
    return torch.squeeze(torch.where(first == second, first, (first + second) / 2), -1) + added


def nan_median(ignore: bool) -> Callable[..., Any]:
    """Return `median`, or `nanmedian` that leaves out what is no number."""

    def computed(x: Tensor, axis: Any = None, keepdim: bool = False, mode: str = "avg") -> Any:
        if mode not in ("avg", "min"):
            msg = f"Mode {mode} is not supported. Must be avg or min."
            raise ValueError(msg)
        if isinstance(axis, (list, tuple)) and not axis:
            msg = "Axis list should not be empty."
            raise ValueError(msg)
        if not ignore and axis is not None and not isinstance(axis, int):
            msg = "In median, axis should be none or an integer in range [-rank(x), rank(x))."
            raise ValueError(msg)
        joined, axes = _flattened(x, axis)
        middle = _middle(joined, ignore)
        if middle is not None and mode == "min" and isinstance(axis, int):
            values = torch.gather(joined, -1, middle[0])
            places = torch.where(torch.isnan(values), -1, middle[0])  # nothing but NaN in the row
            return tuple(_kept(torch.squeeze(each, -1), axes, keepdim) for each in (values, places))
        if middle is not None and x.requires_grad:
            return _kept(_shared(joined, *(middle if mode == "avg" else middle[:1] * 2)), axes, keepdim)
        if mode == "min":
            values, indices = (torch.nanmedian if ignore else torch.median)(joined, -1)
            values = _kept(values, axes, keepdim)
            return (values, _kept(indices, axes, keepdim)) if isinstance(axis, int) else values
        values = joined if joined.dtype.is_floating_point else torch.Tensor.to(joined, torch.float32)
        half = (torch.nanquantile if ignore else torch.quantile)(values, 0.5, -1)
        # Paddle's nanmedian of integers is one
        half = torch.Tensor.to(half, x.dtype) if ignore and is_whole(x) else half
        return _kept(half, axes, keepdim)

    return computed


def quantile(ignore: bool) -> Callable[..., Tensor]:
    """Return `quantile`, or `nanquantile`."""

    def computed(x: Tensor, q: Any, axis: Any = None, keepdim: bool = False, interpolation: str = "linear") -> Tensor:
        joined, axes = _flattened(floating(x), axis)
        wanted = torch.as_tensor(q, dtype=joined.dtype)
        found = (torch.nanquantile if ignore else torch.quantile)(joined, wanted, -1, interpolation=interpolation)
        if keepdim:
            for each in sorted(axes):
                found = torch.unsqueeze(found, each + wanted.dim())
        return found

    return computed


fn("median", nan_median(ignore=False))
fn("nanmedian", nan_median(ignore=True))
fn("quantile", quantile(ignore=False))
fn("nanquantile", quantile(ignore=True))


def cumulative(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a running sum or the like, of the flattened values where no axis is given."""

    def computed(x: Tensor, axis: int | None = None, dtype: torch.dtype | None = None) -> Any:
        values = torch.flatten(x) if axis is None else x
        if dtype is None and function is torch.logcumsumexp and is_whole(x):
            dtype = default_dtype()
        values = values if dtype is None else torch.Tensor.to(values, dtype)
        if function is torch.logcumsumexp:
            return function(floating(values), 0 if axis is None else axis)
        return function(values, 0 if axis is None else axis, dtype=dtype)

    return computed


def extreme_so_far(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `cummax` or `cummin`: the values and where they are."""

    def computed(x: Tensor, axis: int | None = None, dtype: Any = "int64") -> tuple[Tensor, Tensor]:
        kind = to_torch_dtype(dtype)
        if kind not in (torch.int32, torch.int64):
            msg = f"dtype={dtype!r}: the positions can be 'int32' or 'int64'."
            raise ValueError(msg)
        values, indices = function(torch.flatten(x) if axis is None else x, 0 if axis is None else axis)
        return values, torch.Tensor.to(indices, kind)

    return computed


def running_product(x: Tensor, dim: int | None = None, dtype: torch.dtype | None = None) -> Tensor:
    """Return the running product."""
    values = x if dtype is None else torch.Tensor.to(x, dtype)
    return torch.cumprod(
        torch.flatten(values) if dim is None else values, 0 if dim is None else dim, dtype=values.dtype
    )


fn("cumsum", cumulative(torch.cumsum))
fn("logcumsumexp", cumulative(torch.logcumsumexp))
fn("cumprod", running_product)
fn("cummax", extreme_so_far(torch.cummax), dtype="")
fn("cummin", extreme_so_far(torch.cummin), dtype="")


def histogram(
    input: Tensor, bins: int = 100, min: float = 0.0, max: float = 0.0, weight: Any = None, density: bool = False
) -> Tensor:
    """Count values in bins of equal width from `min` to `max`; from the least to the greatest where both are zero."""
    if max < min:
        msg = f"The argument max must be larger than or equal to min, but got max={max}, min={min}."
        raise OperatorError(msg)
    if not torch.Tensor.numel(input):
        # of its dtype, and 0 as a density too, as in the release
        return torch.zeros(bins, dtype=input.dtype).as_subclass(type(input))
    values = torch.flatten(torch.Tensor.to(input, torch.float64))
    edges = _edges(values, bins, min, max)
    low, high = edges[0], edges[-1]
    inside = (values >= low) & (values <= high)
    chosen = values[inside]
    index = torch.clamp(((chosen - low) * (bins / (high - low))).long(), 0, bins - 1)
    weights = None if weight is None else torch.flatten(weight)[inside]
    counts = torch.bincount(index, weights, minlength=bins)
    if density:
        widths = edges[1:] - edges[:-1]
        return torch.Tensor.to(counts / counts.sum() / widths, torch.float32)
    return counts if weight is None else torch.Tensor.to(counts, torch.float32)


def _edges(values: Tensor, bins: int, low: float, high: float) -> Tensor:
    if low == high == 0 and values.shape[0]:
        low, high = float(torch.amin(values)), float(torch.amax(values))
    if low == high:
        low, high = low - 0.5, high + 0.5
    return torch.linspace(low, high, bins + 1, dtype=torch.float64)


def counted_in(x: Tensor, weights: Any = None, minlength: int = 0) -> Tensor:
    """Count how often each number is there."""
    if not is_whole(x):
        msg = f"Elements in Input(x) should all be integers, but they are {dtype_name(x.dtype)}. Use astype()."
        raise OperatorTypeError(msg)
    return torch.bincount(x, weights, minlength)


fn("histogram", constant(histogram), weight="")
fn("bincount", constant(counted_in))
