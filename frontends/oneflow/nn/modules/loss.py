"""Mirrors the losses of `oneflow.nn` for volumes of numbers and of classes."""

from __future__ import annotations

import torch

from .. import layers
from .module import Module

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "L1Loss", "MSELoss", "SmoothL1Loss"]


class _Loss(Module):
    reductions = ("mean", "sum", "none")

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in self.reductions:
            msg = f"reduction={reduction!r}; legal are {', '.join(map(repr, self.reductions))}."
            raise ValueError(msg)
        self.reduction = reduction


class MSELoss(_Loss):
    """Squared differences, reduced.

    Args:
        reduction: 'mean', 'sum' or 'none'. Default: 'mean'.

    Raises:
        ValueError: there is no such reduction.

    Example:
        >>> MSELoss()(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 1.0]))
        tensor(2.)
    """

    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss."""
        return torch.nn.functional.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """Absolute differences, reduced; arguments as in `MSELoss`."""

    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss."""
        return torch.nn.functional.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """Squared differences below `beta`, 1.0 unless given, and absolute ones above, reduced as in `MSELoss`."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss."""
        return torch.nn.functional.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class _WeightedLoss(_Loss):
    weight: torch.Tensor | None

    def __init__(self, weight: torch.Tensor | None = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)


class CrossEntropyLoss(_WeightedLoss):
    """Cross entropy of scores `(N, C, ...)` and classes `(N, ...)`.

    Args:
        weight: of each class. Default: None, all 1.
        ignore_index: a class that does not count. Default: -100.
        reduction: as in `MSELoss`. Default: 'mean'.
        label_smoothing: the part of each label that goes to all classes alike, 0 to 1. Default: 0.0.

    Raises:
        ValueError: there is no such reduction, or the smoothing is out of range.
    """

    def __init__(
        self,
        weight: torch.Tensor | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, reduction)
        if not 0 <= label_smoothing <= 1:
            msg = f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}."
            raise ValueError(msg)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss."""
        return layers.cross_entropy(input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing)


class BCELoss(_WeightedLoss):
    """Cross entropy of probabilities and yes or no; `weight` multiplies, `reduction` is as in `MSELoss`."""

    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss."""
        return layers.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(_WeightedLoss):
    """Cross entropy of scores and yes or no; arguments as in `BCELoss`, and `pos_weight` of yes."""

    def __init__(
        self,
        weight: torch.Tensor | None = None,
        reduction: str = "mean",
        pos_weight: torch.Tensor | None = None,
    ) -> None:
        super().__init__(weight, reduction)
        self.pos_weight = pos_weight

    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss."""
        return layers.binary_cross_entropy_with_logits(input, target, self.weight, self.pos_weight, self.reduction)
