"""Reductions, and what sorts and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...tensor import like, plain
from .names import row

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []


def with_axis(result: Tensor) -> Tensor:
    """Return a tensor that has an axis: fluid's reductions give shape (1,) where nothing is left."""
    return result.reshape(1) if result.dim() == 0 else result


def axes_of(dim: Any, x: Tensor) -> list[int]:
    """Return the axes that `dim` names, from 0: one, several, or all for None and for none."""
    if dim is None or (isinstance(dim, (list, tuple)) and not dim):
        return list(range(x.dim()))
    axes = [int(axis) for axis in (dim if isinstance(dim, (list, tuple)) else [dim])]
    if any(not -x.dim() <= axis < x.dim() for axis in axes):
        msg = f"dim={dim}: each should be in the range [{-x.dim()}, {x.dim()}) of a tensor of {x.dim()} axes."
        raise ValueError(msg)
    return [axis % x.dim() for axis in axes]


def reduced(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a reduction that takes fluid's `dim` and `keep_dim`."""

    def over(input: Tensor, dim: Any = None, keep_dim: bool = False) -> Tensor:
        # each question to a tensor of our class costs microseconds
        x = plain(input)
        return like(with_axis(function(x, dim=axes_of(dim, x), keepdim=keep_dim)), input)

    return over


def total(input: Tensor, dim: list[int], keepdim: bool) -> Tensor:
    """Return the sum, in the dtype of what is added."""
    return torch.sum(input, dim=dim, keepdim=keepdim, dtype=input.dtype)


def extreme(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return the greatest or the least; every value that is takes the whole gradient."""

    def found(input: Tensor, dim: list[int], keepdim: bool) -> Tensor:
        values = function(input, dim=dim, keepdim=keepdim)
        if not values.requires_grad:
            return values
        known = input.detach()
        equal = torch.eq(known, function(known, dim=dim, keepdim=True))
        # nothing is added but the gradient: infinity minus itself is no number
        return values.detach() + torch.sum(equal * torch.nan_to_num(input - known), dim=dim, keepdim=keepdim)

    return found


def average(input: Tensor, dim: list[int], keepdim: bool) -> Tensor:
    """Return the mean; of integers, rounded towards zero."""
    if input.is_floating_point():
        return torch.mean(input, dim=dim, keepdim=keepdim)
    count = max(plain(input).numel() // max(torch.sum(torch.ones_like(input), dim=dim).numel(), 1), 1)
    return torch.div(total(input, dim, keepdim), count, rounding_mode="trunc")


def product(input: Tensor, dim: list[int], keepdim: bool) -> Tensor:
    """Return the product over axes, which torch takes one at a time."""
    for axis in sorted(dim, reverse=True):
        input = torch.prod(input, dim=axis, keepdim=keepdim, dtype=input.dtype)
    return input


for _name, _function in (
    ("sum", total),
    ("mean", average),
    ("max", extreme(torch.amax)),
    ("min", extreme(torch.amin)),
    ("prod", product),
    ("all", torch.all),
    ("any", torch.any),
):
    row(f"reduce_{_name}")(reduced(_function))


@row("mean")
def mean(x: Tensor) -> Tensor:
    """Return the mean over all axes, of shape (1,): fluid has no tensor without axes.

    >>> mean(torch.tensor([1.0, 3.0]))
    tensor([2.])
    """
    return torch.mean(x).reshape(1)


@row("logsumexp")
def logsumexp(x: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return the logarithm of the sum of exponentials."""
    return with_axis(torch.logsumexp(x, axes_of(dim, x), keepdim))


@row("argmax")
def argmax(x: Tensor, axis: int = 0) -> Tensor:
    """Return where the greatest values are along an axis."""
    return torch.argmax(x, axis)


@row("argmin")
def argmin(x: Tensor, axis: int = 0) -> Tensor:
    """Return where the least values are along an axis."""
    return torch.argmin(x, axis)


@row("argsort", several=True)
def argsort(input: Tensor, axis: int = -1, descending: bool = False) -> tuple[Tensor, Tensor]:
    """Return sorted values, and where they were."""
    found = torch.sort(input, dim=axis, descending=descending, stable=True)
    return found.values, found.indices


@row("topk", several=True)
def topk(input: Tensor, k: Any) -> tuple[Tensor, Tensor]:
    """Return the `k` greatest values along the last axis, and where they were; no gradient goes through."""
    found = torch.topk(input.detach(), int(k), dim=-1)
    return found.values, found.indices


@row("cumsum")
def cumsum(x: Tensor, axis: int | None = None, exclusive: bool | None = None, reverse: bool | None = None) -> Tensor:
    """Return sums of what comes before along an axis, the last where none is named, and of what is there itself.

    `exclusive` leaves that out; `reverse` begins at the end.
    """
    axis = -1 if axis is None else axis
    begun = torch.flip(x, [axis]) if reverse else x
    found = torch.cumsum(begun, axis, dtype=x.dtype)
    if exclusive:
        found = found - begun
    return torch.flip(found, [axis]) if reverse else found


@row("accuracy")
def accuracy(input: Tensor, label: Tensor, k: int = 1) -> Tensor:
    """Return the share of rows whose label is among the `k` greatest values, of shape (1,)."""
    best = torch.topk(input, k, dim=-1).indices
    return (best == label.reshape(-1, 1)).any(-1).to(input.dtype).mean().reshape(1)


@row("l2_normalize")
def l2_normalize(x: Tensor, axis: int | None, epsilon: float = 1e-12) -> Tensor:
    """Divide by the root of the sum of squares along an axis."""
    axis = 0 if x.dim() == 1 else -1 if axis is None else axis
    return x / torch.sqrt(torch.sum(torch.square(x), dim=axis, keepdim=True) + epsilon)


@row("clip_by_norm")
def clip_by_norm(x: Tensor, max_norm: float) -> Tensor:
    """Divide by the norm and multiply by `max_norm` where the norm is above it; no gradient goes through."""
    x = x.detach()
    norm: Tensor = torch.sqrt(torch.sum(torch.square(x)))
    return torch.where(norm > max_norm, x * (max_norm / norm), x)


@row("dist")
def dist(x: Tensor, y: Tensor, p: float = 2) -> Tensor:
    """Return the p-norm of the difference, of shape (1,)."""
    found: Tensor = torch.linalg.vector_norm(x - y, p)
    return found.reshape(1)


@row("nonzero")
def nonzero(input: Tensor, as_tuple: bool = False) -> Any:
    """Return the indices of what is not zero."""
    return torch.nonzero(input) if not as_tuple else tuple(each.reshape(-1, 1) for each in torch.nonzero(input).T)


row("where")(torch.nonzero)


@row("allclose")
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Return whether all values are near, in shape (1,)."""
    return torch.isclose(input, other, rtol=rtol, atol=atol, equal_nan=equal_nan).all().reshape(1)


@row("mean_iou", several=True)
def mean_iou(input: Tensor, label: Tensor, num_classes: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the mean over classes of overlap by union, and per class how many are wrong and right."""
    numbers = torch.arange(num_classes, device=input.device)
    found, wanted = (each.flatten().unsqueeze(1) == numbers for each in (input, label))
    right = (found & wanted).sum(0)
    wrong = (found ^ wanted).sum(0)
    there = (right + wrong) > 0
    shares = right.float() / (right + wrong).clamp(min=1).float()
    mean = shares.sum() / there.sum().clamp(min=1).float()
    return mean.reshape(1), wrong.int(), right.int()
