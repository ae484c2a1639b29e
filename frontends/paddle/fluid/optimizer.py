"""Mirrors `paddle.fluid.optimizer` for dygraph: call `loss.backward()`, then `minimize(loss)`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..optimization import optimizer
from ..tensor import Tensor
from .dygraph.learning_rate_scheduler import LearningRateDecay

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SGD", "Adam", "AdamOptimizer", "Momentum", "MomentumOptimizer", "SGDOptimizer"]


class _Optimizer(optimizer.Optimizer):
    """Paddle's optimizer with fluid's learning rates and states."""

    _last_rate: float | None = None

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
        state = super().state_dict()
        rate = self._learning_rate
        if isinstance(rate, LearningRateDecay):
            state["LR_Scheduler"] = rate.state_dict()
            if "step_num" in rate.keys:
                step = torch.tensor([rate.step_num], dtype=torch.int32).as_subclass(Tensor)
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


class SGDOptimizer(_Optimizer, optimizer.SGD):
    """Stochastic gradient descent.

    Args:
        learning_rate: a number, 0 and above, or a `dygraph.LearningRateDecay`.
        parameter_list: what it updates.
        regularization: an `L1Decay` or `L2Decay`, for parameters without a regularizer of their own. Default: None.
        grad_clip: of `fluid.clip`. Default: None.
        name: has no effect.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.

    Example:
        >>> import numpy
        >>> from fourfold.frontends.paddle import fluid
        >>> layer = fluid.dygraph.Conv3DTranspose(1, 1, 1)
        >>> descent = fluid.optimizer.SGDOptimizer(0.5, parameter_list=layer.parameters())
        >>> loss = fluid.layers.mean(layer(fluid.dygraph.to_variable(numpy.ones((1, 1, 1, 1, 1), "float32"))))
        >>> loss.backward()
        >>> _ = descent.minimize(loss)
        >>> layer.bias.numpy()
        array([-0.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: float | LearningRateDecay,
        parameter_list: Any = None,
        regularization: Any = None,
        grad_clip: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate, parameter_list, regularization, grad_clip)


class MomentumOptimizer(_Optimizer, optimizer.Momentum):
    """Descent along a velocity, `velocity = momentum * velocity + gradient`.

    Args:
        learning_rate: as in `SGDOptimizer`.
        momentum: of the velocity.
        parameter_list: what it updates.
        use_nesterov: whether to descend along `gradient + momentum * velocity`. Default: False.
        regularization: as in `SGDOptimizer`.
        grad_clip: as in `SGDOptimizer`.
        name: has no effect.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateDecay,
        momentum: float,
        parameter_list: Any = None,
        use_nesterov: bool = False,
        regularization: Any = None,
        grad_clip: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate, momentum, parameter_list, use_nesterov, regularization, grad_clip)


class AdamOptimizer(_Optimizer, optimizer.Adam):
    """Adam, where epsilon is added to the second moment's root before that is corrected for its start at zero.

    torch and today's Paddle add it after: their steps are longer at first, visibly so where epsilon is large.

    Args:
        learning_rate: as in `SGDOptimizer`. Default: 0.001.
        beta1: decay of the first moment, 0 to 1. Default: 0.9.
        beta2: decay of the second moment, 0 to 1. Default: 0.999.
        epsilon: added to the denominator. Default: 1e-8.
        parameter_list: what it updates.
        regularization: as in `SGDOptimizer`.
        grad_clip: as in `SGDOptimizer`.
        name: has no effect.
        lazy_mode: must be False. Default: False.

    Raises:
        NotImplementedError: `lazy_mode` is True.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateDecay = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-08,
        parameter_list: Any = None,
        regularization: Any = None,
        grad_clip: Any = None,
        name: str | None = None,
        lazy_mode: bool = False,
    ) -> None:
        if lazy_mode:
            msg = f"lazy_mode={lazy_mode!r} is not served here: gradients are dense. Leave it out."
            raise NotImplementedError(msg)
        super().__init__(learning_rate, beta1, beta2, epsilon, parameter_list, regularization, grad_clip)
        self._epsilon = epsilon

    def _begin_state(self, parameters: list[torch.Tensor]) -> None:
        super()._begin_state(parameters)
        for group in self.param_groups:
            (parameter,) = group["params"]
            steps = float(self.state[parameter]["step"]) + 1 if self.state.get(parameter) else 1.0
            # sqrt(v) + epsilon, divided by c = sqrt(1 - beta2 ** steps), is torch's sqrt(v) / c + eps
            group["eps"] = self._epsilon / math.sqrt(1 - group["betas"][1] ** steps)


SGD = SGDOptimizer
Momentum = MomentumOptimizer
Adam = AdamOptimizer
