"""Rows of losses of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..names import NAMES
from .basics import label_smooth, one_hot
from .losses import checked, here, reduced

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["cross_entropy"]

fn = NAMES.function


def cross_entropy(
    input: Tensor,
    label: Tensor,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    soft_label: bool = False,
    axis: int = -1,
    use_softmax: bool = True,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross entropy of classes.

    Args:
        input: scores along `axis`, or probabilities where `use_softmax` is False.
        label: integers, of the shape of `input` without that axis or with 1 in its place; or shares of the classes,
            which are smoothed too where they are of that shape.
        weight: one factor per class. Default: None.
        ignore_index: a label that does not count. Default: -100.
        reduction: 'mean', 'sum' or 'none'. The mean is over the labels that count; as in the release, over all where
            there is no weight and `ignore_index` is below zero, and 0 where none counts. Default: 'mean'.
        soft_label: whether labels are shares. Default: False.
        axis: where the classes are. Default: -1.
        use_softmax: whether scores become shares first. Default: True.
        label_smoothing: how much of each label is spread over all classes. Default: 0.0.
    """
    checked(reduction, "softmax_cross_entropy")
    if ignore_index > 0 and soft_label:
        msg = f"With soft_label, ignore_index={ignore_index} has no meaning: it should be -100. Leave it out."
        raise ValueError(msg)
    _check_axes(input, label)
    axis %= input.dim()
    bare = label.dim() == input.dim() - 1
    if bare:
        label = torch.unsqueeze(label, axis)
    if label_smoothing > 0:
        if not soft_label and bare:
            label = one_hot(torch.squeeze(label, axis), input.shape[-1])
        label, soft_label = torch.Tensor.to(label_smooth(label, epsilon=label_smoothing), input.dtype), True
    logs = torch.log_softmax(input, axis) if use_softmax else torch.log(input)
    label = label.detach()
    if soft_label:
        if use_softmax:
            # a gradient of shares less labels, as Paddle's, whatever the labels sum to
            log_sum = torch.narrow(input, axis, 0, 1) - torch.narrow(logs, axis, 0, 1)
            rest = (1 - torch.sum(label, axis, keepdim=True)) * (log_sum - log_sum.detach())
        else:
            rest = None
        return _of_shares(logs, label, weight, reduction, axis, rest, bare=bare)
    classes, counts = torch.Tensor.to(label, torch.int64), label != ignore_index
    chosen = torch.where(counts, classes, 0)
    losses = torch.where(counts, -torch.gather(logs, axis, chosen), 0.0)
    if weight is not None:
        _check_weight(weight, input.shape[axis])
        factors = weight.detach()[chosen] * torch.Tensor.to(counts, input.dtype)
        losses = losses * factors
    elif ignore_index >= 0:
        factors = torch.Tensor.to(counts, losses.dtype)
    else:
        factors = None
    if reduction == "mean" and factors is not None:
        total = torch.sum(factors)
        return torch.sum(losses) / torch.where(total == 0, torch.ones_like(total), total)
    losses = reduced(losses, reduction)
    return torch.squeeze(losses, axis) if reduction == "none" and bare else losses


def _check_weight(weight: Tensor, classes: int) -> None:
    if weight.shape[-1] != classes:
        msg = (
            f"input's class_dimension({classes}) must equal to weight's class_dimension({weight.shape[-1]}) when "
            f"weight is provided"
        )
        raise ValueError(msg)


def _check_axes(input: Tensor, label: Tensor) -> None:
    if input.dim() == 0:
        msg = "The dimension of input should be larger than zero!"
        raise ValueError(msg)
    if label.dim() not in (input.dim() - 1, input.dim()):
        msg = (
            f"Expected input_dims - 1 = label_dims or input_dims == label_dims "
            f"(got input_dims{input.dim()}, label_dims{label.dim()})"
        )
        raise ValueError(msg)


