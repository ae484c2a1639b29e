"""Mirrors the optimizers of `paddle.optimizer`: torch's, with Paddle's arguments, methods and states."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from .accumulators import ADAM, MOMENTUM, Accumulator, Accumulators
from .groups import groups, undecayed_groups
from .scheduler import LRScheduler, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Optimizer"]


class Optimizer(torch.optim.Optimizer):
    """What Paddle's optimizers share; make one of the others.

    `state_dict()` and `set_state_dict()` are Paddle's; torch's state is `torch.optim.Optimizer.state_dict(optimizer)`.
    """

    accumulators: ClassVar[tuple[Accumulator, ...]] = ()
    _grad_clip: Any = None
    _learning_rate: Any = None
    _accumulators: Accumulators

    def _follow(self, learning_rate: Any, grad_clip: Any, name: str | None = None) -> None:
        if not (grad_clip is None or callable(grad_clip)):
            msg = (
                f"'grad_clip' should be an instance of GradientClipBase's derived class; it is "
                f"a {type(grad_clip).__name__}. Give an nn.ClipGradByGlobalNorm, ByNorm or ByValue."
            )
            raise TypeError(msg)
        self._grad_clip = grad_clip
        self._learning_rate = learning_rate
        self._accumulators = Accumulators(self, self.accumulators, f"{name}_" if name else "")

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
            self._rates_of(self._learning_rate())
        members = [parameter for group in self.param_groups for parameter in group["params"]]
        pairs = [(parameter, parameter.grad) for parameter in members if parameter.grad is not None]
        self._begin_state([parameter for parameter, _ in pairs])
        changed = self._with_decay(pairs if self._grad_clip is None else self._grad_clip(pairs))
        try:
            for parameter, gradient in changed:
                parameter.grad = gradient
            super().step()
        finally:
            for parameter, gradient in pairs:
                parameter.grad = gradient
        return None

    def _begin_state(self, parameters: list[torch.Tensor]) -> None:
        self._accumulators.begin(parameters)

    def _with_decay(self, pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        # torch adds the L2 decay itself, after the clip as Paddle does; it has no L1 decay
        decays = {id(group["params"][0]): group["l1_decay"] for group in self.param_groups if group["l1_decay"]}
        return [
            (parameter, gradient + decays[id(parameter)] * parameter.detach().sign())
            if id(parameter) in decays
            else (parameter, gradient)
            for parameter, gradient in pairs
        ]

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
        learning_rate: a number, 0 and above, or an `lr.LRScheduler`. Default: 0.001.
        parameters: what it updates; a parameter's `optimize_attr` and `regularizer` are followed.
        weight_decay: a number or an `L2Decay`: added to gradients times the parameter; an `L1Decay`: times its sign.
            Default: None.
        grad_clip: a clip of `paddle.nn`, before the decay is added. Default: None.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.

    Example:
        >>> from fourfold.frontends import paddle
        >>> layer = paddle.nn.Conv3DTranspose(1, 1, 1)
        >>> descent = paddle.optimizer.SGD(0.5, parameters=layer.parameters())
        >>> layer(paddle.ones([1, 1, 1, 1, 1])).sum().backward()
        >>> descent.step()
        >>> layer.bias.tolist()
        [-0.5]
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        parameters: Any = None,
        weight_decay: Any = None,
        grad_clip: Any = None,
    ) -> None:
        super().__init__(groups(parameters, learning_rate, weight_decay))
        self._follow(learning_rate, grad_clip)


class Momentum(Optimizer, torch.optim.SGD):
    """Descent along a velocity, `velocity = momentum * velocity + gradient`.

    Args:
        learning_rate: as in `SGD`. Default: 0.001.
        momentum: of the velocity. Default: 0.9.
        parameters: as in `SGD`.
        use_nesterov: whether to descend along `gradient + momentum * velocity`. Default: False.
        weight_decay: as in `SGD`.
        grad_clip: as in `SGD`.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.
    """

    accumulators = MOMENTUM

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        momentum: float = 0.9,
        parameters: Any = None,
        use_nesterov: bool = False,
        weight_decay: Any = None,
        grad_clip: Any = None,
    ) -> None:
        members = groups(parameters, learning_rate, weight_decay)
        super().__init__(members, momentum=momentum, nesterov=use_nesterov)
        self._follow(learning_rate, grad_clip)


class Adam(Optimizer, torch.optim.Adam):
    """Adam; epsilon stands beside the corrected second moment, as in torch.

    Args:
        learning_rate: as in `SGD`. Default: 0.001.
        beta1: decay of the first moment, 0 to 1. Default: 0.9.
        beta2: decay of the second moment, 0 to 1. Default: 0.999.
        epsilon: added to the denominator. Default: 1e-8.
        parameters: as in `SGD`.
        weight_decay: as in `SGD`.
        grad_clip: as in `SGD`.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.
    """

    accumulators = ADAM

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        parameters: Any = None,
        weight_decay: Any = None,
        grad_clip: Any = None,
    ) -> None:
        members = groups(parameters, learning_rate, weight_decay)
        super().__init__(members, betas=(beta1, beta2), eps=epsilon)
        self._follow(learning_rate, grad_clip)


class AdamW(Optimizer, torch.optim.AdamW):
    """Adam whose decay shrinks the parameters by themselves.

    Args:
        learning_rate: as in `SGD`. Default: 0.001.
        beta1: decay of the first moment, 0 to 1. Default: 0.9.
        beta2: decay of the second moment, 0 to 1. Default: 0.999.
        epsilon: added to the denominator. Default: 1e-8.
        parameters: as in `SGD`.
        weight_decay: a number: parameters are multiplied by `1 - learning_rate * weight_decay`. Default: 0.01.
        apply_decay_param_fun: tells by a parameter's name whether it decays. Default: None, all do.
        grad_clip: as in `SGD`.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.
        NotImplementedError: a parameter has a regularizer of its own.
    """

    accumulators = ADAM

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        parameters: Any = None,
        weight_decay: float = 0.01,
        *,
        apply_decay_param_fun: Callable[[str], bool] | None = None,
        grad_clip: Any = None,
    ) -> None:
        members = undecayed_groups(parameters, learning_rate, weight_decay, apply_decay_param_fun)
        super().__init__(members, betas=(beta1, beta2), eps=epsilon)
        self._follow(learning_rate, grad_clip)
