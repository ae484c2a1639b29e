"""Rows of losses of numbers: what was predicted beside what it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError
from ..names import NAMES
from ..nn.mapped import mapped
from .operands import SINGLE, promoted
from .reductions import mean

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["binary_cross_entropy_with_logits", "l1_loss", "mse_loss", "reduced", "square_error_cost"]

fn = NAMES.function
_subtract = promoted(torch.sub, scalars=True)


def here(name: str) -> str:
    """Return the recorded name of a function of `nn.functional`."""
    return f"nn.functional.{name}"


def checked(reduction: Any, name: str) -> None:
    """Raise ValueError unless it is 'sum', 'mean' or 'none'."""
    if reduction not in ("sum", "mean", "none"):
        msg = f"The value of 'reduction' in {name} should be 'sum', 'mean' or 'none', but received {reduction!r}."
        raise ValueError(msg)


def reduced(values: Tensor, reduction: str) -> Tensor:
    """Return the mean, the sum, or the values."""
    if reduction == "mean":
        return mean(values)
    return torch.sum(values) if reduction == "sum" else values


def square_error_cost(input: Tensor, label: Tensor) -> Tensor:
    """Return the squared differences, one per element."""
    return torch.square(_subtract(input, label))


def mse_loss(input: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared differences, reduced."""
    checked(reduction, "mse_loss")
    return reduced(square_error_cost(input, label), reduction)


