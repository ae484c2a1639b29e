"""Mirrors the losses of `oneflow.nn` for volumes of numbers."""

from __future__ import annotations

import torch

from .module import Module

__all__ = ["L1Loss", "MSELoss"]


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
