"""Losses of `fluid.layers`, and what they are made of in `fluid.dygraph`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from .names import row
from .reductions import with_axis

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["absolute_error", "binary_cross_entropy", "likelihood", "squared_error"]


@row("square_error_cost")
def square_error_cost(input: Tensor, label: Tensor) -> Tensor:
    """Return the squared differences, one per element."""
    return torch.square(input - label)


@row("mse_loss")
def mse_loss(input: Tensor, label: Tensor) -> Tensor:
    """Return the mean of the squared differences, of shape (1,)."""
    return torch.square(input - label).mean().reshape(1)


def chosen(values: Tensor, label: Tensor, ignore_index: int, axis: int = -1) -> tuple[Tensor, Tensor]:
    """Return what stands at the labels along an axis, and where labels count."""
    label = label.long()
    counts = label != ignore_index
    return torch.gather(values, axis, torch.where(counts, label, 0)), counts


@row("cross_entropy")
def cross_entropy(input: Tensor, label: Tensor, soft_label: bool = False, ignore_index: int = -100) -> Tensor:
    """Return minus the logarithm of the label's probability, of the labels' shape; 0 where they are ignored."""
    if soft_label:
        return -(label.detach() * torch.log(input)).sum(-1, keepdim=True)
    places = label if label.dim() == input.dim() else label.unsqueeze(-1)
    found, counts = chosen(input, places, ignore_index)
    return torch.where(counts, -torch.log(found), 0.0).reshape(list(label.shape))


@row("softmax_with_cross_entropy")
def softmax_with_cross_entropy(
    logits: Tensor,
    label: Tensor,
    soft_label: bool = False,
    ignore_index: int = -100,
    numeric_stable_mode: bool = True,
    return_softmax: bool = False,
    axis: int = -1,
) -> Any:
    """Return the cross entropy of what softmax gives, and with `return_softmax` that too, without gradient."""
    logarithms = F.log_softmax(logits, dim=axis)
    if soft_label:
        label = label.detach()
        loss = -(label * logarithms).sum(axis, keepdim=True)
        # the release's gradient is that of shares that sum to one, whatever these do
        scale = torch.logsumexp(logits, axis, keepdim=True)
        loss = loss + (1 - label.sum(axis, keepdim=True)) * (scale - scale.detach())
    else:
        found, counts = chosen(logarithms, label, ignore_index, axis)
        loss = torch.where(counts, -found, 0.0)
    return (loss, torch.exp(logarithms).detach()) if return_softmax else loss


@row("sigmoid_cross_entropy_with_logits")
def sigmoid_cross_entropy_with_logits(
    x: Tensor, label: Tensor, ignore_index: int = -100, normalize: bool = False
) -> Tensor:
    """Return the cross entropy of what the sigmoid gives, 0 where labels are ignored."""
    label = label.detach()  # which has no gradient in the release
    counts = label != ignore_index
    loss = -x * label - F.logsigmoid(-x)
    loss = torch.where(counts, loss, 0.0)
    return loss / counts.sum().clamp(min=1) if normalize else loss


@row("log_loss", epsilon="epsilon")
def log_loss(input: Tensor, label: Tensor, epsilon: float = 1e-4) -> Tensor:
    """Return minus the logarithm of the probability of labels 0 and 1."""
    label = label.detach()
    return -label * torch.log(input + epsilon) - (1 - label) * torch.log(1 - input + epsilon)


@row("huber_loss")
def huber_loss(input: Tensor, label: Tensor, delta: float) -> Tensor:
    """Return half the squared difference, linear beyond `delta`."""
    return F.huber_loss(input, label, reduction="none", delta=delta)


@row("smooth_l1")
def smooth_l1(
    x: Tensor,
    y: Tensor,
    inside_weight: Tensor | None = None,
    outside_weight: Tensor | None = None,
    sigma: float | None = None,
) -> Tensor:
    """Return sums over rows of half the squared difference, linear beyond 1 / sigma squared, of shape (N, 1)."""
    square = 1.0 if sigma is None else sigma * sigma
    difference = x - y if inside_weight is None else (x - y) * inside_weight
    size = torch.abs(difference)
    loss = torch.where(size < 1 / square, 0.5 * square * difference * difference, size - 0.5 / square)
    loss = loss if outside_weight is None else loss * outside_weight
    return loss.reshape([loss.shape[0], -1]).sum(1, keepdim=True)


@row("kldiv_loss")
def kldiv_loss(x: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return `target * (log(target) - x)`, 0 where the target is not above 0."""
    target = target.detach()  # which has no gradient in the release
    above = target > 0
    loss = torch.where(above, target * (torch.log(torch.where(above, target, 1.0)) - x), 0.0)
    if reduction == "batchmean":
        return with_axis(loss.sum() / x.shape[0])
    return over(loss, reduction)


def over(loss: Tensor, reduction: str) -> Tensor:
    """Return the mean or sum, of shape (1,), or everything for 'none'.

    Raises:
        ValueError: there is no such reduction.
    """
    if reduction not in ("mean", "sum", "none"):
        msg = f"The value of 'reduction' should be 'sum', 'mean' or 'none', but received {reduction!r}."
        raise ValueError(msg)
    return loss if reduction == "none" else (loss.mean() if reduction == "mean" else loss.sum()).reshape(1)


@row("dice_loss", epsilon="epsilon")
def dice_loss(input: Tensor, label: Tensor, epsilon: float = 1e-05) -> Tensor:
    """Return 1 minus twice the overlap, by what both cover, in the mean over the batch."""
    ones = F.one_hot(label.squeeze(-1).long(), input.shape[-1]).to(input.dtype)
    axes = list(range(1, input.dim()))
    overlap = (input * ones).sum(axes)
    return (1 - overlap * 2 / (input.sum(axes) + ones.sum(axes) + epsilon)).mean().reshape(1)


