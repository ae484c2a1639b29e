"""Rows of histograms along several axes, and of the edges of bins."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from ..dtype import default_dtype
from ..names import NAMES

__all__: list[str] = []

fn = NAMES.function


def histogram_bin_edges(input: Tensor, bins: int = 100, min: float = 0.0, max: float = 0.0) -> Tensor:
    """Return the edges of bins of equal width, from the least value to the greatest where both are zero."""
    if max < min:
        msg = f"max must be larger than min in range parameter; they are {max} and {min}."
        raise ValueError(msg)
    low, high = float(min), float(max)
    if low == high == 0:
        low, high = float(input.min()), float(input.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    return torch.linspace(low, high, bins + 1, dtype=default_dtype(), device=input.device).as_subclass(type(input))


def histogramdd(
    x: Tensor, bins: Any = 10, ranges: Any = None, density: bool = False, weights: Tensor | None = None
) -> tuple[Tensor, list[Tensor]]:
    """Count points in boxes.

    Args:
        x: points: `(..., axes)`.
        bins: how many along all axes or along each; in a tuple: their edges. Default: 10.
        ranges: the first and last edge of each axis. Default: None, those of the points.
        density: whether to divide by the sum and by the boxes' sizes. Default: False.
        weights: `(...)`, what each point counts. Default: None, 1.

    Returns:
        the counts, in the dtype of `x`, and the edges of each axis.
    """
    if x.dim() < 2 or (weights is not None and weights.shape != x.shape[:-1]):
        msg = (
            f"input x must be a tensor with at least 2 dimensions, and weights have its shape without the innermost; "
            f"x is {list(x.shape)}."
        )
        raise AssertionError(msg)
    axes = x.shape[-1]
    if ranges is not None and len(ranges) != 2 * axes:
        msg = f"The length of ranges list must be {axes * 2}; it is {len(ranges)}."
        raise AssertionError(msg)
    points = x.detach().reshape(-1, axes)
    edges = edges_of(points, bins, ranges)
    counts = [len(each) - 1 for each in edges]
    place, inside = torch.zeros_like(points[:, 0], dtype=torch.int64), torch.ones_like(points[:, 0], dtype=torch.bool)
    for axis, (count, edge) in enumerate(zip(counts, edges, strict=True)):
        values = points[:, axis].contiguous()
        index = torch.searchsorted(edge, values, right=True) - 1
        index = torch.where(values == edge[-1], index - 1, index)  # the last bin has both its edges
        inside, place = inside & (index >= 0) & (index < count), place * count + index
    counted = None if weights is None else torch.Tensor.to(weights.reshape(-1), x.dtype)[inside]
    found = torch.bincount(place[inside], counted, minlength=math.prod(counts)).reshape(counts)
    found = torch.Tensor.to(found, x.dtype)
    if density:
        total = found.sum()
        for axis, edge in enumerate(edges):
            found = found / torch.diff(edge).reshape([-1 if each == axis else 1 for each in range(axes)])
        found = found / total
    return found, edges


def edges_of(points: Tensor, bins: Any, ranges: Any) -> list[Tensor]:
    """Return the edges along each axis."""
    axes = points.shape[1]
    if isinstance(bins, tuple):
        return [torch.as_tensor(each) for each in bins]
    if isinstance(bins, int):
        bins = [bins] * axes
    if not isinstance(bins, list):
        msg = "Input bins must be Tensor[], int[], or int."
        raise ValueError(msg)
    if len(bins) != axes:
        msg = f"The length of bins must be {axes} when bins is a list; it is {len(bins)}."
        raise AssertionError(msg)
    if not all(isinstance(each, int) for each in bins):
        msg = f"The type of each element in bins list must be int; they are {bins}."
        raise ValueError(msg)
    if ranges is None:
        sides = list(zip(points.amin(0).tolist(), points.amax(0).tolist(), strict=True))
    else:
        sides = [(float(low), float(high)) for low, high in zip(ranges[::2], ranges[1::2], strict=True)]
    return [
        torch.linspace(low, high, count + 1, dtype=points.dtype, device=points.device).as_subclass(type(points))
        for (low, high), count in zip(sides, bins, strict=True)
    ]


fn("histogram_bin_edges", histogram_bin_edges)
fn("histogramdd", histogramdd, x="")
