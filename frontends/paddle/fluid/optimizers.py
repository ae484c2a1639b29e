"""Rows of `paddle.fluid.optimizer`.

In dygraph, call `loss.backward()`, then `minimize(loss)`; of a program, `minimize(loss)` once, and run the program.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from ... import updates
from ...updates import Kept
from ..optimization.optimizer import Optimizer as PaddleOptimizer
from ..optimization.optimizers import MOMENTS, POWERS, optimizer
from ..tensor import Tensor
from . import modes
from .dygraph.learning_rate_scheduler import LearningRateDecay
from .names import NAMES
from .tensor import VarBase

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__: list[str] = []


class Optimizer(PaddleOptimizer):
    """Paddle's optimizer with fluid's learning rates and states."""

    renamed: ClassVar[Mapping[str, str]] = {"parameter_list": "parameters", "regularization": "weight_decay"}
    _last_rate: float | None = None
    rate_shape = (1,)

    def _waits(self) -> bool:
        return not modes.is_on()

    def check_loss(self, loss: Any) -> None:
        """Check that a loss of a program has one value.

        Raises:
            AssertionError: it has not.
        """
        if list(loss.shape) != [1]:
            msg = (
                f"The loss.shape should be (1L,), but the current loss.shape is {list(loss.shape)}. Maybe that you "
                f"should call fluid.layers.mean to process the current loss."
            )
            raise AssertionError(msg)

    def minimize(
        self, loss: Any, startup_program: Any = None, parameter_list: Any = None, no_grad_set: Any = None
    ) -> Any:
        """Make a step with the gradients that are there; of what a program will compute, tell it to make steps.

        Args:
            loss: a tensor, whose `backward()` was called; or a variable of one value.
            startup_program: of a variable, what begins anew when it is run. Default: None, the one of now.
            parameter_list: of a variable, the parameters or their names. Default: None, all that are learned.
            no_grad_set: of a variable, those that stay.

        Returns:
            an empty list, and (parameter, gradient) pairs.
        """
        return super().minimize(loss, startup_program, parameter_list, no_grad_set)

    def _rates_of(self, value: float) -> None:
        super()._rates_of(value)
        self._last_rate = value

    def current_step_lr(self) -> float:
        """Return the learning rate of the last step, or of the first before it."""
        rate = self._learning_rate
        if not isinstance(rate, LearningRateDecay):
            return float(rate)
        return float(rate.step() if self._last_rate is None else self._last_rate)

    get_lr = current_step_lr

    def state_dict(self) -> dict[str, Any]:
        """Return what has been accumulated, and where the learning rate is, under fluid's names."""
        state = {}
        for name, value in super().state_dict().items():
            state[name] = value
            if isinstance(value, Tensor):
                state[name] = value.as_subclass(VarBase)
                state[name].name = name
        rate = self._learning_rate
        if isinstance(rate, LearningRateDecay):
            state["LR_Scheduler"] = rate.state_dict()
            if "step_num" in rate.keys:
                step = torch.tensor([rate.step_num], dtype=torch.int32).as_subclass(VarBase)
                step.name = "global_step"
                state["global_step"] = step
        return state

    def set_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another optimizer of parameters of the same names was.

        Args:
            state_dict: as `state_dict()` or `load_dygraph()` return it.

        Raises:
            KeyError: the learning rate changes, and the state has none that does.
            AssertionError: something that has been accumulated here is missing.
        """
        accumulated = dict(state_dict)
        scheduler, step = accumulated.pop("LR_Scheduler", None), accumulated.pop("global_step", None)
        rate = self._learning_rate
        if isinstance(rate, LearningRateDecay):
            if scheduler is None:
                msg = "LR_Scheduler"
                raise KeyError(msg)
            rate.set_dict(scheduler)
            if step is not None and "step_num" in rate.keys:
                rate.step_num = int(np.asarray(step).reshape(()))
        self._accumulators.load(accumulated)

    set_state_dict = set_dict


def adadelta(parameter: Any, gradient: Any, state: Any, rate: float, *, epsilon: float, rho: float) -> None:
    """Step without the learning rate, by changes that count this one: so does the release's kernel."""
    del rate
    updates.adadelta(parameter, gradient, state, 1.0, epsilon=epsilon, rho=rho, renewed=True)


def ftrl(parameter: Any, gradient: Any, state: Any, rate: float, *, l1: float, l2: float, lr_power: float) -> None:
    """Step with l1 in place of l2: the release passes it for both."""
    del l2
    updates.ftrl(parameter, gradient, state, rate, l1=l1, l2=l1, lr_power=lr_power)


serve = functools.partial(optimizer, names=NAMES, base=Optimizer)

serve("SGD", updates.descent, ())
serve("Momentum", updates.descent, (Kept("velocity"),), use_nesterov="nesterov")
serve("Adam", functools.partial(updates.adam, corrected=False), (*MOMENTS, *POWERS))
serve("Adamax", updates.adamax, (Kept("moment"), Kept("inf_norm"), POWERS[0]))
serve("Adagrad", updates.adagrad, (Kept("moment", "initial_accumulator_value"),), more="initial_accumulator_value")
serve("DecayedAdagrad", updates.decayed_adagrad, (Kept("moment"),))
serve("Adadelta", adadelta, (Kept("_avg_squared_grad"), Kept("_avg_squared_update")))
serve("RMSPropOptimizer", updates.rmsprop, (Kept("momentum"), Kept("mean_square"), Kept("mean_grad")))
serve("Ftrl", ftrl, (Kept("squared"), Kept("linear")))
# moments are not corrected, and the powers that would do it stay what they are
serve(
    "LambOptimizer",
    functools.partial(updates.lamb, corrections=(1.0, 1.0)),
    (*MOMENTS, *POWERS),
    lamb_weight_decay="decay",
)
serve("LarsMomentum", updates.lars, (Kept("velocity"),), lars_weight_decay="decay", lars_coeff="coefficient")
