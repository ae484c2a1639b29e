"""Mirrors `megengine.optimizer.Optimizer`: groups of options, and a step by a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from typing_extensions import Self

from ....backend import OperatorError, OperatorTypeError
from ... import updates
from ...names import Limit, check
from ...tensor import plain
from ..arguments import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Optimizer"]


class Optimizer(torch.optim.Optimizer):
    """What MegEngine's optimizers share; make one of the others.

    Args:
        params: a parameter, parameters, or groups of them: dicts with `params` and options.
        defaults: options of the groups that have no own.
    """

    rule: ClassVar[Callable[..., None]]
    kept: ClassVar[tuple[updates.Kept, ...]] = ()
    limits: ClassVar[tuple[Limit, ...]] = ()
    given: ClassVar[Callable[[dict[str, Any], float], dict[str, Any]]]
    # the options of a group, in the release's order; the others are the same for all
    options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        given: Any = [params] if isinstance(params, (torch.Tensor, dict)) else params
        super().__init__(given, defaults)

    def _begin(self, params: Any, **options: Any) -> None:
        check(self.limits, options)
        self._whole = {name: value for name, value in options.items() if name not in self.options}
        Optimizer.__init__(self, params, {name: options[name] for name in self.options})
        for group in self.param_groups:
            for parameter in group["params"]:
                self._start(group, parameter)

    def _start(self, group: dict[str, Any], parameter: torch.Tensor) -> None:
        """Begin what is not kept of a parameter yet."""
        state = self.state[parameter]
        for each in self.kept:
            if each.name not in state and (not each.only or group[each.only]):
                made = each.made(plain(parameter).detach(), group)
                state[each.name] = made.reshape(()) if each.single else made

    def step(self) -> Self:  # type: ignore[override]
        """Update the parameters that have gradients; returns the optimizer."""
        self._update()
        return self

    @torch.no_grad()
    def _update(self) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                self._start(group, parameter)
                state = self.state[parameter]
                if "step" in state:
                    state["step"] += 1
                # the release makes float32 tensors of numbers
                given = type(self).given({**group, **self._whole}, float(state.get("step", 0)))
                given = updates.rounded(given, torch.float32)
                rate, decay = given.pop("rate"), given.pop("l2", 0.0)
                values, gradient = plain(parameter), plain(parameter.grad)
                gradient = gradient + decay * values if decay else gradient
                roles = {each.role or each.name: state[each.name] for each in self.kept if each.name in state}
                type(self).rule(values, gradient, roles, rate, **given)

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
            AssertionError: one is in another group.
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
        members = {parameter for group in self.param_groups for parameter in group["params"]}
        if members & set(given):
            msg = "some parameters appear in more than one parameter group. Give each once."
            raise ArgumentError(msg)
        super().add_param_group({**param_group, "params": given})

    def state_dict(self, keep_var: bool = False) -> dict[str, Any]:
        """Return MegEngine's state: `param_groups` with the options, and `state` by number of the parameter.

        Args:
            keep_var: give tensors instead of read-only arrays. Default: False.

        Example:
            >>> from fourfold.frontends import megengine
            >>> state = megengine.optimizer.SGD([megengine.Parameter([1.0])], lr=0.5, momentum=0.9).state_dict()
            >>> state["param_groups"], state["state"][0]["momentum_buffer"].tolist()
            ([{'lr': 0.5, 'momentum': 0.9, 'weight_decay': 0.0, 'params': [0]}], [0.0])
        """
        numbers: dict[torch.Tensor, int] = {}
        groups, states = [], {}
        for group in self.param_groups:
            for parameter in group["params"]:
                number = numbers.setdefault(parameter, len(numbers))
                tensors = self.state.get(parameter)
                if tensors:
                    states[number] = {name: _given(tensor, keep_var) for name, tensor in tensors.items()}
            options = {name: value for name, value in group.items() if name != "params"}
            groups.append({**options, "params": [numbers[parameter] for parameter in group["params"]]})
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
                self.state[parameter] = {name: _taken(value, parameter) for name, value in tensors.items()}


def _given(tensor: torch.Tensor, keep_var: bool) -> Any:
    if keep_var:
        return tensor
    array = plain(tensor).detach().cpu().numpy().copy()
    array.setflags(write=False)
    return array


def _taken(value: Any, parameter: torch.Tensor) -> torch.Tensor:
    tensor = plain(value).detach().clone() if isinstance(value, torch.Tensor) else torch.from_numpy(np.array(value))
    return tensor.float().to(parameter.device)


def _sizes(state: dict[str, Any]) -> list[int]:
    return [len(group["params"]) for group in state["param_groups"]]


def _keys(entries: Any) -> list[list[str]]:
    return [sorted(entry) for entry in entries]
