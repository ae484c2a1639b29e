"""Mirrors the optimizers of `megengine.optimizer`: torch's, with MegEngine's arguments, methods and state."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from typing_extensions import Self

from ....backend import OperatorError, OperatorTypeError
from ...tensor import plain
from ..arguments import ArgumentError

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]


class Optimizer(torch.optim.Optimizer):
    """What MegEngine's optimizers share; make one of the others."""

    # MegEngine's names of the options of a group; torch's groups have more
    _options: ClassVar[tuple[str, ...]] = ()

    def step(self) -> Self:  # type: ignore[override]
        """Update the parameters that have gradients; returns the optimizer."""
        super().step()
        return self

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Set the gradients that exist to zeros; torch's `set_to_none` drops them."""
        super().zero_grad(set_to_none)

    def clear_grad(self) -> None:
        """Drop the gradients."""
        self.zero_grad(set_to_none=True)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own.

        Raises:
            TypeError: one is no parameter (a ValueError and RuntimeError too).
        """
        params = param_group["params"]
        given = [params] if isinstance(params, torch.Tensor) else list(params)
        for each in given:
            if not isinstance(each, torch.nn.Parameter):
                msg = (
                    f"optimizer can only optimize Parameters, but one of the params is {type(each).__name__}. "
                    f"Use megengine.Parameter()."
                )
                raise OperatorTypeError(msg)
        super().add_param_group({**param_group, "params": given})

    def state_dict(self, keep_var: bool = False) -> dict[str, Any]:
        """Return MegEngine's state: `param_groups` with the options, and `state` by number of the parameter.

        Args:
            keep_var: give tensors instead of read-only arrays. Default: False.

        Example:
            >>> from fourfold.frontends import megengine
            >>> state = SGD([megengine.Parameter([1.0])], lr=0.5, momentum=0.9).state_dict()
            >>> state["param_groups"], state["state"][0]["momentum_buffer"].tolist()
            ([{'lr': 0.5, 'momentum': 0.9, 'weight_decay': 0.0, 'params': [0]}], [0.0])
        """
        numbers: dict[torch.Tensor, int] = {}
        groups, states = [], {}
        for group in self.param_groups:
            for parameter in group["params"]:
                number = numbers.setdefault(parameter, len(numbers))
                tensors = self._kept(group, parameter)
                if tensors:
                    states[number] = {name: _given(tensor, keep_var) for name, tensor in tensors.items()}
            options = [*self._options, *(["initial_lr"] if "initial_lr" in group else [])]
            names = {name: group[name] for name in options}
            groups.append({**names, "params": [numbers[parameter] for parameter in group["params"]]})
        return {"param_groups": groups, "state": states}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state_dict` gave, here or in MegEngine. All or nothing.

        Raises:
            ValueError: groups, their options or the tensors are not this optimizer's (a RuntimeError too).
        """
        ours, theirs = self.state_dict(), state
        for what, own, given in (
            ("number of parameter groups", len(ours["param_groups"]), len(theirs["param_groups"])),
            ("size of a parameter group", _sizes(ours), _sizes(theirs)),
            ("set of options", _keys(ours["param_groups"]), _keys(theirs["param_groups"])),
            ("set of states", _keys(ours["state"].values()), _keys(theirs["state"].values())),
        ):
            if own != given:
                msg = f"loaded state dict has a different {what}: {given}; the optimizer's is {own}. Make it alike."
                raise OperatorError(msg)
        for group, saved in zip(self.param_groups, theirs["param_groups"], strict=True):
            group.update({name: value for name, value in saved.items() if name != "params"})
            for parameter, number in zip(group["params"], saved["params"], strict=True):
                tensors = theirs["state"].get(number, {})
                self.state[parameter] = {name: _taken(value, parameter, name) for name, value in tensors.items()}

    def _kept(self, group: dict[str, Any], parameter: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return what is kept of a parameter; before the first step there are zeros, as in MegEngine."""
        raise NotImplementedError


class SGD(Optimizer, torch.optim.SGD):  # type: ignore[misc]  # step() returns the optimizer
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

    _options = ("lr", "momentum", "weight_decay")

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
        super().__init__(_grouped(params), lr, momentum, weight_decay=weight_decay, nesterov=nesterov)

    def _kept(self, group: dict[str, Any], parameter: torch.Tensor) -> dict[str, torch.Tensor]:
        if not group["momentum"]:
            return {}
        found = self.state.get(parameter, {}).get("momentum_buffer")
        return {"momentum_buffer": torch.zeros_like(plain(parameter)) if found is None else found}


class _Moments(Optimizer):
    _options = ("lr", "weight_decay", "betas", "eps")

    def _kept(self, group: dict[str, Any], parameter: torch.Tensor) -> dict[str, torch.Tensor]:
        found = self.state.get(parameter, {})
        zeros = torch.zeros_like(plain(parameter))
        start = {"exp_avg": zeros, "exp_avg_sq": zeros, "step": torch.tensor(0.0)}
        return {name: found.get(name, zero) for name, zero in start.items()}


class Adam(_Moments, torch.optim.Adam):  # type: ignore[misc]  # step() returns the optimizer
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
        super().__init__(_grouped(params), lr, betas, eps, weight_decay)


class AdamW(_Moments, torch.optim.AdamW):  # type: ignore[misc]  # step() returns the optimizer
    """Adam whose weight decay does not go through the moments; arguments as in `Adam`, but `weight_decay` is 0.01.

    The decay is `lr * weight_decay * parameter`, subtracted in the same step.
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-08,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(_grouped(params), lr, betas, eps, weight_decay)


def _grouped(params: Any) -> Any:
    return [params] if isinstance(params, (torch.Tensor, dict)) else params


def _given(tensor: torch.Tensor, keep_var: bool) -> Any:
    if keep_var:
        return tensor
    array = plain(tensor).detach().cpu().numpy().copy()
    array.setflags(write=False)
    return array


def _taken(value: Any, parameter: torch.Tensor, name: str) -> torch.Tensor:
    tensor = plain(value).detach().clone() if isinstance(value, torch.Tensor) else torch.from_numpy(np.array(value))
    # torch counts steps on the CPU
    return tensor.float().reshape(()) if name == "step" else tensor.to(parameter.device)


def _sizes(state: dict[str, Any]) -> list[int]:
    return [len(group["params"]) for group in state["param_groups"]]


def _keys(entries: Any) -> list[list[str]]:
    return [sorted(entry) for entry in entries]
