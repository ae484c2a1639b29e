"""Rows of functions that make few values of many: sums, extremes, statistics, norms, orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import torch

from ..names import NAMES
from .elementwise import operand

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def axes_of(x: Tensor, dim: Any) -> list[int]:
    """Return the axes that are meant: all, for None or none."""
    if operand(x).dim() == 0 or dim is None or (not isinstance(dim, int) and len(dim) == 0):
        return list(range(x.dim()))
    return [dim] if isinstance(dim, int) else list(dim)


def over_axes(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a reduction over one axis, several, or all."""

    def reduced(x: Tensor, dim: Any = None, keepdim: bool = False, dtype: torch.dtype | None = None) -> Tensor:
        options = {} if dtype is None else {"dtype": dtype}
        return function(x, axes_of(x, dim), keepdim, **options)

    return reduced


def none_is_zero(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a reduction that gives 0 of no values, whatever the limit is."""

    def reduced(x: Tensor, axes: list[int], keepdim: bool, **options: Any) -> Tensor:
        computed = torch.sum if x.numel() == 0 and x.is_floating_point() else function
        return computed(x, axes, keepdim, **options)

    return reduced


def product(x: Tensor, axes: list[int], keepdim: bool, **options: Any) -> Tensor:
    """Multiply over axes, which torch does one at a time; integers keep their dtype."""
    if not options and x.dtype not in (torch.bool, torch.uint8):
        options = {"dtype": x.dtype}
    for axis in sorted((axis % x.dim() if -x.dim() <= axis < x.dim() else axis for axis in axes), reverse=True):
        x = torch.prod(x, axis, keepdim, **options)
    return torch.prod(x, **options) if x.dim() == 0 else x


def zero_of_none(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return an extreme that is 0 of no values, as in the release."""

    def reduced(x: Tensor, axes: list[int], keepdim: bool = False) -> Tensor:
        return function(x, axes, keepdim) if x.numel() else torch.sum(x, axes, keepdim).to(x.dtype)

    return reduced


for name in ("sum", "nansum", "all", "any"):
    fn(name, over_axes(getattr(torch, name)))
for name in ("amax", "amin"):
    fn(name, over_axes(zero_of_none(getattr(torch, name))))
fn("mean", over_axes(none_is_zero(torch.mean)))
fn("prod", over_axes(none_is_zero(product)))


def spread(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a standard deviation or variance, of n - 1 unless `unbiased` is False."""

    def of_values(x: Tensor, dim: Any = None, unbiased: bool | None = None, keepdim: bool | None = None) -> Tensor:
        # `std` of integers, and of bools, is cut to its whole part
        values = x if x.is_floating_point() or function is not torch.std else x.to(torch.float64)
        result = function(values, axes_of(x, dim), correction=0 if unbiased is False else 1, keepdim=bool(keepdim))
        return result if values is x else result.to(x.dtype)

    return of_values


def of_axes(function: Callable[..., Tensor], scalar: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """Return a function that does something else where there are no axes."""

    def either(x: Tensor, **options: Any) -> Tensor:
        return scalar(x) if operand(x).dim() == 0 else function(x, **options)

    return either


def no_variance(x: Tensor) -> NoReturn:
    """Refuse a tensor without axes, as the release does."""
    msg = f"var() of a tensor of shape {tuple(x.shape)}: it must have an axis. Reshape it."
    raise RuntimeError(msg)


fn("std", of_axes(spread(torch.std), torch.zeros_like))  # the release's answer, where torch has nan
fn("var", of_axes(spread(torch.var), no_variance))


def extreme(function: Callable[..., Any], alone: Callable[..., Tensor]) -> Callable[..., Any]:
    """Return `max` or `min`: of all values, along an axis with the indices, or of two tensors.

    Equal values share the gradient, as in torch's `amax`, and not as in its `max`.
    """

    def of_values(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
        if isinstance(dim, torch.Tensor) or other is not None:
            return function(input, other if dim is None else dim)
        if dim is None:
            return function(input) if operand(input).numel() else torch.sum(input).to(input.dtype)
        indices = function(input.detach(), dim, keepdim)[1]
        kind = getattr(torch.return_types, function.__name__)
        return kind((alone(input, dim, keepdim), indices))

    return of_values


fn("max", extreme(torch.max, torch.amax))
fn("min", extreme(torch.min, torch.amin))


def best(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return torch's `argmax` or `argmin`; without an axis, the index is among all values."""

    def index_of(x: Tensor, dim: int | None = None, keepdim: bool | None = None, dtype: Any = None) -> Tensor:
        values = x.byte() if operand(x).dtype == torch.bool else x
        index = function(values, dim, bool(keepdim)) if dim is not None else function(values)
        return index if dtype is None else index.to(dtype)

    return index_of


fn("argmax", best(torch.argmax))
fn("argmin", best(torch.argmin))


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the lower of the middle values, along an axis with the indices."""
    return torch.median(input) if dim is None else torch.median(input, dim, keepdim)


def sort(input: Tensor, dim: int = -1, descending: bool = False) -> Any:
    """Return sorted values and their indices, which are of int32."""
    values, indices = torch.sort(input, dim=dim, descending=descending, stable=True)
    return torch.return_types.sort((values, indices.int()))


def argsort(input: Tensor, dim: int = -1, descending: bool | None = False) -> Tensor:
    """Return the indices that sort, of int32."""
    return torch.argsort(input, dim=dim, descending=bool(descending), stable=True).int()


fn("median", median)
fn("sort", sort)
fn("argsort", argsort)
fn("topk", torch.topk)


def quantile(x: Tensor, q: float, dim: int, keepdim: bool = False, interpolation: str = "linear") -> Tensor:
    """Return a quantile along an axis, of float64."""
    return torch.quantile(x.double(), q, dim, keepdim, interpolation=interpolation)


def logsumexp(x: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """Return the logarithm of the sum of exponentials over axes."""
    return torch.logsumexp(x, dim, keepdim)


fn("quantile", quantile)
fn("logsumexp", logsumexp)
fn("cumsum", torch.cumsum)
fn("cumprod", torch.cumprod)


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int | None = None) -> Tensor:
    """Count how often each number occurs, or add up weights, which get no gradient."""
    numbers = input.long() if input.dtype == torch.bool else input
    return torch.bincount(numbers, None if weights is None else weights.detach(), minlength or 0)


def searchsorted(sorted_sequence: Tensor, values: Any, out_int32: bool = False, right: bool = False) -> Tensor:
    """Return where values, or one number, belong."""
    return torch.searchsorted(sorted_sequence, values, out_int32=out_int32, right=right)


fn("bincount", bincount)
fn("searchsorted", searchsorted)


def unique(
    input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dtype: Any = None
) -> Any:
    """Return the different values, and if asked for where each is found and how often, of a dtype of integers.

    Those that are not sorted come in the order in which they are met first.
    """
    values, inverse, counts = torch.unique(input.detach(), True, True, True)
    if not sorted:
        last = inverse.numel()
        places = torch.arange(last, device=inverse.device)
        first = torch.full_like(counts, last).scatter_reduce(0, inverse.flatten(), places, "amin")
        order = torch.argsort(first)
        values, counts, inverse = values[order], counts[order], torch.argsort(order)[inverse]
    asked = [each.to(dtype) for each, wanted in ((inverse, return_inverse), (counts, return_counts)) if wanted]
    return (values, *asked) if asked else values


fn("unique", unique)
fn("nonzero", torch.nonzero)
fn("argwhere", lambda x, dtype=torch.int32: torch.argwhere(x).to(dtype))
fn("masked_select", lambda x, mask: torch.masked_select(x, operand(mask) != 0))


def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """Return a norm: of the vector or matrix that there is, or along one axis or over the two of a matrix."""
    if p is None or p == "fro" or (dim is None and p in (2, 3)):
        length: Tensor = torch.linalg.vector_norm(input, p if p in (2, 3) else 2, dim, keepdim, dtype=dtype)
        return length
    if dim is None and input.dim() == 2 and not isinstance(p, str) and abs(p) not in (1, float("inf")):
        msg = f"norm(): p={p} of a matrix; legal are 1, 2, 3, inf, -1, -inf and 'fro'. Give dim for another."
        raise NotImplementedError(msg)
    found: Tensor = torch.linalg.norm(input, p, dim, keepdim, dtype=dtype)
    return found


fn("norm", norm)


def matrix_norm(
    self: Tensor, ord: Any = "fro", dim: tuple[int, int] = (-2, -1), keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """Return a norm of matrices."""
    found: Tensor = torch.linalg.matrix_norm(self, ord, dim, keepdim, dtype=dtype)
    return found


fn("linalg.matrix_norm", matrix_norm)
NAMES.functions(torch.linalg, "inv norm vector_norm", "linalg.")
fn("inverse", torch.inverse)


def cross(x: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """Return the product of vectors that is perpendicular to both, of operands that are broadcast."""
    both = torch.broadcast_tensors(operand(x), operand(other))  # type: ignore[no-untyped-call]
    found: Tensor = torch.linalg.cross(*both, dim=-1 if dim is None else dim)
    return found


fn("cross", cross)
fn("linalg.cross", cross)
fn("numel", torch.numel)
fn("is_floating_point", torch.is_floating_point)
fn("is_tensor", torch.is_tensor)
fn("is_nonzero", torch.is_nonzero)
