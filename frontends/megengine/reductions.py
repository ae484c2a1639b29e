"""Rows of functions along axes: sums, means, extremes, norms, orders."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import torch

from ...backend import OperatorError, OperatorTypeError
from .arguments import ArgumentError, axis_of
from .casting import widened
from .elementwise import divided
from .names import NAMES
from .operands import with_an_axis

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["axes_of", "largest", "log_sum", "mean"]

fn = NAMES.function


def axes_of(axis: Any, rank: int, keepdim: bool) -> tuple[int, ...] | None:
    """Return axes counted from the front; None for all.

    Raises:
        AssertionError: axes are given twice, or `keepdims` without an axis (a RuntimeError too).
        RuntimeError: there is no such axis (a ValueError and AssertionError too).
    """
    if axis is None:
        if keepdim:
            msg = "can not set axis=None and keepdims=True; name the axes, or leave keepdims out."
            raise ArgumentError(msg)
        return None
    axes = [int(each) for each in axis] if isinstance(axis, Iterable) else [int(axis)]
    if any(not -rank <= each < rank for each in axes):
        msg = f"axis={axis!r} of a tensor of {rank} axes; legal are {-rank} to {rank - 1}. Correct it."
        raise ArgumentError(msg)
    found = tuple(each % rank for each in axes)
    if len(set(found)) < len(found):
        msg = f"axis {axis!r} contains duplicated indices. Name each axis once."
        raise ArgumentError(msg)
    return found


def total(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Sum in the dtype of the input, bools as int32."""
    axes = axes_of(dim, input.dim(), keepdim)
    if axes == ():
        return input
    return torch.sum(input, dim=axes, keepdim=keepdim, dtype=torch.int32 if input.dtype == torch.bool else input.dtype)


def floating(input: Tensor) -> Tensor:
    """Return float32 for anything narrower: means are computed and returned so."""
    exact = input.dtype in (torch.float32, torch.float64, torch.bfloat16) or input.is_complex()
    return input if exact else input.float()


