"""Mirrors `paddle.optimizer.Optimizer`: what all share, and a step by a rule."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from ...names import Limit, check
from ...names.generate import accepted
from ...tensor import plain
from ...updates import Kept, rounded
from ..static.graph import Variable
from ..static.mode import in_dynamic_mode
from ..static.training import minimized
from .accumulators import Accumulators
from .groups import groups, undecayed_groups
from .scheduler import LRScheduler, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Optimizer"]


class Optimizer(torch.optim.Optimizer):
    """What Paddle's optimizers share; make one of the others.

    `state_dict()` and `set_state_dict()` are Paddle's; torch's state is `torch.optim.Optimizer.state_dict(optimizer)`.
    """

    rule: ClassVar[Callable[..., None]]
    limits: ClassVar[tuple[Limit, ...]] = ()
    kept: ClassVar[tuple[Kept, ...]] = ()
    # what the rule, or this class, calls arguments that the release calls otherwise
    renamed: ClassVar[Mapping[str, str]] = {}
    # whether the decay is the rule's, and no part of the gradient
    decoupled: ClassVar[bool] = False
    _grad_clip: Any = None
    _learning_rate: Any = None
    _accumulators: Accumulators
    # a program's: `minimize` says which parameters
    _waiting: Mapping[str, Any] | None = None
    rate_shape: ClassVar[tuple[int, ...]] = ()
    # what a group of parameters may say, beside its learning rate and decay
    grouped: ClassVar[frozenset[str]] = frozenset()
    # whether the betas may be tensors, which are read at every step; and with what the release begins their powers then
    # where that is not their value; None where they may not
    tensors: ClassVar[Mapping[str, float] | None] = None

    def __init__(
        self,
        learning_rate: float | Schedule,
        parameters: Any = None,
        weight_decay: Any = None,
        grad_clip: Any = None,
        name: str | None = None,
    ) -> None:
        self._begin(
            learning_rate=learning_rate,
            parameters=parameters,
            weight_decay=weight_decay,
            grad_clip=grad_clip,
            name=name,
        )

    def _begin(self, **given: Any) -> None:
        check(self.limits, given)
        asked = given
        given = {self.renamed.get(name, name): value for name, value in given.items()}
        betas = [name for name in ("beta1", "beta2", "epsilon") if isinstance(given.get(name), torch.Tensor)]
        if betas and self.tensors is None:
            msg = f"{betas[0]} is a tensor; here it has to be a number. Write {betas[0]}=float({betas[0]})."
            raise NotImplementedError(msg)
        self._starts = {name: value for name, value in (self.tensors or {}).items() if name in betas}
        if given["parameters"] is None and self._waits():
            self._waiting, self._learning_rate = asked, given["learning_rate"]
            return
        rate, parameters, decay = given["learning_rate"], given["parameters"], given.get("weight_decay")
        if self.decoupled:
            members = undecayed_groups(parameters, rate, decay, given["apply_decay_param_fun"], self.grouped)
        else:
            members = groups(parameters, rate, decay, self.grouped)
        torch.optim.Optimizer.__init__(self, members, {})
        clip, name = given["grad_clip"], given.get("name")
        if not (clip is None or callable(clip)):
            msg = (
                f"'grad_clip' should be an instance of GradientClipBase's derived class; it is "
                f"a {type(clip).__name__}. Give an nn.ClipGradByGlobalNorm, ByNorm or ByValue."
            )
            raise TypeError(msg)
        self._grad_clip, self._learning_rate, self._given = clip, rate, given
        rule = getattr(type(self), "rule", None)
        self._options = {each: given[each] for each in given if rule and each in accepted(rule)[0]}
        self._kept = tuple(each for each in self.kept if not each.only or given[each.only])
        self._accumulators = Accumulators(self, self._kept, f"{name}_" if name else "")

    def _waits(self) -> bool:
        return hasattr(type(self), "rule") and not in_dynamic_mode()

    def _begin_with(self, parameters: list[Any], grad_clip: Any) -> None:
        """Begin with the parameters that were waited for."""
        given, self._waiting = self._waiting or {}, None
        word = next((word for word, name in self.renamed.items() if name == "parameters"), "parameters")
        self._begin(**{**given, word: parameters, "grad_clip": grad_clip})

    def check_loss(self, loss: Any) -> None:
        """Check that a loss of a program has one value.

        Raises:
            AssertionError: it has not.
        """
        if math.prod(loss.shape) != 1:
            msg = (
                f"The number of elements of loss should be 1, but the current loss.shape is {list(loss.shape)}. Call "
                f"paddle.mean to process the current loss."
            )
            raise AssertionError(msg)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters that have gradients, which stay as they are.

        Args:
            closure: torch's: computes the loss and the gradients again. Default: None.
        """
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
            self.step()
            return loss
        if isinstance(self._learning_rate, Schedule):
            self._rates_of(float(self._learning_rate()))
        members = [parameter for group in self.param_groups for parameter in group["params"]]
        pairs = [(parameter, parameter.grad) for parameter in members if parameter.grad is not None]
        self._begin_state([parameter for parameter, _ in pairs])
        own = {id(group["params"][0]): group for group in self.param_groups}
        with torch.no_grad():
            for parameter, gradient in pairs if self._grad_clip is None else self._grad_clip(pairs):
                self._update(own[id(parameter)], parameter, plain(gradient))
        return None

    def _update(self, group: dict[str, Any], parameter: torch.Tensor, gradient: torch.Tensor) -> None:
        values, state, options = plain(parameter), self.state[parameter], {**self._options, **group["own"]}
        # decays come after the clip, as in Paddle
        if group["l1_decay"]:
            gradient = gradient + group["l1_decay"] * values.sign()
        if self.decoupled:
            options["decay"] = group["weight_decay"]
        elif group["weight_decay"]:
            gradient = gradient + group["weight_decay"] * values
        options = rounded(_numbers(options), torch.promote_types(values.dtype, torch.float32))
        roles = {each.role or each.name: state[each.name] for each in self._kept}
        type(self).rule(values, gradient, roles, group["lr"], **options)

    def _begin_state(self, parameters: list[torch.Tensor]) -> None:
        own = {id(each): group["own"] for group in self.param_groups for each in group["params"]}
        for parameter in parameters:
            if not self.state.get(parameter):
                values = plain(parameter).detach()
                given = {**_numbers(self._given), **own[id(parameter)], **self._starts}
                self.state[parameter] = {each.name: each.made(values, given) for each in self._kept}
        self._accumulators.begin(parameters)

    def clear_grad(self, set_to_zero: bool = True) -> None:
        """Fill the gradients with zeros, or drop them."""
        self.zero_grad(set_to_none=not set_to_zero)

    clear_gradients = clear_grad

    def get_lr(self) -> float:
        """Return the learning rate, without the factors that parameters have of their own."""
        rate = self._learning_rate
        return float(rate() if isinstance(rate, LRScheduler) else rate)

    def set_lr(self, value: float) -> None:
        """Set the learning rate; the parameters keep their factors.

        Raises:
            RuntimeError: a scheduler sets it.
        """
        if isinstance(self._learning_rate, LRScheduler):
            msg = (
                "optimizer's learning rate can't be LRScheduler when invoke this API, because this will lead to "
                "conflict. Use set_lr_scheduler()."
            )
            raise RuntimeError(msg)
        self._learning_rate = float(value)
        self._rates_of(self._learning_rate)

    def set_lr_scheduler(self, scheduler: LRScheduler) -> None:
        """Follow another scheduler.

        Raises:
            TypeError: it is none.
        """
        if not isinstance(scheduler, LRScheduler):
            msg = f"The type of 'scheduler' must be LRScheduler; it is a {type(scheduler).__name__}."
            raise TypeError(msg)
        self._learning_rate = scheduler

    def _rates_of(self, value: float) -> None:
        for group in self.param_groups:
            group["lr"] = value * group["factor"]

    def state_dict(self) -> dict[str, Any]:
        """Return what the optimizer has accumulated, and the scheduler's state, under Paddle's names.

        Example:
            >>> from fourfold.frontends import paddle
            >>> with paddle.unique_name.guard():
            ...     layer = paddle.nn.Conv3DTranspose(1, 1, 1, bias_attr=False)
            ...     momentum = paddle.optimizer.Momentum(0.1, parameters=layer.parameters())
            ...     layer(paddle.ones([1, 1, 1, 1, 1])).sum().backward()
            ...     momentum.step()
            >>> list(momentum.state_dict())
            ['conv3d_transpose_0.w_0_velocity_0']
        """
        state: dict[str, Any] = self._accumulators.state_dict()
        if isinstance(self._learning_rate, LRScheduler):
            state["LR_Scheduler"] = self._learning_rate.state_dict()
        return state

    def set_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another optimizer of parameters of the same names was.

        Args:
            state_dict: as `state_dict()` returns it; arrays will do. What has not been accumulated here yet is taken
                from it in the step that would create it.

        Raises:
            AssertionError: something that has been accumulated here is missing, or the scheduler's state is.
        """
        accumulated = dict(state_dict)
        scheduler = accumulated.pop("LR_Scheduler", None)
        if isinstance(self._learning_rate, LRScheduler):
            if scheduler is None:
                msg = "LR_Scheduler state must be included in the state dict; it has no 'LR_Scheduler'."
                raise AssertionError(msg)
            self._learning_rate.set_state_dict(scheduler)
        elif scheduler is not None:
            warnings.warn("LR_Scheduler is not used: the learning rate here is a number.", stacklevel=2)
        self._accumulators.load(accumulated)

    set_dict = set_state_dict

    def minimize(
        self, loss: Any, startup_program: Any = None, parameters: Any = None, no_grad_set: Any = None
    ) -> tuple[list[Any], list[tuple[Any, Any]]]:
        """Make a step with the gradients that are there: call `loss.backward()` first, as in Paddle.

        Of what a program will compute, tell the program to make a step whenever it is run.

        Args:
            loss: what the gradients belong to.
            startup_program: of a program, what begins anew when it is run. Default: None, the one of now.
            parameters: of a program, the parameters or their names. Default: None, all that are learned.
            no_grad_set: of a program, those that stay.

        Returns:
            an empty list, and (parameter, gradient) pairs.

        Raises:
            TypeError: the loss is no tensor.
            NotImplementedError: one of the others is not None where tensors are computed at once.
        """
        if isinstance(loss, Variable):
            return minimized(self, loss, startup_program, parameters, no_grad_set)
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


def _numbers(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with the numbers that tensors among them hold."""
    return {name: value.item() if isinstance(value, torch.Tensor) else value for name, value in options.items()}
