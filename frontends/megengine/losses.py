"""Rows of losses and of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from .arguments import ArgumentError
from .elementwise import binary
from .names import NAMES
from .operands import NotATensorError, operands, tensor_of
from .reductions import log_sum, mean, topk, total
from .shapes import picked

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function
difference = binary(torch.sub)


def reduced(values: Tensor, reduction: str) -> Tensor:
    """Return the mean, the sum or the values themselves.

    Raises:
        ValueError: there is no such reduction (an AssertionError and RuntimeError too).
    """
    if reduction == "mean":
        return mean(values)
    if reduction == "sum":
        return total(values)
    if reduction == "none":
        return values
    msg = f"reduction={reduction!r} is not a valid value for reduction; legal are 'mean', 'sum' and 'none'."
    raise ArgumentError(msg)


def square_loss(pred: Any, label: Any, reduction: str = "mean") -> Tensor:
    """Return the squared differences, reduced.

    Args:
        pred: what was predicted.
        label: what it should be, of a shape that broadcasts with it.
        reduction: 'mean', 'sum' or 'none'. Default: 'mean'.

    Raises:
        ValueError: there is no such reduction (an AssertionError and RuntimeError too).

    Example:
        >>> square_loss(torch.tensor([1.0, 3.0]), [1.0, 1.0]).item()
        2.0
    """
    values = difference(pred, label)
    return reduced(torch.square(values if values.is_floating_point() else values.to(torch.float32)), reduction)


def l1_loss(pred: Any, label: Any, reduction: str = "mean") -> Tensor:
    """Return the absolute differences, reduced; arguments as in `square_loss`."""
    return reduced(torch.abs(difference(pred, label)), reduction)


def cross_entropy(
    pred: Any,
    label: Any,
    axis: int = 1,
    with_logits: bool = True,
    label_smooth: float = 0,
    reduction: str = "mean",
) -> Tensor:
    """Return the cross entropy of predicted classes and labels, reduced.

    Args:
        pred: scores of the classes along `axis`, or probabilities.
        label: the class of each place, a tensor or an array of numbers; its shape lacks that axis.
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
    scores = tensor_of(pred, "pred")
    if not hasattr(label, "ndim"):
        msg = f"label is a {type(label).__name__}; it must be a tensor or an array. Use megengine.tensor()."
        raise NotATensorError(msg)
    if scores.dim() != label.ndim + 1:
        msg = (
            f"target ndim must be one less than input ndim; input_ndim={scores.dim()} target_ndim={label.ndim}. "
            f"Reshape the label."
        )
        raise ArgumentError(msg)
    chosen = picked(scores, label, axis)
    norm = log_sum(scores, axis) if with_logits else torch.zeros((), device=scores.device)
    chosen, every = (chosen, scores) if with_logits else (torch.log(chosen), torch.log(scores))
    if label_smooth:
        even = torch.mul(torch.mean(every, axis), label_smooth)
        return reduced(torch.sub(torch.sub(norm, even), torch.mul(chosen, 1 - label_smooth)), reduction)
    return reduced(torch.sub(norm, chosen), reduction)


def binary_cross_entropy(pred: Any, label: Any, with_logits: bool = True, reduction: str = "mean") -> Tensor:
    """Return the cross entropy of yes and no, reduced.

    Args:
        pred: scores, or probabilities.
        label: 0 to 1, of a shape that broadcasts with it.
        with_logits: whether `pred` are scores; else they are probabilities. Default: True.
        reduction: as in `square_loss`.

    Raises:
        TypeError: the label is a list.
    """
    if isinstance(label, (list, tuple)):
        msg = f"label is a {type(label).__name__}; it must be a tensor or an array. Use megengine.tensor()."
        raise NotATensorError(msg)
    scores, wanted = operands(pred, label)
    if with_logits:
        yes, no = F.logsigmoid(scores), F.logsigmoid(torch.neg(scores))
    else:
        yes, no = torch.log(scores), torch.log(torch.rsub(scores, 1))
    parts = torch.add(torch.mul(wanted, yes), torch.mul(torch.rsub(wanted, 1), no))
    return reduced(torch.neg(parts), reduction)


def hinge_loss(pred: Any, label: Any, norm: str = "L1", reduction: str = "mean") -> Tensor:
    """Return how far products of scores and labels, 1 or -1, are below 1, summed along axis 1 and reduced.

    Raises:
        AssertionError: the norm is neither 'L1' nor 'L2' (a ValueError and RuntimeError too).
    """
    if norm.upper() not in ("L1", "L2"):
        msg = f"norm={norm!r}: norm must be L1 or L2."
        raise ArgumentError(msg)
    scores, wanted = operands(pred, label)
    values = torch.relu(torch.rsub(torch.mul(scores, wanted), 1))
    return reduced(torch.sum(values if norm.upper() == "L1" else torch.square(values), 1), reduction)


def topk_accuracy(logits: Any, target: Any, topk: Any = 1) -> Any:
    """Return the part of the rows whose label is among the `topk` highest scores; a list for several."""
    scores, labels = tensor_of(logits, "logits"), tensor_of(target, "target")
    counts = [topk] if isinstance(topk, int) else list(topk)
    highest = ordered_classes(scores, max(counts))
    hits = torch.eq(highest, torch.unsqueeze(labels, 1).to(highest.dtype)).float()
    found = [torch.div(torch.sum(hits[:, :count]), len(scores)) for count in counts]
    return found[0] if len(found) == 1 else found


def ordered_classes(scores: Tensor, count: int) -> Tensor:
    """Return the classes of the highest scores of each row."""
    return topk(scores, count)[1]


fn("functional.loss.square_loss", square_loss)
fn("functional.loss.l1_loss", l1_loss)
fn("functional.loss.cross_entropy", cross_entropy)
fn("functional.loss.binary_cross_entropy", binary_cross_entropy)
fn("functional.loss.hinge_loss", hinge_loss)
fn("functional.topk_accuracy", topk_accuracy)
fn("functional.metric.topk_accuracy", topk_accuracy)
