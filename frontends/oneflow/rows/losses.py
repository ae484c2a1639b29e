"""Rows of losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError
from ..names import NAMES
from .elementwise import difference, operand

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []


def check_reduction(reduction: str, *more: str) -> None:
    """Refuse an unknown reduction.

    Raises:
        RuntimeError: there is no such reduction (a ValueError too).
    """
    if reduction not in ("mean", "sum", "none", *more):
        msg = f"reduction={reduction!r}; legal are 'mean', 'sum' and 'none'."
        raise OperatorError(msg)


def checked(function: Callable[..., Tensor], *more: str) -> Callable[..., Tensor]:
    """Return a loss of torch's that refuses an unknown reduction with OneFlow's class of error."""

    def loss(input: Any, target: Any, *others: Any, reduction: str = "mean", **options: Any) -> Tensor:
        check_reduction(reduction, *more)
        return function(operand(input), operand(target), *others, reduction=reduction, **options)

    return loss


def cross_entropy(input: Tensor, target: Tensor, **options: Any) -> Tensor:
    """Return the cross entropy of scores `(N, C, ...)` and classes `(N, ...)` of any kind of integers, or parts."""
    return F.cross_entropy(input, target if target.is_floating_point() else target.long(), **options)


def nll_loss(input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str) -> Tensor:
    """Return the negative of what stands at the classes."""
    return F.nll_loss(input, target.long(), weight, ignore_index=ignore_index, reduction=reduction)


def kl_div(input: Tensor, target: Tensor, log_target: bool = False, reduction: str = "mean") -> Tensor:
    """Return the divergence of logarithms from probabilities, 0 where one is not above 0; or from logarithms."""
    if log_target:
        return F.kl_div(input, target, reduction=reduction, log_target=True)
    losses = torch.where(target > 0, target * (torch.log(target) - input), 0)
    if reduction == "batchmean":
        return losses.sum() / input.shape[0]
    return losses.mean() if reduction == "mean" else losses.sum() if reduction == "sum" else losses


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squares of differences; those of bools are of float32."""
    if input.dtype == target.dtype == torch.bool:
        input, target = difference(input, target).to(torch.float32), torch.zeros(1)
    return F.mse_loss(input, target, reduction=reduction)


def triplet_margin_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, *, reduction: str = "mean", **options: Any
) -> Tensor:
    """Return by how much the negative is too near; the mean, or sum, is over one axis alone, the last that is left."""
    check_reduction(reduction)
    losses = F.triplet_margin_loss(anchor, positive, negative, reduction="none", **options)
    if reduction == "none":
        return losses
    return losses.mean(-1) if reduction == "mean" else losses.sum(-1)


NAMES.function("nn.functional.mse_loss", checked(mse_loss))
for name in ("l1_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"):
    NAMES.function(f"nn.functional.{name}", checked(getattr(F, name)))
NAMES.function("nn.functional.cross_entropy", checked(cross_entropy))
NAMES.function("nn.functional.kl_div", checked(kl_div, "batchmean"))
NAMES.function("nn.functional.smooth_l1_loss", checked(F.smooth_l1_loss), label="target")
NAMES.function("nn.functional.triplet_margin_loss", triplet_margin_loss)
NAMES.function(
    "nn.functional.sparse_softmax_cross_entropy",
    lambda labels, logits: F.cross_entropy(logits, labels.long(), reduction="none"),
)
