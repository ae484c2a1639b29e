"""Rows of losses that want a margin between what is right and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..names import NAMES
from .layers_losses import reduction as kept_reduction
from .layers_losses import same
from .losses import checked, reduced

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn: Any = NAMES.function
layer: Any = NAMES.layer


def multi_label_margin_loss(input: Tensor, label: Tensor, reduction: str = "mean") -> Tensor:
    """Return by how much wrong classes come nearer than 1 to the right ones, which end before the first -1."""
    checked(reduction, "multi_label_margin_loss")
    if input.dim() != 2 or label.dim() != 2:
        msg = f"Expected 2D input and label, but got {input.dim()}D and {label.dim()}D. Reshape them to (N, C)."
        raise ValueError(msg)
    classes = input.shape[1]
    if label.numel() and (int(label.min()) < -1 or int(label.max()) >= classes):
        msg = f"label values should be >= -1 and < {classes}; they are {int(label.min())} to {int(label.max())}."
        raise ValueError(msg)
    counts = torch.cumprod(torch.Tensor.to(label != -1, torch.int64), 1)
    chosen = torch.Tensor.to(label, torch.int64) * counts
    right = torch.zeros(input.shape, dtype=torch.int64, device=input.device).scatter_add(1, chosen, counts) > 0
    # (N, labels, C): of each label, how near every class comes
    nearness = torch.clamp(1 - torch.gather(input, 1, chosen)[:, :, None] + input[:, None], min=0)
    missed = torch.where((counts > 0)[:, :, None] & ~right[:, None], nearness, 0.0)
    return reduced(torch.sum(missed, (1, 2)) / classes, reduction)


def triplet_margin_with_distance_loss(
    input: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Return by how much the distance to what is alike is not below that to what is not."""
    checked(reduction, "triplet_margin_with_distance_loss")
    if margin < 0:
        msg = f"margin={margin}: The margin between positive samples and negative samples should be greater than 0."
        raise ValueError(msg)
    if not input.shape == positive.shape == negative.shape:
        msg = "input's shape must equal to positive's shape and negative's shape"
        raise ValueError(msg)
    distance = NAMES.get("nn.functional.pairwise_distance") if distance_function is None else distance_function
    near, far = distance(input, positive), distance(input, negative)
    if swap:
        far = torch.minimum(far, distance(positive, negative))
    if not bool(torch.all(near >= 0)) or not bool(torch.all(far >= 0)):
        msg = "The positive distance or negative distance should be greater than 0. Check the distance function."
        raise ValueError(msg)
    return reduced(torch.clamp(near - far + margin, min=0.0), reduction)


fn("nn.functional.multi_label_margin_loss", multi_label_margin_loss)
fn("nn.functional.triplet_margin_with_distance_loss", triplet_margin_with_distance_loss)
layer(
    "nn.MultiLabelMarginLoss",
    "nn.functional.multi_label_margin_loss",
    reduction=kept_reduction("MultiLabelMarginLoss"),
)
layer(
    "nn.TripletMarginWithDistanceLoss",
    "nn.functional.triplet_margin_with_distance_loss",
    reduction=kept_reduction("TripletMarginWithDistanceLoss"),
    **same("distance_function", "margin", "swap"),
)
