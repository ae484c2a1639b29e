"""Mirrors `oneflow.optim`: torch's optimizers with OneFlow's defaults."""

from __future__ import annotations

from typing import Any

import torch

__all__ = ["SGD", "Adam"]


class SGD(torch.optim.SGD):
    """Stochastic gradient descent, with momentum if asked for.

    Args:
        params: parameters, or torch's groups of them.
        lr: a number, 0 and above. Default: 0.001.
        momentum: of the velocity. Default: 0.0.
        dampening: of the gradient in the velocity. Default: 0.0.
        weight_decay: added to gradients times the parameter. Default: 0.0.
        nesterov: whether to descend along `gradient + momentum * velocity`. Default: False.
        maximize: whether to ascend. Default: False.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> weight = flow.nn.Parameter(flow.ones(1))
        >>> descent = SGD([weight], lr=0.5)
        >>> (3 * weight).sum().backward()
        >>> descent.step()
        >>> weight.tolist()
        [-0.5]
    """

    def __init__(
        self,
        params: Any,
        lr: float = 0.001,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, momentum, dampening, weight_decay, nesterov, maximize=maximize)

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Fill the gradients with zeros, or drop them."""
        super().zero_grad(set_to_none=set_to_none)


class Adam(torch.optim.Adam):
    """Adam, with the moments corrected for their start at zero.

    Args:
        params: parameters, or torch's groups of them.
        lr: a number, 0 and above. Default: 0.001.
        betas: decay of the moments. Default: (0.9, 0.999).
        eps: added to the denominator. Default: 1e-8.
        weight_decay: added to gradients times the parameter. Default: 0.
        amsgrad: whether to use the largest second moment so far. Default: False.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-08,
        weight_decay: float = 0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Fill the gradients with zeros, or drop them."""
        super().zero_grad(set_to_none=set_to_none)
