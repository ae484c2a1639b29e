"""Mirrors the losses of `paddle.nn` for volumes of numbers and of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..rows.classification import cross_entropy
from ..rows.losses import binary_cross_entropy_with_logits, checked, l1_loss, mse_loss
from .layer import Layer

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["BCEWithLogitsLoss", "CrossEntropyLoss", "L1Loss", "MSELoss"]


class MSELoss(Layer):
    """Layer of `mse_loss`.

    Args:
        reduction: 'mean', 'sum' or 'none'. Default: 'mean'.

    Raises:
        ValueError: there is no such reduction.
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        checked(reduction, "MSELoss")
        self.reduction = reduction

    def forward(self, input: Tensor, label: Tensor) -> Tensor:
        """Return the loss."""
        return mse_loss(input, label, self.reduction)


class L1Loss(Layer):
    """Layer of `l1_loss`; arguments as in `MSELoss`, and a name without effect."""

    def __init__(self, reduction: str = "mean", name: str | None = None) -> None:
        super().__init__()
        checked(reduction, "L1Loss")
        self.reduction, self.name = reduction, name

    def forward(self, input: Tensor, label: Tensor) -> Tensor:
        """Return the loss."""
        return l1_loss(input, label, self.reduction)


class BCEWithLogitsLoss(Layer):
    """Layer of `binary_cross_entropy_with_logits`, with the same arguments."""

    def __init__(
        self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None, name: str | None = None
    ) -> None:
        super().__init__()
        checked(reduction, "BCEWithLogitsLoss")
        self.weight, self.reduction, self.pos_weight, self.name = weight, reduction, pos_weight, name

    def forward(self, logit: Tensor, label: Tensor) -> Tensor:
        """Return the loss."""
        return binary_cross_entropy_with_logits(logit, label, self.weight, self.reduction, self.pos_weight)


class CrossEntropyLoss(Layer):
    """Layer of `cross_entropy`, with the same arguments."""

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        soft_label: bool = False,
        axis: int = -1,
        use_softmax: bool = True,
        label_smoothing: float = 0.0,
        name: str | None = None,
    ) -> None:
        super().__init__()
        checked(reduction, "CrossEntropyLoss")
        self.weight, self.ignore_index, self.reduction, self.soft_label = weight, ignore_index, reduction, soft_label
        self.axis, self.use_softmax, self.label_smoothing, self.name = axis, use_softmax, label_smoothing, name

    def forward(self, input: Tensor, label: Tensor) -> Tensor:
        """Return the loss."""
        return cross_entropy(
            input,
            label,
            self.weight,
            self.ignore_index,
            self.reduction,
            self.soft_label,
            self.axis,
            self.use_softmax,
            self.label_smoothing,
        )