@row("rank_loss")
def rank_loss(label: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """Return RankNet's loss of two scores."""
    return F.softplus(left - right, threshold=50.0) - label.detach() * (left - right)


@row("margin_rank_loss")
def margin_rank_loss(label: Tensor, left: Tensor, right: Tensor, margin: float = 0.1) -> Tensor:
    """Return by how much a margin between two scores is missed."""
    return F.relu(-label.detach() * (left - right) + margin)


@row("label_smooth", epsilon="epsilon")
def label_smooth(label: Tensor, prior_dist: Tensor | None = None, epsilon: float = 0.1, dtype: Any = None) -> Tensor:
    """Return labels between what they were and a distribution, the uniform one where none is given."""
    prior = 1 / label.shape[-1] if prior_dist is None else prior_dist
    return (1 - epsilon) * label + epsilon * prior


@row("bpr_loss")
def bpr_loss(input: Tensor, label: Tensor) -> Tensor:
    """Return how little the label's score is above the others, by the logarithm of the sigmoid, of shape (N, 1)."""
    own = torch.gather(input, -1, label.long())
    # the label's own difference is 0, of which the logarithm of the sigmoid is minus log(2)
    others = F.logsigmoid(own - input).sum(-1, keepdim=True) - F.logsigmoid(own - own)
    return -others / (input.shape[-1] - 1)


@row("npair_loss")
def npair_loss(anchor: Tensor, positive: Tensor, labels: Tensor, l2_reg: float = 0.002) -> Tensor:
    """Return how little anchors are like what has their label, and the squares of both, regularised."""
    same = (labels[:, None] == labels[None, :]).to(anchor.dtype)
    shares = same / same.sum(1, keepdim=True)
    squares = torch.square(anchor).sum(1).mean() + torch.square(positive).sum(1).mean()
    entropies = -(shares * F.log_softmax(torch.matmul(anchor, positive.T), 1)).sum(1, keepdim=True)
    # a column of entropies beside the matrix of shares, added along columns: what the release does
    return with_axis(squares * 0.25 * l2_reg + (shares * entropies).sum(0).mean())


# -- of layers ----------------------------------------------------------------------------------------------------


def squared_error(input: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return squared differences."""
    return over(torch.square(input - label), reduction)


def absolute_error(input: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return absolute differences."""
    return over(torch.abs(input - label), reduction)


def binary_cross_entropy(input: Tensor, label: Tensor, weight: Tensor | None = None, reduction: str = "mean") -> Tensor:
    """Return the cross entropy of probabilities."""
    loss = F.binary_cross_entropy(input, label, reduction="none")
    return over(loss if weight is None else loss * weight, reduction)


def likelihood(
    input: Tensor, label: Tensor, weight: Tensor | None = None, reduction: str = "mean", ignore_index: int = -100
) -> Tensor:
    """Return minus the logarithms of probabilities that stand at the labels."""
    return with_axis(F.nll_loss(input, label, weight=weight, reduction=reduction, ignore_index=ignore_index))


@row("sigmoid_focal_loss")
def sigmoid_focal_loss(x: Tensor, label: Tensor, fg_num: Tensor, gamma: float = 2.0, alpha: float = 0.25) -> Tensor:
    """Return the focal loss of each class by the number of objects, of labels 0 (none), 1 to C, and -1 (left out).

    Raises:
        ValueError: labels are not of shape (N, 1), or they or `fg_num` are not of int32.
    """
    if list(label.shape) != [x.shape[0], 1] or label.dtype != torch.int32 or fg_num.dtype != torch.int32:
        msg = (
            f"label is {label.dtype} of the shape {list(label.shape)}, fg_num {fg_num.dtype}; int32 of the shape "
            f"{[x.shape[0], 1]}, and int32 are needed."
        )
        raise ValueError(msg)
    yes, no = F.logsigmoid(x), F.logsigmoid(-x)
    # a probability counts as float32's least normal number at least, without a change of the gradient
    value = yes + (yes.clamp(min=math.log(torch.finfo(torch.float32).tiny)) - yes).detach()
    hit = label == torch.arange(1, x.shape[1] + 1, device=x.device)
    loss = torch.where(hit, -alpha * torch.exp(gamma * no) * value, (alpha - 1) * torch.exp(gamma * yes) * no)
    return torch.where(label == -1, 0.0, loss) / fg_num.clamp(min=1)


@row("teacher_student_sigmoid_loss")
def teacher_student_sigmoid_loss(
    input: Tensor, label: Tensor, soft_max_up_bound: float = 15.0, soft_max_lower_bound: float = -15.0
) -> Tensor:
    """Return the cross entropy of clicks, and of a teacher's scores where there are some.

    Labels are -2 (no click), -1 (a click), the score (no click), or 1 and the score. Beyond the bounds there is no
    gradient.

    Raises:
        ValueError: labels are not of the dtype of `input`.
    """
    if label.dtype != input.dtype:
        msg = f"Tensor holds the wrong type: label is {label.dtype}, and input {input.dtype}. Give one of them."
        raise ValueError(msg)
    label = label.detach()
    loss = F.softplus(input)
    first = torch.where((label < -1) | ((label >= 0) & (label < 1)), loss, loss - input)
    score = torch.where(label < 1, label, label - 1)
    loss = torch.where(label < 0, first, first + loss - input * score)
    inside = (input < soft_max_up_bound) & (input > soft_max_lower_bound)
    return torch.where(inside, loss, loss.detach())
