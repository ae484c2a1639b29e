"""Mirrors `megengine.optimizer.clip_grad`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["clip_grad_norm", "clip_grad_value"]


def clip_grad_norm(tensors: torch.Tensor | Iterable[torch.Tensor], max_norm: float, ord: float = 2.0) -> torch.Tensor:
    """Scale gradients in place, all by one factor, so that their norm together is at most `max_norm`.

    Args:
        tensors: a tensor, or several; those without a gradient are passed over.
        max_norm: what is allowed.
        ord: of the norm. Default: 2.0.

    Returns:
        the norm before.

    Example:
        >>> from fourfold.frontends import megengine
        >>> weight = megengine.Parameter([0.0, 0.0])
        >>> weight.grad = megengine.tensor([3.0, 4.0])
        >>> norm = clip_grad_norm(weight, 1.0)
        >>> norm.item(), round(float(weight.grad[0]), 3)
        (5.0, 0.6)
    """
    return torch.nn.utils.clip_grad_norm_(tensors, max_norm, ord).as_subclass(Tensor)


def clip_grad_value(tensors: torch.Tensor | Iterable[torch.Tensor], lower: float, upper: float) -> None:
    """Clip gradients in place to [`lower`, `upper`]; tensors without a gradient are passed over."""
    for tensor in [tensors] if isinstance(tensors, torch.Tensor) else tensors:
        if tensor.grad is not None:
            tensor.grad.clamp_(lower, upper)
