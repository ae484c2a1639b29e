"""Mirrors `paddle.optimizer`: torch's optimizers with Paddle's arguments and methods.

Their `state_dict()` is torch's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .regularizer import L2Decay

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SGD", "Adam", "Momentum", "Optimizer"]


class Optimizer(torch.optim.Optimizer):
    """What Paddle's optimizers share; make one of the others."""

    def clear_grad(self, set_to_zero: bool = True) -> None:
        """Fill the gradients with zeros, or drop them."""
        self.zero_grad(set_to_none=not set_to_zero)

    clear_gradients = clear_grad

    def get_lr(self) -> float:
        """Return the learning rate, without the factors that parameters have of their own."""
        group = next((group for group in self.param_groups if group["factor"]), None)
        return 0.0 if group is None else float(group["lr"] / group["factor"])

    def set_lr(self, value: float) -> None:
        """Set the learning rate; the parameters keep their factors."""
        for group in self.param_groups:
            group["lr"] = value * group["factor"]

    def minimize(
        self, loss: torch.Tensor, startup_program: None = None, parameters: None = None, no_grad_set: None = None
    ) -> tuple[list[Any], list[tuple[torch.Tensor, torch.Tensor]]]:
        """Make a step with the gradients that are there: call `loss.backward()` first, as in Paddle.

        Args:
            loss: what the gradients belong to.
            startup_program: only None; everything is eager here.
            parameters: only None: all that the optimizer was made with.
            no_grad_set: only None.

        Returns:
            an empty list, and (parameter, gradient) pairs.

        Raises:
            TypeError: the loss is no tensor.
            NotImplementedError: one of the others is not None.
        """
        if not isinstance(loss, torch.Tensor):
            msg = f"The loss should be a Tensor, but received {type(loss).__name__}."
            raise TypeError(msg)
        if any(given is not None for given in (startup_program, parameters, no_grad_set)):
            msg = "startup_program, parameters and no_grad_set must be None here; give parameters to the optimizer."
            raise NotImplementedError(msg)
        members = [parameter for group in self.param_groups for parameter in group["params"]]
        pairs = [(parameter, parameter.grad) for parameter in members if parameter.grad is not None]
        self.step()
        return [], pairs


class SGD(Optimizer, torch.optim.SGD):
    """Stochastic gradient descent.

    Args:
        learning_rate: a number, 0 and above. Default: 0.001.
        parameters: what it updates; a parameter's `optimize_attr` and `regularizer` are followed.
        weight_decay: a number or an `L2Decay`: added to gradients times the parameter. Default: None.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.
        NotImplementedError: a decay is not an `L2Decay`.

    Example:
        >>> from fourfold.frontends import paddle
        >>> layer = paddle.nn.Conv3DTranspose(1, 1, 1)
        >>> descent = paddle.optimizer.SGD(0.5, parameters=layer.parameters())
        >>> layer(paddle.ones([1, 1, 1, 1, 1])).sum().backward()
        >>> descent.step()
        >>> layer.bias.tolist()
        [-0.5]
    """

    def __init__(self, learning_rate: float = 0.001, parameters: Any = None, weight_decay: Any = None) -> None:
        super().__init__(groups(parameters, learning_rate, weight_decay), lr=learning_rate)


class Momentum(Optimizer, torch.optim.SGD):
    """Descent along a velocity, `velocity = momentum * velocity + gradient`.

    Args:
        learning_rate: a number, 0 and above. Default: 0.001.
        momentum: of the velocity. Default: 0.9.
        parameters: as in `SGD`.
        use_nesterov: whether to descend along `gradient + momentum * velocity`. Default: False.
        weight_decay: as in `SGD`.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.
        NotImplementedError: a decay is not an `L2Decay`.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        momentum: float = 0.9,
        parameters: Any = None,
        use_nesterov: bool = False,
        weight_decay: Any = None,
    ) -> None:
        members = groups(parameters, learning_rate, weight_decay)
        super().__init__(members, lr=learning_rate, momentum=momentum, nesterov=use_nesterov)


class Adam(Optimizer, torch.optim.Adam):
    """Adam; epsilon stands beside the corrected second moment, as in torch.

    Args:
        learning_rate: a number, 0 and above. Default: 0.001.
        beta1: decay of the first moment, 0 to 1. Default: 0.9.
        beta2: decay of the second moment, 0 to 1. Default: 0.999.
        epsilon: added to the denominator. Default: 1e-8.
        parameters: as in `SGD`.
        weight_decay: as in `SGD`.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.
        NotImplementedError: a decay is not an `L2Decay`.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        parameters: Any = None,
        weight_decay: Any = None,
    ) -> None:
        members = groups(parameters, learning_rate, weight_decay)
        super().__init__(members, lr=learning_rate, betas=(beta1, beta2), eps=epsilon)


def groups(parameters: Iterable[Any] | None, learning_rate: Any, weight_decay: Any) -> list[dict[str, Any]]:
    """Return torch's parameter groups, one per parameter, with its own learning rate and decay."""
    if parameters is None:
        msg = "parameters argument given to the Optimizer should not be None in dygraph mode. Give model.parameters()."
        raise AttributeError(msg)
    if isinstance(parameters, (torch.Tensor, dict)):
        msg = (
            f"`parameters` argument given to the optimizer should be an iterable of paddle Tensors, but got argument "
            f"type is {type(parameters).__name__}. Give a list."
        )
        raise TypeError(msg)
    if isinstance(learning_rate, bool) or not isinstance(learning_rate, (int, float)):
        msg = (
            f"learning rate should be float, got {learning_rate!r}, a {type(learning_rate).__name__}. There are no "
            f"schedulers here: call set_lr()."
        )
        raise TypeError(msg)
    members = []
    for parameter in parameters:
        if not isinstance(parameter, torch.Tensor):
            msg = f"`parameters` holds a {type(parameter).__name__}; only tensors can be optimized, not groups of them."
            raise TypeError(msg)
        factor = getattr(parameter, "optimize_attr", {"learning_rate": 1.0})["learning_rate"]
        own = getattr(parameter, "regularizer", None)
        decay = _decay(weight_decay if own is None else own)
        members.append({"params": [parameter], "lr": learning_rate * factor, "factor": factor, "weight_decay": decay})
    return members


def _decay(decay: Any) -> float:
    if decay is None:
        return 0.0
    if isinstance(decay, (int, float)):
        return float(decay)
    if isinstance(decay, L2Decay):
        return decay.coeff
    msg = f"weight_decay={decay!r} is not supported here; legal are a number, an L2Decay and None."
    raise NotImplementedError(msg)
