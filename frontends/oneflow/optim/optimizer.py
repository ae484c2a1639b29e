"""Mirrors the optimizers of `oneflow.optim`: torch's, with OneFlow's arguments, beginnings and state."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import torch

from ....backend import OperatorError
from ...tensor import plain
from ..framework.tensor import Tensor

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]


class Optimizer(torch.optim.Optimizer):
    """What OneFlow's optimizers share; make one of the others."""

    # OneFlow's names of a group's options, and of what is kept of a parameter by torch's names
    _options: ClassVar[tuple[str, ...]] = ()
    _names: ClassVar[dict[str, str]] = {}
    _steps = 0

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
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None and not self.state.get(parameter):
                    self.state[parameter] = self._start(group, plain(parameter))
        super().step()
        self._steps += 1
        return loss

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
        >>> state = SGD([flow.nn.Parameter(flow.ones(1))], lr=0.5).state_dict()
        >>> state["state"], state["param_groups"][0]["params"], state["param_groups"][0]["_options"]["lr"]
        ({'step': 0, 0: {}}, [0], 0.5)
        """
        states: dict[Any, Any] = {"step": self._steps}
        groups = []
        for group in self.param_groups:
            numbers = [*range(len(states) - 1, len(states) - 1 + len(group["params"]))]
            for number, parameter in zip(numbers, group["params"], strict=True):
                states[number] = self._kept(group, self.state.get(parameter, {}))
            options = {name: self._option(group, name) for name in self._options}
            extra = {name: group[name] for name in EXTRA if name in group}
            groups.append({"_options": {**options, **extra}, "_enable_clip_grad": _clips(group), "params": numbers})
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
            options = given["_options"]
            group.update({name: options[name] for name in (*self._options, *EXTRA) if name in options})
            for parameter, number in zip(group["params"], given["params"], strict=True):
                self.state[parameter] = self._taken(group, state_dict["state"].get(number, {}))

    def _start(self, group: dict[str, Any], parameter: torch.Tensor) -> dict[str, Any]:
        """Return what torch is to keep of a parameter before its first update: zeros, as in OneFlow."""
        raise NotImplementedError

    def _kept(self, group: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        return {
            theirs: (state[ours].clone() * _sign(group)).as_subclass(Tensor)
            for ours, theirs in self._names.items()
            if ours in state
        }

    def _taken(self, group: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        return {
            ours: plain(state[theirs]).detach().clone() * _sign(group)
            for ours, theirs in self._names.items()
            if theirs in state
        }

    def _option(self, group: dict[str, Any], name: str) -> Any:
        return group[name]


class SGD(Optimizer, torch.optim.SGD):
    """Stochastic gradient descent, with momentum if asked for.

    Args:
        params: parameters, or groups of them.
        lr: a number, 0 and above. Default: 0.001.
        momentum: of the velocity. Default: 0.0.
        dampening: of the gradient in the velocity, the first one included, unlike torch's. Default: 0.0.
        weight_decay: added to gradients times the parameter. Default: 0.0.
        nesterov: whether to descend along `gradient + momentum * velocity`. Default: False.
        maximize: whether to ascend, which OneFlow does only where there is momentum, and warns. Default: False.
        fused: only for parameters on CUDA; a warning, and no effect, elsewhere. Default: False.

    Raises:
        AssertionError: a number is negative.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> weight = flow.nn.Parameter(flow.ones(1))
        >>> descent = SGD([weight], lr=0.5)
        >>> (3 * weight).sum().backward()
        >>> descent.step()
        >>> weight.tolist()
        [-0.5]
    """

    _options = ("lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize", "fused")
    _names: ClassVar[dict[str, str]] = {"momentum_buffer": "momentum_buf"}

    def __init__(
        self,
        params: Any,
        lr: float = 0.001,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
        fused: bool = False,
    ) -> None:
        _check_positive(lr, weight_decay, momentum=momentum)
        if maximize:
            warnings.warn("Only Momentum > 0.0, param `maximize` takes effect. ", FutureWarning, stacklevel=2)
        super().__init__(
            params, lr, momentum, dampening, weight_decay, False, maximize=maximize and momentum > 0, fused=False
        )
        # torch's constructor refuses it with dampening, or without momentum; its step knows what they mean
        self.defaults["nesterov"] = nesterov
        for group in self.param_groups:
            group["nesterov"] = group["nesterov"] or nesterov
        _fuse(self, fused)

    def _start(self, group: dict[str, Any], parameter: torch.Tensor) -> dict[str, Any]:
        return {"momentum_buffer": torch.zeros_like(parameter)} if group["momentum"] else {}


class _Moments(Optimizer):
    _options = (
        "lr",
        "eps",
        "betas",
        "weight_decay",
        "amsgrad",
        "bias_correction1",
        "bias_correction2",
        "do_bias_correction",
        "fused",
    )
    _names: ClassVar[dict[str, str]] = {
        "exp_avg": "exp_avg",
        "exp_avg_sq": "exp_avg_sq",
        "max_exp_avg_sq": "max_exp_avg_sq",
    }

    def __init__(
        self,
        params: Any,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-08,
        weight_decay: float = 0,
        amsgrad: bool = False,
        do_bias_correction: bool = True,
        fused: bool = False,
    ) -> None:
        _check_positive(lr, weight_decay, eps=eps)
        for index, beta in enumerate(betas):
            if not 0 <= beta < 1:
                msg = f"Invalid beta parameter at index {index}: {beta}; legal are 0 to below 1."
                raise AssertionError(msg)
        if not do_bias_correction:
            msg = "do_bias_correction=False is not supported here; legal is True. Leave it out."
            raise NotImplementedError(msg)
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, fused=False)  # type: ignore[call-arg, arg-type]
        _fuse(self, fused)

    def _start(self, group: dict[str, Any], parameter: torch.Tensor) -> dict[str, Any]:
        # OneFlow counts the steps of the optimizer, torch those of each parameter
        names = [name for name in self._names if group["amsgrad"] or name != "max_exp_avg_sq"]
        zeros = {name: torch.zeros_like(parameter) for name in names}
        return {"step": torch.tensor(float(self._steps)), **zeros}

    def _taken(self, group: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        taken = super()._taken(group, state)
        return {"step": torch.tensor(float(self._steps)), **taken} if taken else {}

    def _option(self, group: dict[str, Any], name: str) -> Any:
        if name == "do_bias_correction":
            return True
        if name in ("bias_correction1", "bias_correction2"):
            return 1 - group["betas"][int(name[-1]) - 1] ** self._steps if self._steps else 1.0
        return super()._option(group, name)


class Adam(_Moments, torch.optim.Adam):
    """Adam, with the moments corrected for their start at zero.

    Args:
        params: parameters, or groups of them.
        lr: a number, 0 and above. Default: 0.001.
        betas: decay of the moments. Default: (0.9, 0.999).
        eps: added to the denominator. Default: 1e-8.
        weight_decay: added to gradients times the parameter. Default: 0.
        amsgrad: whether to use the largest second moment so far. Default: False.
        do_bias_correction: only True here. Default: True.
        fused: only for parameters on CUDA; a warning, and no effect, elsewhere. Default: False.

    Raises:
        AssertionError: a number is out of range.
        NotImplementedError: `do_bias_correction` is false.
    """


class AdamW(_Moments, torch.optim.AdamW):
    """Adam whose weight decay does not go through the moments; arguments as in `Adam`."""

    _options = (
        "lr",
        "eps",
        "betas",
        "weight_decay",
        "bias_correction1",
        "bias_correction2",
        "do_bias_correction",
        "amsgrad",
        "fused",
    )


# what schedulers and clipping add to a group's options
EXTRA = ("initial_lr", "clip_grad_max_norm", "clip_grad_norm_type")


def _clips(group: dict[str, Any]) -> bool:
    return "clip_grad_max_norm" in group and "clip_grad_norm_type" in group


def _sign(group: dict[str, Any]) -> int:
    # ascending, torch keeps a velocity of negated gradients, and OneFlow of gradients
    return -1 if group.get("maximize") else 1


def _fuse(optimizer: torch.optim.Optimizer, fused: bool) -> None:
    """Turn on torch's fused update where OneFlow has one."""
    for group in optimizer.param_groups:
        group["fused"] = fused and all(parameter.is_cuda for parameter in group["params"])
        if fused and not group["fused"]:
            msg = f"Fused {type(optimizer).__name__} only support cuda parameters."
            warnings.warn(msg, stacklevel=3)


def _check_positive(lr: float, weight_decay: float, **others: float) -> None:
    for name, value in {"learning rate": lr, "weight_decay": weight_decay, **others}.items():
        if value < 0:
            msg = f"Invalid {name}: {value}; legal are 0 and above."
            raise AssertionError(msg)
