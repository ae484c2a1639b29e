"""Mirrors `oneflow.nn.utils`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..framework.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["clip_grad_norm_", "clip_grad_value_"]


def clip_grad_norm_(
    parameters: torch.Tensor | Iterable[torch.Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scale gradients in place, all by one factor, so that their norm together is at most `max_norm`.

    Args:
        parameters: a tensor, or several; those without a gradient are passed over.
        max_norm: what is allowed.
        norm_type: of the norm. Default: 2.0.
        error_if_nonfinite: whether a norm that is no finite number is an error. Default: False.

    Returns:
        the norm before.

    Raises:
        RuntimeError: the norm is not finite, and `error_if_nonfinite` is true.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> weight = flow.nn.Parameter(flow.ones(2))
        >>> (flow.tensor([3.0, 4.0]) * weight).sum().backward()
        >>> clip_grad_norm_(weight, 1.0), round(float(weight.grad[0]), 3)
        (tensor(5., dtype=oneflow.float32), 0.6)
    """
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite)
    return norm.as_subclass(Tensor)


def clip_grad_value_(parameters: torch.Tensor | Iterable[torch.Tensor], clip_value: float) -> None:
    """Clip gradients in place to [-`clip_value`, `clip_value`]; tensors without a gradient are passed over."""
    listed = [parameters] if isinstance(parameters, torch.Tensor) else parameters
    there = [each for each in listed if each.grad is not None]
    if there:
        torch.nn.utils.clip_grad_value_(there, clip_value)
