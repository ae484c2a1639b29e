"""Rows of functions that sort, search and find what is unique."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..dtype import to_torch_dtype
from ..names import NAMES
from .operands import number

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def ordered(x: Tensor, axis: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """Return the values in order."""
    return torch.sort(x, dim=axis, descending=descending, stable=stable)[0]


def places_in_order(x: Tensor, axis: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """Return the places of values in order."""
    return torch.argsort(x, dim=axis, descending=descending, stable=stable)


def greatest(x: Tensor, k: Any, axis: int | None = None, largest: bool = True, sorted: bool = True) -> Any:
    """Return the greatest or least values and their places."""
    values, places = torch.topk(x, int(number(k)), -1 if axis is None else axis, largest, sorted)
    return values, places


def kth(x: Tensor, k: int, axis: int | None = None, keepdim: bool = False) -> Any:
    """Return the value that is `k`th from below, and its place; of equal ones that where C++ selects the `k`th."""
    axis = -1 if axis is None else axis
    if x.dim() == 0 or not x.is_cpu or not 1 <= k <= x.shape[axis]:
        values, places = torch.kthvalue(x, k, axis, keepdim)
        return values, places
    # topk, not sorted, leaves the first k as `std::nth_element` does, and so the release; torch.kthvalue does not
    least = torch.topk(torch.Tensor.detach(x), k, axis, largest=False, sorted=False)[1]
    places = torch.narrow(least, axis, k - 1, 1)
    values = torch.gather(x, axis, places)
    return (values, places) if keepdim else (torch.squeeze(values, axis), torch.squeeze(places, axis))


def most_frequent(x: Tensor, axis: int = -1, keepdim: bool = False) -> Any:
    """Return the value that is there most often, and its last place."""
    values, places = torch.mode(x, axis, keepdim)
    return values, places


def searched(
    sorted_sequence: Tensor, values: Tensor, out_int32: bool = False, right: bool = False, side: Any = None
) -> Tensor:
    """Return where values belong in a sorted sequence."""
    return torch.searchsorted(sorted_sequence, values, out_int32=out_int32, right=right, side=side)


def bucket(x: Tensor, sorted_sequence: Tensor, out_int32: bool = False, right: bool = False) -> Tensor:
    """Return the buckets that values are in."""
    if sorted_sequence.dim() != 1:
        msg = f"sorted_sequence tensor must be 1 dimension, but got dim {sorted_sequence.dim()}."
        raise ValueError(msg)
    return torch.bucketize(x, sorted_sequence, out_int32=out_int32, right=right)


def unique(
    x: Tensor,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    dtype: Any = "int64",
    sorted: bool = True,
) -> Any:
    """Return the different values in order, and where they are first, which each is, and how many there are."""
    if isinstance(axis, (list, tuple)):
        axis = axis[0] if axis else None
    # no gradient goes through, as in the release
    values, inverse, counts = torch.unique(torch.Tensor.detach(x), True, True, True, axis)
    found = [values]
    kind = to_torch_dtype(dtype)
    if return_index:
        length = torch.arange(torch.numel(inverse))
        first = torch.full([torch.numel(counts)], torch.numel(inverse))
        first = torch.scatter_reduce(first, 0, torch.flatten(inverse), length, "amin")
        found.append(torch.Tensor.to(first, kind).as_subclass(type(x)))
    found += [torch.Tensor.to(torch.flatten(inverse), kind)] if return_inverse else []
    found += [torch.Tensor.to(counts, kind)] if return_counts else []
    return found[0] if len(found) == 1 else tuple(found)


def runs(
    x: Tensor, return_inverse: bool = False, return_counts: bool = False, axis: int | None = None, dtype: Any = "int64"
) -> Any:
    """Return the values without neighbours that repeat them."""
    values, inverse, counts = torch.unique_consecutive(torch.Tensor.detach(x), True, True, axis)
    kind = to_torch_dtype(dtype)
    found = [values]
    found += [torch.Tensor.to(torch.flatten(inverse), kind)] if return_inverse else []
    found += [torch.Tensor.to(counts, kind)] if return_counts else []
    return found[0] if len(found) == 1 else tuple(found)


fn("sort", ordered)
fn("argsort", places_in_order)
fn("msort", torch.msort)
fn("topk", greatest)
fn("kthvalue", kth)
fn("mode", most_frequent)
fn("searchsorted", searched)
fn("bucketize", bucket)
fn("unique", unique)
fn("unique_consecutive", runs)
fn(
    "isin",
    lambda x, test_x, assume_unique=False, invert=False: torch.isin(
        x, test_x, assume_unique=assume_unique, invert=invert
    ),
)
