"""Mirrors the losses of `megengine.functional.loss` for volumes of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..arguments import ArgumentError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["l1_loss", "square_loss"]


def square_loss(pred: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared differences, reduced.

    Args:
        pred: what was predicted.
        label: what it should be, of a shape that broadcasts with it.
        reduction: 'mean', 'sum' or 'none'. Default: 'mean'.

    Raises:
        AssertionError: there is no such reduction (a ValueError too).

    Example:
        >>> from fourfold.frontends import megengine
        >>> square_loss(megengine.tensor([1.0, 3.0]), megengine.tensor([1.0, 1.0])).item()
        2.0
    """
    return _reduced(torch.square(pred - label), reduction)


def l1_loss(pred: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return the absolute differences, reduced; arguments as in `square_loss`."""
    return _reduced(torch.abs(pred - label), reduction)


def _reduced(values: Tensor, reduction: str) -> Tensor:
    if reduction == "mean":
        return values.mean()
    if reduction == "sum":
        return values.sum()
    if reduction == "none":
        return values
    msg = f"reduction={reduction!r}; legal are 'mean', 'sum' and 'none'."
    raise ArgumentError(msg)