def mean(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the mean over the axes, in float32 for what is narrower."""
    axes = axes_of(dim, input.dim(), keepdim)
    return input if axes == () else torch.mean(floating(input), dim=axes, keepdim=keepdim)


def variance(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the mean squared distance from the mean, which divides by the count.

    >>> variance(torch.tensor([1.0, 3.0])).item()
    1.0
    """
    return torch.var(floating(input), dim=axes_of(dim, input.dim(), keepdim), correction=0, keepdim=keepdim)


def deviation(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the square root of the variance."""
    return torch.sqrt(variance(input, dim, keepdim))


def product(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Multiply over the axes, in the dtype of the input, bools as int32."""
    axes = axes_of(dim, input.dim(), keepdim)
    dtype = torch.int32 if input.dtype == torch.bool else input.dtype
    if axes is None:
        return torch.prod(input, dtype=dtype)
    for axis in sorted(axes, reverse=True):
        input = torch.prod(input, axis, keepdim=keepdim, dtype=dtype)
    return input


class Multiplied(torch.autograd.Function):
    """Gives a tensor, and its gradient times a factor."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, factor: Tensor) -> Tensor:
        ctx.save_for_backward(factor)
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        (factor,) = ctx.saved_tensors
        return gradient * factor, None


def extreme(compute: Callable[..., Tensor], input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the largest or smallest value over the axes; each that is as large gets the whole gradient."""
    axes = axes_of(dim, input.dim(), keepdim)
    if axes == ():
        return input
    axes = tuple(range(input.dim())) if axes is None else axes
    result = compute(input, dim=axes, keepdim=keepdim)
    if not (input.requires_grad and torch.is_grad_enabled()):
        return result
    # torch shares the gradient out among them
    alike = torch.eq(input, result if keepdim else compute(input, dim=axes, keepdim=True))
    return Multiplied.apply(result, torch.sum(alike, dim=axes, keepdim=keepdim).to(result.dtype))  # type: ignore[no-any-return, no-untyped-call]


def largest(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the largest value over the axes."""
    return extreme(torch.amax, input, dim, keepdim)


def smallest(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the smallest value over the axes."""
    return extreme(torch.amin, input, dim, keepdim)


def where_extreme(compute: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function that says where the extreme of several axes is, in their order, as int32."""

    def found(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
        axes = axes_of(dim, input.dim(), keepdim)
        input = input.to(torch.uint8) if input.dtype == torch.bool else input
        if axes is None:
            return compute(input).to(torch.int32)
        if len(axes) == 1:
            return compute(input, axes[0], keepdim).to(torch.int32)
        kept = [axis for axis in range(input.dim()) if axis not in axes]
        rows = torch.permute(input, [*kept, *sorted(axes)])
        result = compute(torch.flatten(rows, len(kept)), -1).to(torch.int32)
        for axis in sorted(axes) if keepdim else ():
            result = torch.unsqueeze(result, axis)
        return result

    return found


def ordered(input: Tensor) -> Tensor:
    """Return a tensor of one or two axes, which MegEngine sorts.

    Raises:
        AssertionError: there are more (a ValueError and RuntimeError too).
    """
    if input.dim() > 2:
        msg = f"Input should be 1d or 2d; it has {input.dim()} axes. Flatten it."
        raise ArgumentError(msg)
    return input


def sort(input: Tensor, descending: bool = False) -> tuple[Tensor, Tensor]:
    """Return the values of each row in order, and where they were."""
    values, indices = torch.sort(ordered(input), descending=bool(descending), stable=True)
    return values, indices.to(torch.int32)


def argsort(input: Tensor, descending: bool = False) -> Tensor:
    """Return where the values of each row were before they were put in order."""
    return sort(input, descending)[1]


def topk(
    input: Tensor, k: int, descending: bool = True, kth_only: bool = False, no_sort: bool = False
) -> tuple[Tensor, Tensor]:
    """Return the `k` largest of each row, or smallest, and where they are; only the last of them if asked for."""
    if not 0 < k <= tuple(input.shape)[-1]:
        msg = f"k={k} of rows of {tuple(input.shape)[-1]} elements; legal are 1 to that."
        raise OperatorError(msg)
    values, indices = torch.topk(ordered(input), int(k), largest=bool(descending))
    if kth_only:
        values, indices = values.select(-1, -1), indices.select(-1, -1)
    return values, indices.to(torch.int32)


def powers(input: Tensor, ord: float, dim: Any, keepdim: bool) -> Tensor:
    """Return the sum of the absolute values to a power, to one by that power."""
    size = torch.abs(input)
    return torch.pow(total(torch.pow(widened(size), ord), dim, keepdim), 1.0 / ord)


def norm(input: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the norm of order `ord`, 2 unless given, of a vector or along the axis.

    Raises:
        TypeError: there are several axes, and none is named (a ValueError and RuntimeError too).
    """
    if dim is None and input.dim() != 1:
        msg = f"axis is required unless input is a vector; it has {input.dim()} axes. Name one."
        raise OperatorTypeError(msg)
    order = 2 if ord is None else ord
    if order == 0:
        return total(torch.ne(input, 0), dim, keepdim)
    if abs(order) == math.inf:
        return (largest if order > 0 else smallest)(torch.abs(input), dim, keepdim)
    return powers(input, order, dim, keepdim)


def normalized(input: Tensor, ord: Any = None, dim: Any = None, eps: float = 1e-12) -> Tensor:
    """Divide by the norm, or by `eps` where that is larger."""
    return divided(input, torch.clamp(norm(input, ord, dim, keepdim=dim is not None), min=eps))


def cumsum(input: Tensor, dim: int) -> Tensor:
    """Return the sums up to each element, in the dtype of the input; bools are refused."""
    if input.dtype == torch.bool:
        msg = "cumsum of bools: MegEngine has none. Use astype('int32')."
        raise OperatorError(msg)
    return torch.cumsum(input, axis_of(dim, input.dim()), dtype=input.dtype)


def log_sum(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """Return the logarithm of the sum of exponentials over the axes."""
    return torch.logsumexp(widened(input), dim=axes_of(dim, input.dim(), keepdim), keepdim=keepdim)  # type: ignore[arg-type]


def softmax(input: Tensor, dim: Any = None) -> Tensor:
    """Return exponentials that add up to 1 along an axis, or over a list of them.

    Without any it is axis 0 of 0, 1 or 3 axes, and axis 1 else.

    Raises:
        RuntimeError: the input is of integers (a ValueError too).
    """
    if not input.is_floating_point():
        msg = f"softmax of {input.dtype}: MegEngine has none. Use astype('float32')."
        raise OperatorError(msg)
    if dim is None:
        dim = 0 if input.dim() in (0, 1, 3) else 1
    if isinstance(dim, list):
        return torch.exp(log_softmax(input, dim))
    return torch.softmax(input, dim=dim)


def log_softmax(input: Tensor, dim: Any) -> Tensor:
    """Return the logarithm of `softmax`, over one axis or several together."""
    return torch.sub(widened(input), log_sum(input, dim, keepdim=True))


fn("functional.sum", total)
fn("functional.mean", mean)
fn("functional.var", variance)
fn("functional.std", deviation)
fn("functional.prod", product)
fn("functional.max", largest)
fn("functional.min", smallest)
fn("functional.argmax", where_extreme(torch.argmax))
fn("functional.argmin", where_extreme(torch.argmin))
fn("functional.sort", sort)
fn("functional.argsort", argsort)
fn("functional.topk", topk)
fn("functional.norm", norm)
fn("functional.normalize", normalized)
fn("functional.cumsum", cumsum)
fn("functional.logsumexp", log_sum)
fn("functional.softmax", with_an_axis(softmax))
fn("functional.logsoftmax", log_softmax)
