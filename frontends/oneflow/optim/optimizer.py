"""Mirrors `oneflow.optim.Optimizer`: groups of options, and a step by a rule."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from ....backend import OperatorError
from ... import updates
from ...names import Limit, check
from ...tensor import plain
from ..framework.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Optimizer"]


class Optimizer(torch.optim.Optimizer):
    """What OneFlow's optimizers share; make one of the others.

    Args:
        parameters: parameters, or groups of them: dicts with `params` and options.
        options: of the groups that have no own.
    """

    rule: ClassVar[Callable[..., None]]
    kept: ClassVar[tuple[updates.Kept, ...]] = ()
    limits: ClassVar[tuple[Limit, ...]] = ()
    given: ClassVar[Callable[[dict[str, Any], int], dict[str, Any]]]
    options: ClassVar[tuple[str, ...]] = ()
    begun: ClassVar[bool] = False
    _steps = 0

    def __init__(self, parameters: Any, options: dict[str, Any]) -> None:
        super().__init__(parameters, options)

    def _begin(self, params: Any, **options: Any) -> None:
        check(self.limits, options)
        if options.get("maximize"):
            warnings.warn("Only Momentum > 0.0, param `maximize` takes effect. ", FutureWarning, stacklevel=3)
        corrections = {"bias_correction1": 1.0, "bias_correction2": 1.0}
        Optimizer.__init__(self, params, {name: {**corrections, **options}[name] for name in self.options})
        for group in self.param_groups:
            if group.get("fused") and not all(parameter.is_cuda for parameter in group["params"]):
                name = type(self).__name__.replace("W", "w")
                warnings.warn(f"Fused {name} only support cuda parameters.", stacklevel=3)
                group["fused"] = False
            for parameter in group["params"] if self.begun else ():
                self._state_of(parameter, group)

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Fill the gradients with zeros, or drop them."""
        super().zero_grad(set_to_none=set_to_none)

    def step(self, closure: Any = None) -> Any:
        """Update the parameters that have gradients; returns what `closure` returns, which is called first."""
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        else:
            loss = None
        self._update()
        self._steps += 1
        return loss

    @torch.no_grad()
    def _update(self) -> None:
        for group in self.param_groups:
            if "do_bias_correction" in group:
                for index, beta in enumerate(group["betas"] if group["do_bias_correction"] else ()):
                    group[f"bias_correction{index + 1}"] = 1 - beta ** (self._steps + 1)
            # the release's kernels take numbers in float32, whatever the parameters are
            given = updates.rounded(type(self).given(group, self._steps), torch.float32)
            rate, decay = given.pop("rate"), given.pop("l2", 0.0)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    values, gradient = plain(parameter), plain(parameter.grad)
                    gradient = gradient + decay * values if decay else gradient
                    type(self).rule(values, gradient, self._state_of(parameter, group), rate, **given)

    def _state_of(self, parameter: torch.Tensor, group: dict[str, Any]) -> updates.State:
        """Return what is kept of a parameter by the rule's names; begin what is not there."""
        state = self.state[parameter]
        for each in self.kept:
            if each.name not in state and (not each.only or group[each.only]):
                state[each.name] = each.made(plain(parameter).detach(), group, parameter.dtype)
        return {each.role: state[each.name] for each in self.kept if each.name in state}

    def clip_grad(self, error_if_nonfinite: bool = False) -> None:
        """Clip the gradients of each group by its `clip_grad_max_norm` and `clip_grad_norm_type`.

        A group that lacks them is left as it is, with a warning.
        """
        for group in self.param_groups:
            if _clips(group):
                torch.nn.utils.clip_grad_norm_(
                    group["params"], group["clip_grad_max_norm"], group["clip_grad_norm_type"], error_if_nonfinite
                )
            else:
                msg = (
                    "To enable clip_grad, passing the `clip_grad_max_norm` and `clip_grad_norm_type` parameters when "
                    "instantializing the Optimizer."
                )
                warnings.warn(msg, stacklevel=2)

    def state_dict(self) -> dict[str, Any]:
        """Return OneFlow's state: `state` by number of the parameter and the count of steps, and `param_groups`.

        >>> import fourfold.frontends.oneflow as flow
        >>> state = flow.optim.SGD([flow.nn.Parameter(flow.ones(1))], lr=0.5).state_dict()
        >>> state["state"], state["param_groups"][0]["params"], state["param_groups"][0]["_options"]["lr"]
        ({'step': 0, 0: {}}, [0], 0.5)
        """
        states: dict[Any, Any] = {"step": self._steps}
        groups = []
        for group in self.param_groups:
            numbers = [*range(len(states) - 1, len(states) - 1 + len(group["params"]))]
            for number, parameter in zip(numbers, group["params"], strict=True):
                kept = self.state.get(parameter, {})
                states[number] = {name: value.clone().as_subclass(Tensor) for name, value in kept.items()}
            names = [*self.defaults, *(name for name in group if name not in self.defaults and name != "params")]
            options = {name: group[name] for name in names}
            groups.append({"_options": options, "_enable_clip_grad": _clips(group), "params": numbers})
        return {"state": states, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that `state_dict` gave, here or in OneFlow. All or nothing.

        Raises:
            ValueError: there are other groups, or of other sizes (a RuntimeError too).
        """
        saved = state_dict["param_groups"]
        if len(saved) != len(self.param_groups):
            msg = (
                f"loaded state dict has a different number of parameter groups: {len(saved)}; the optimizer has "
                f"{len(self.param_groups)}. Make the groups alike."
            )
            raise OperatorError(msg)
        sizes = [len(group["params"]) for group in self.param_groups]
        if sizes != [len(group["params"]) for group in saved]:
            msg = (
                f"loaded state dict contains a parameter group that doesn't match the size of optimizer's group: "
                f"{[len(group['params']) for group in saved]}; the optimizer's are {sizes}. Make the groups alike."
            )
            raise OperatorError(msg)
        self._steps = int(state_dict["state"]["step"])
        for group, given in zip(self.param_groups, saved, strict=True):
            group.update(given["_options"])
            for parameter, number in zip(group["params"], given["params"], strict=True):
                found = state_dict["state"].get(number, {})
                self.state[parameter] = {name: plain(value).detach().clone() for name, value in found.items()}


def _clips(group: dict[str, Any]) -> bool:
    return "clip_grad_max_norm" in group and "clip_grad_norm_type" in group
