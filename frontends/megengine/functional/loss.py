"""Mirrors the losses of `megengine.functional.loss` for volumes of numbers and of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from ....backend.layout import moved
from ...calls import explain_calls
from ..arguments import ArgumentError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["binary_cross_entropy", "cross_entropy", "l1_loss", "square_loss"]


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


def cross_entropy(
    pred: Tensor,
    label: Tensor,
    axis: int = 1,
    with_logits: bool = True,
    label_smooth: float = 0,
    reduction: str = "mean",
) -> Tensor:
    """Return the cross entropy of predicted classes and labels, reduced.

    Args:
        pred: scores of the classes along `axis`, or probabilities.
        label: the class of each place, integers; its shape lacks that axis.
        axis: of the classes. Default: 1.
        with_logits: whether `pred` are scores; else they are probabilities. Default: True.
        label_smooth: the part of each label that goes to all classes alike, 0 to 1. Default: 0.
        reduction: as in `square_loss`.

    Raises:
        AssertionError: the label does not have one axis less; no such reduction (a ValueError and RuntimeError too).

    Example:
        >>> cross_entropy(torch.zeros(1, 2, 3), torch.zeros(1, 3, dtype=torch.int32)).item()  # log(2)
        0.6931471824645996
    """
    if pred.dim() != label.dim() + 1:
        msg = (
            f"target ndim must be one less than input ndim; input_ndim={pred.dim()} target_ndim={label.dim()}. "
            f"Reshape the label."
        )
        raise ArgumentError(msg)
    scores = moved(pred if with_logits else torch.log(pred), axis, 1)
    normalised = torch.log_softmax(scores, 1) if with_logits else scores
    chosen = torch.gather(normalised, 1, label.long().unsqueeze(1)).squeeze(1)
    return _reduced(-(1 - label_smooth) * chosen - label_smooth * normalised.mean(1), reduction)


def binary_cross_entropy(pred: Tensor, label: Tensor, with_logits: bool = True, reduction: str = "mean") -> Tensor:
    """Return the cross entropy of yes and no, reduced.

    Args:
        pred: scores, or probabilities.
        label: 0 to 1, of the shape of `pred`.
        with_logits: whether `pred` are scores; else they are probabilities. Default: True.
        reduction: as in `square_loss`.
    """
    if with_logits:
        values = F.binary_cross_entropy_with_logits(pred, label, reduction="none")
    else:
        values = F.binary_cross_entropy(pred, label, reduction="none")
    return _reduced(values, reduction)


def _reduced(values: Tensor, reduction: str) -> Tensor:
    if reduction == "mean":
        return values.mean()
    if reduction == "sum":
        return values.sum()
    if reduction == "none":
        return values
    msg = f"reduction={reduction!r}; legal are 'mean', 'sum' and 'none'."
    raise ArgumentError(msg)


explain_calls(globals())