def l1_loss(input: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return the absolute differences, reduced."""
    checked(reduction, "L1Loss")
    return reduced(torch.abs(_subtract(input, label)), reduction)


def smooth_l1_loss(
    input: Tensor, label: Tensor, reduction: str = "mean", delta: float = 1.0, is_huber: bool = True
) -> Tensor:
    """Return half the squares of small differences, and `delta` times large ones; divided by `delta` if not Huber's."""
    checked(reduction, "smooth_l1_loss")
    if input.shape != label.shape:
        msg = (
            f"Input(input) and Input(label) should have the same shape, but they are {list(input.shape)} and "
            f"{list(label.shape)}. Expand the label."
        )
        raise OperatorError(msg)
    distance = torch.abs(input - label)
    values = torch.where(distance <= delta, 0.5 * distance * distance, delta * (distance - 0.5 * delta))
    return reduced(values if is_huber else values / delta, reduction)


def binary_cross_entropy(input: Tensor, label: Tensor, weight: Any = None, reduction: str = "mean") -> Tensor:
    """Return the cross entropy of probabilities; labels get no gradient."""
    checked(reduction, "binary_cross_entropy")
    values = mapped(F.binary_cross_entropy, input, label.detach(), reduction="none")
    return reduced(values if weight is None else values * weight, reduction)


def binary_cross_entropy_with_logits(
    logit: Tensor, label: Tensor, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Tensor:
    """Return the cross entropy of yes and no, after a sigmoid; labels get no gradient."""
    checked(reduction, "binary_cross_entropy_with_logits")
    if logit.shape != label.shape:
        msg = (
            f"Input(X) and Input(Label) shall have the same shape, but they are {list(logit.shape)} and "
            f"{list(label.shape)}. Expand the label."
        )
        raise OperatorError(msg)
    factors = None if pos_weight is None else label.detach() * (pos_weight.detach() - 1) + 1
    label = label.detach()
    # at 0 the release's gradient of max(x, 0) is 0, and of |x| 1
    softened = torch.log1p(torch.exp(-torch.where(logit < 0, -logit, logit)))
    if factors is None:
        # max(x, 0) - x * z + log(1 + exp(-|x|))
        values = torch.relu(logit) - logit * label + softened
    else:
        # (1 - z) * x + factors * log(1 + exp(-x))
        values = (1 - label) * logit + factors * (softened + torch.relu(-logit))
    return reduced(values if weight is None else values * weight, reduction)


def log_loss(input: Tensor, label: Tensor, epsilon: float = 1e-4) -> Tensor:
    """Return the negative log likelihood of probabilities, one per element."""
    label = label.detach()
    return -label * torch.log(input + epsilon) - (1 - label) * torch.log(1 - input + epsilon)


def kl_div(input: Tensor, label: Tensor, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """Return the divergence of distributions from log-probabilities."""
    label = label.detach()
    if log_target:
        values = torch.exp(label) * (label - input)
    else:
        values = torch.where(label > 0, label * (torch.log(torch.clamp(label, min=1e-30)) - input), 0.0)
    if reduction == "batchmean":
        return torch.sum(values) / (input.shape[0] if input.dim() else 1)
    return reduced(values, reduction)


def margin_ranking_loss(
    input: Tensor, other: Tensor, label: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Return by how much the order of two is missed; a label of 1 says that the first is greater, -1 the second."""
    checked(reduction, "MarginRankingLoss")
    return reduced(torch.relu((other - input) * label + margin), reduction)


def hinge_embedding_loss(input: Tensor, label: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """Return distances of what is alike (1), and what lacks to the margin of what is not (-1)."""
    checked(reduction, "hinge_embedding_loss")
    alike = torch.where(label == 1.0, input, 0.0)
    return reduced(alike + torch.where(label == -1.0, torch.relu(margin - input), 0.0), reduction)


def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, label: Tensor, margin: float = 0, reduction: str = "mean"
) -> Tensor:
    """Return how far the directions of two are apart (label 1), or alike (label -1)."""
    if label.dim() != 1:
        msg = "1D target tensor expected, multi-target not supported."
        raise ValueError(msg)
    if input1.shape != input2.shape:
        msg = f"the shapes of input1 and input2 should be equal: {list(input1.shape)} and {list(input2.shape)}."
        raise ValueError(msg)
    # 10e-12 as in Paddle
    sizes = (torch.sum(torch.square(input1), -1) + 10e-12) * (torch.sum(torch.square(input2), -1) + 10e-12)
    cosine = torch.sum(input1 * input2, -1) / torch.sqrt(sizes)
    values = torch.where(label == 1, 1 - cosine, 0.0) + torch.where(
        label == -1, torch.clamp(cosine - margin, min=0), 0.0
    )
    return reduced(values, reduction)


def soft_margin_loss(input: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return `log(1 + exp(-label * input))`."""
    checked(reduction, "soft_margin_loss")
    if input.shape != label.shape:
        msg = "input's shape must equal to label's shape"
        raise ValueError(msg)
    return reduced(torch.log(1 + torch.exp(-torch.Tensor.to(label, input.dtype) * input)), reduction)


def multi_label_soft_margin_loss(input: Tensor, label: Tensor, weight: Any = None, reduction: str = "mean") -> Tensor:
    """Return the mean over classes of the cross entropy of yes and no."""
    checked(reduction, "multi_label_soft_margin_loss")
    if input.shape != label.shape:
        msg = f"The input and label should have same dimension, but received {list(input.shape)}!={list(label.shape)}"
        raise ValueError(msg)
    log_sigmoid = torch._C._nn.log_sigmoid
    values = -(label * log_sigmoid(input) + (1 - label) * log_sigmoid(-input))
    return reduced(torch.mean(values if weight is None else values * weight, -1), reduction)


def triplet_margin_loss(
    input: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    epsilon: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Return by how much the distance to what is alike is not below that to what is not."""
    checked(reduction, "triplet_margin_loss")
    if margin < 0:
        msg = "The margin between positive samples and negative samples should be greater than 0."
        raise ValueError(msg)

    def distance(one: Tensor, two: Tensor) -> Tensor:
        return torch.linalg.vector_norm(one - two + epsilon, p, -1)

    far = distance(input, negative)
    if swap:
        far = torch.minimum(far, distance(positive, negative))
    return reduced(torch.clamp(distance(input, positive) - far + margin, min=0.0), reduction)


def poisson_nll_loss(
    input: Tensor,
    label: Tensor,
    log_input: bool = True,
    full: bool = False,
    epsilon: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """Return the negative log likelihood of counts."""
    checked(reduction, "poisson_nll_loss")
    if epsilon <= 0:
        msg = f"The value of `epsilon` in poisson_nll_loss should be positive, but received {epsilon:f}."
        raise ValueError(msg)
    if input.shape != label.shape:
        msg = "input's shape must equal to label's shape"
        raise ValueError(msg)
    values = torch.exp(input) - label * input if log_input else input - label * torch.log(input + epsilon)
    if full:
        rest = label * torch.log(label) - label + 0.5 * torch.log(2 * torch.pi * label)
        values = values + torch.where(label > 1, rest, 0.0)
    return reduced(values, reduction)


def gaussian_nll_loss(
    input: Tensor, label: Tensor, variance: Tensor, full: bool = False, epsilon: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """Return the negative log likelihood of normal values."""
    if reduction not in ("none", "mean", "sum"):
        msg = f"{reduction!r} is not valid; give 'none', 'mean' or 'sum'."
        raise ValueError(msg)
    if variance.shape != input.shape:
        if input.shape[:-1] == variance.shape:
            variance = torch.unsqueeze(variance, -1)
        elif input.shape[:-1] != variance.shape[:-1] or variance.shape[-1] != 1:
            msg = "variance is of incorrect shape"
            raise ValueError(msg)
    variance = torch.clamp(variance.detach(), min=epsilon)  # it gets no gradient in Paddle
    values = 0.5 * (torch.log(variance) + torch.square(input - label) / variance)
    return reduced(values + 0.5 * torch.log(torch.as_tensor(2 * torch.pi)) if full else values, reduction)


def sigmoid_focal_loss(
    logit: Tensor,
    label: Tensor,
    normalizer: Any = None,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: str = "sum",
) -> Tensor:
    """Return the cross entropy of yes and no, less of what is right already."""
    checked(reduction, "sigmoid_focal_loss")
    loss = binary_cross_entropy_with_logits(logit, label, reduction="none")
    share = torch.sigmoid(logit)
    right = share * label + (1 - share) * (1 - label)
    loss = (alpha * label + (1 - alpha) * (1 - label)) * loss * torch.pow(1 - right, gamma)
    return reduced(loss if normalizer is None else loss / normalizer, reduction)


fn(here("square_error_cost"), square_error_cost)
fn(here("mse_loss"), mse_loss)
fn(here("l1_loss"), l1_loss)
fn(here("smooth_l1_loss"), smooth_l1_loss, delta=SINGLE)
fn(here("binary_cross_entropy"), binary_cross_entropy)
fn(here("binary_cross_entropy_with_logits"), binary_cross_entropy_with_logits)
fn(here("log_loss"), log_loss)
fn(here("kl_div"), kl_div)
fn(here("margin_ranking_loss"), margin_ranking_loss)
fn(here("hinge_embedding_loss"), hinge_embedding_loss)
fn(here("cosine_embedding_loss"), cosine_embedding_loss)
fn(here("soft_margin_loss"), soft_margin_loss)
fn(here("multi_label_soft_margin_loss"), multi_label_soft_margin_loss)
fn(here("triplet_margin_loss"), triplet_margin_loss)
fn(here("poisson_nll_loss"), poisson_nll_loss)
fn(here("gaussian_nll_loss"), gaussian_nll_loss)
fn(here("sigmoid_focal_loss"), sigmoid_focal_loss, gamma=SINGLE)
