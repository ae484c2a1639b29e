"""Mirrors the losses of `paddle.nn` for volumes of numbers and of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from ....backend.layout import moved
from ...calls import explain_calls
from .layer import Layer
from .mapped import mapped

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["BCEWithLogitsLoss", "CrossEntropyLoss", "L1Loss", "MSELoss"]


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


def binary_cross_entropy_with_logits(logit: Tensor, label: Tensor, *, reduction: str = "mean") -> Tensor:
    """Return the cross entropy of yes and no; labels are numbers from 0 to 1, of the shape of `logit`."""
    values = mapped(F.binary_cross_entropy_with_logits, logit, label, reduction="none")
    return reduced(values, reduction, "binary_cross_entropy_with_logits")


def cross_entropy(
    input: Tensor, label: Tensor, *, ignore_index: int = -100, reduction: str = "mean", axis: int = -1
) -> Tensor:
    """Return the cross entropy of classes, after a softmax.

    Args:
        input: scores of the classes, along `axis`.
        label: integers, of the shape of `input` without that axis, or with 1 in its place.
        ignore_index: a label that does not count. Default: -100.
        reduction: 'mean', over the labels that count, 'sum' or 'none'. Default: 'mean'.
        axis: where the classes are; in `(N, C, D, H, W)` that is 1. Default: -1.

    Raises:
        ValueError: there is no such reduction.

    >>> cross_entropy(torch.zeros(3, 4), torch.tensor([0, 1, 3]))
    tensor(1.3863)
    """
    reduced(torch.zeros(1), reduction, "cross_entropy")
    squeezed = label.squeeze(axis) if label.dim() == input.dim() else label

    def loss_of(scores: Tensor, labels: Tensor) -> Tensor:
        classes_second = moved(scores, axis, 1) if scores.dim() > 1 else scores
        return F.cross_entropy(classes_second, labels.long(), ignore_index=ignore_index, reduction=reduction)

    loss = mapped(loss_of, input, squeezed)
    return loss.unsqueeze(axis) if reduction == "none" and squeezed is not label else loss


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


class BCEWithLogitsLoss(Layer):
    """Layer of `binary_cross_entropy_with_logits`; arguments as in `MSELoss`."""

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        reduced(torch.zeros(1), reduction, "BCEWithLogitsLoss")
        self.reduction = reduction

    def forward(self, logit: Tensor, label: Tensor) -> Tensor:
        """Return the loss."""
        return binary_cross_entropy_with_logits(logit, label, reduction=self.reduction)


class CrossEntropyLoss(Layer):
    """Layer of `cross_entropy`, with the same arguments."""

    def __init__(self, *, ignore_index: int = -100, reduction: str = "mean", axis: int = -1) -> None:
        super().__init__()
        reduced(torch.zeros(1), reduction, "CrossEntropyLoss")
        self.ignore_index, self.reduction, self.axis = ignore_index, reduction, axis

    def forward(self, input: Tensor, label: Tensor) -> Tensor:
        """Return the loss."""
        return cross_entropy(input, label, ignore_index=self.ignore_index, reduction=self.reduction, axis=self.axis)


explain_calls(globals())
