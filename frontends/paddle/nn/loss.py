"""Mirrors the losses of `paddle.nn` for volumes of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .layer import Layer

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["L1Loss", "MSELoss"]


def square_error_cost(input: Tensor, label: Tensor) -> Tensor:
    """Return the squared differences, one per element."""
    return torch.square(input - label)


def mse_loss(input: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared differences, reduced.

    Args:
        input: what was predicted.
        label: what it should be, of a shape that broadcasts with it.
        reduction: 'mean', 'sum' or 'none'. Default: 'mean'.

    Raises:
        ValueError: there is no such reduction.

    Example:
        >>> from fourfold.frontends import paddle
        >>> mse_loss(paddle.to_tensor([1.0, 3.0]), paddle.to_tensor([1.0, 1.0])).item()
        2.0
    """
    return reduced(square_error_cost(input, label), reduction, "mse_loss")


def l1_loss(input: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return the absolute differences, reduced; arguments as in `mse_loss`."""
    return reduced(torch.abs(input - label), reduction, "l1_loss")


def reduced(values: Tensor, reduction: str, name: str) -> Tensor:
    """Return the mean, the sum, or the values."""
    if reduction == "mean":
        return values.mean()
    if reduction == "sum":
        return values.sum()
    if reduction == "none":
        return values
    msg = f"The value of 'reduction' in {name} should be 'sum', 'mean' or 'none', but received {reduction!r}."
    raise ValueError(msg)


class MSELoss(Layer):
    """Layer of `mse_loss`.

    Args:
        reduction: 'mean', 'sum' or 'none'. Default: 'mean'.

    Raises:
        ValueError: there is no such reduction.
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        reduced(torch.zeros(1), reduction, "MSELoss")
        self.reduction = reduction

    def forward(self, input: Tensor, label: Tensor) -> Tensor:
        """Return the loss."""
        return mse_loss(input, label, self.reduction)


class L1Loss(Layer):
    """Layer of `l1_loss`; arguments as in `MSELoss`."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        reduced(torch.zeros(1), reduction, "L1Loss")
        self.reduction = reduction

    def forward(self, input: Tensor, label: Tensor) -> Tensor:
        """Return the loss."""
        return l1_loss(input, label, self.reduction)