def _of_shares(
    logs: Tensor, label: Tensor, weight: Any, reduction: str, axis: int, rest: Tensor | None, *, bare: bool
) -> Tensor:
    losses = -torch.sum(label * logs, axis, keepdim=True)
    losses = losses if rest is None else losses + rest
    if weight is None:
        losses = reduced(losses, reduction)
        return torch.squeeze(losses, axis) if reduction == "none" and bare else losses
    factors = torch.reshape(torch.matmul(label, weight.detach()), losses.shape)
    losses = losses * factors
    if reduction == "mean":
        total = torch.sum(factors)
        return torch.sum(losses) / torch.where(total == 0, torch.ones_like(total), total)
    return reduced(losses, reduction)


def softmax_with_cross_entropy(
    logits: Tensor,
    label: Tensor,
    soft_label: bool = False,
    ignore_index: int = -100,
    return_softmax: bool = False,
    axis: int = -1,
) -> Any:
    """Return the cross entropy of each sample, 1 in place of the classes; and the shares if asked for."""
    axis %= logits.dim()
    if label.dim() == logits.dim() - 1:
        label = torch.unsqueeze(label, axis)
    losses = cross_entropy(logits, label, None, ignore_index, "none", soft_label, axis)
    return (losses, torch.softmax(logits, axis)) if return_softmax else losses


def nll_loss(
    input: Tensor, label: Tensor, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """Return the negative log likelihood of classes, along the second axis."""
    checked(reduction, "nll_loss")
    _check_axes(input, label)
    if input.dim() < 2:
        msg = f"Expected 2 or more dimensions (got {input.dim()})"
        raise ValueError(msg)
    if input.dim() == label.dim() == 2 and label.shape[1] == 1:
        label = torch.squeeze(label, 1)
    return torch.nn.functional.nll_loss(
        input, torch.Tensor.to(label, torch.int64), weight, ignore_index=ignore_index, reduction=reduction
    )


def dice_loss(input: Tensor, label: Tensor, epsilon: float = 1e-5) -> Tensor:
    """Return 1 less the overlap of predicted shares with labels."""
    truth = one_hot(torch.squeeze(label, -1), input.shape[-1])
    axes = list(range(1, input.dim()))
    overlap = torch.sum(input * truth, axes)
    return torch.mean(1 - overlap * 2 / (torch.sum(input, axes) + torch.sum(truth, axes) + epsilon))


def multi_margin_loss(
    input: Tensor, label: Tensor, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Tensor:
    """Return by how much other classes come nearer to the right one than a margin."""
    checked(reduction, "multi_margin_loss")
    index = torch.Tensor.to(label, torch.int64).reshape(-1, 1)
    # where a class is as far as the margin the gradient is that of one that is nearer, and not torch's
    terms = torch.clamp(margin - torch.gather(input, 1, index) + input, min=0) ** p
    own = margin**p / input.shape[1]
    if weight is None:
        return reduced(torch.mean(terms, 1) - own, reduction)
    rows = weight[index]
    return reduced(torch.mean(rows * terms, 1) - (rows * own).squeeze(1), reduction)


def npair_loss(anchor: Tensor, positive: Tensor, labels: Tensor, l2_reg: float = 0.002) -> Tensor:
    """Return the cross entropy of which pairs are alike, and a penalty of their sizes."""
    same = torch.Tensor.to(labels[:, None] == labels[None], torch.float32)
    shares = same / torch.sum(same, 1, keepdim=True)
    sizes = torch.mean(torch.sum(torch.square(anchor), 1)) + torch.mean(torch.sum(torch.square(positive), 1))
    losses = cross_entropy(torch.matmul(anchor, positive.t()), shares, soft_label=True, reduction="none")
    return sizes * 0.25 * l2_reg + torch.mean(torch.sum(shares * losses, 0))


fn(here("cross_entropy"), cross_entropy)
fn(here("softmax_with_cross_entropy"), softmax_with_cross_entropy, logits="")
fn(here("nll_loss"), nll_loss)
fn(here("dice_loss"), dice_loss)
fn(here("multi_margin_loss"), multi_margin_loss)
fn(here("npair_loss"), npair_loss)
