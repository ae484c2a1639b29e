"""Mirrors `megengine.optimizer`: torch's optimizers with MegEngine's arguments and methods.

Their `state_dict()` is torch's.
"""

from __future__ import annotations

from typing import Any

import torch
from typing_extensions import Self

from .arguments import ArgumentError

__all__ = ["SGD", "Adam", "Optimizer"]


class Optimizer(torch.optim.Optimizer):
    """What MegEngine's optimizers share; make one of the others."""

    def clear_grad(self) -> None:
        """Drop the gradients."""
        self.zero_grad(set_to_none=True)


class SGD(Optimizer, torch.optim.SGD):
    """Stochastic gradient descent, with momentum if asked for.

    Args:
        params: parameters, or torch's groups of them.
        lr: a number, 0 and above.
        momentum: of the velocity. Default: 0.0.
        nesterov: whether to descend along `gradient + momentum * velocity`. Default: False.
        weight_decay: added to gradients times the parameter. Default: 0.0.

    Raises:
        AssertionError: a number is negative, or there is no momentum for nesterov.

    Example:
        >>> from fourfold.frontends import megengine
        >>> weight = megengine.Parameter([1.0])
        >>> descent = SGD([weight], lr=0.5)
        >>> with megengine.autodiff.GradManager().attach(weight) as manager:
        ...     manager.backward((3 * weight).sum())
        >>> descent.step().clear_grad()
        >>> weight.tolist(), weight.grad
        ([-0.5], None)
    """

    def __init__(
        self, params: Any, lr: float, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0
    ) -> None:
        for label, value in (("learning rate", lr), ("momentum value", momentum), ("weight_decay value", weight_decay)):
            if value < 0:
                msg = f"Invalid {label}: {value}; legal are 0 and above."
                raise ArgumentError(msg)
        if nesterov and not momentum:
            msg = "Nesterov momentum requires a momentum; give momentum, or leave nesterov out."
            raise ArgumentError(msg)
        super().__init__(params, lr, momentum, weight_decay=weight_decay, nesterov=nesterov)

    def step(self) -> Self:  # type: ignore[override]
        """Update the parameters that have gradients; returns the optimizer."""
        super().step()
        return self


class Adam(Optimizer, torch.optim.Adam):
    """Adam, with the moments corrected for their start at zero.

    Args:
        params: parameters, or torch's groups of them.
        lr: a number, 0 and above.
        betas: decay of the moments, 0 to 1. Default: (0.9, 0.999).
        eps: added to the denominator. Default: 1e-8.
        weight_decay: added to gradients times the parameter. Default: 0.0.

    Raises:
        ValueError: a number is out of range.
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-08,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def step(self) -> Self:  # type: ignore[override]
        """Update the parameters that have gradients; returns the optimizer."""
        super().step()
        return self
