"""Mirrors the schedulers of `oneflow.optim.lr_scheduler` whose rates are functions of the step."""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING, Any

from ... import schedules
from .scheduler import LRScheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .optimizer import Optimizer

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CosineDecayLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "PolynomialLR",
    "StepLR",
]


class StepLR(LRScheduler):
    """Multiplies the rates by `gamma`, 0.1 unless given, every `step_size` steps.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> rates = StepLR(flow.optim.SGD([flow.nn.Parameter(flow.ones(1))], lr=1.0), step_size=2, gamma=0.5)
        >>> for _ in range(2):
        ...     rates.step()
        >>> rates.get_last_lr()
        [0.5]
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_step: int = -1, verbose: bool = False
    ) -> None:
        self.step_size = _positive("step_size", step_size)
        self.gamma = _positive("gamma", gamma)
        super().__init__(optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step."""
        return float(base_lr * self.gamma ** math.floor(step / self.step_size))


class MultiStepLR(LRScheduler):
    """Multiplies the rates by `gamma`, 0.1 unless given, at each of the milestones, which increase."""

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: list[int],
        gamma: float = 0.1,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        if sorted(set(milestones)) != list(milestones):
            msg = f"values in `list` milestone must be increasing, but got {milestones}. Sort them."
            raise AssertionError(msg)
        self.milestones = milestones
        self.gamma = _positive("gamma", gamma)
        super().__init__(optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step."""
        return float(base_lr * self.gamma ** bisect.bisect_right(self.milestones, step))


class ExponentialLR(LRScheduler):
    """Multiplies the rates by `gamma` at every step."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_step: int = -1, verbose: bool = False) -> None:
        if gamma <= 0:
            msg = f"'gamma' must be greater than zero, but got {gamma}."
            raise ValueError(msg)
        self.gamma = gamma
        super().__init__(optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step."""
        return float(base_lr * self.gamma**step)


class CosineAnnealingLR(LRScheduler):
    """Takes the rates down a cosine to `eta_min`, 0.0 unless given, at step `T_max`, and up again after."""

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: int,  # noqa: N803
        eta_min: float = 0.0,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step."""
        return self.eta_min + (base_lr - self.eta_min) * _cosine(step / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Takes the rates down a cosine in `T_0` steps, then again in `T_mult` times as many, from `decay_rate` of them."""

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,  # noqa: N803
        T_mult: int = 1,  # noqa: N803
        eta_min: float = 0.0,
        decay_rate: float = 1.0,
        restart_limit: int = 0,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        for name, value in (("T_0", T_0), ("T_mult", T_mult)):
            if not isinstance(value, int) or value < 1:
                msg = f"Expected positive integer {name}, but got {value}."
                raise ValueError(msg)
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        self.decay_rate, self.restart_limit = decay_rate, restart_limit
        super().__init__(optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step."""
        return schedules.warm_restarts(
            base_lr,
            step,
            T_0=self.T_0,
            T_mult=self.T_mult,
            eta_min=self.eta_min,
            decay_rate=self.decay_rate,
            restart_limit=self.restart_limit,
        )


class CosineDecayLR(LRScheduler):
    """Takes the rates down a cosine to `alpha` of the first ones, 0.0 unless given, in `decay_steps` steps."""

    def __init__(
        self, optimizer: Optimizer, decay_steps: int, alpha: float = 0.0, last_step: int = -1, verbose: bool = False
    ) -> None:
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.alpha = alpha
        super().__init__(optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step."""
        done = min(step / self.decay_steps, 1.0)
        return base_lr * ((1 - self.alpha) * _cosine(done) + self.alpha)


class PolynomialLR(LRScheduler):
    """Takes the rates to `end_learning_rate` within `decay_batch` steps, along a power of what is left.

    Args:
        optimizer: whose rates are set.
        decay_batch: the steps.
        end_learning_rate: the last rate. Default: 0.0001.
        power: of `1 - step / decay_batch`. Default: 1.0.
        cycle: whether the steps are doubled, tripled and so on where they are through. Default: False.
        last_step: the step before the next. Default: -1.
        verbose: whether to print the rates. Default: False.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        decay_batch: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        self.max_decay_steps = _positive("decay_batch", decay_batch)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        super().__init__(optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step."""
        if self.cycle:
            done = max(step, 1)
            whole = self.max_decay_steps * math.ceil(done / self.max_decay_steps)
        else:
            done, whole = min(step, self.max_decay_steps), self.max_decay_steps
        left = (1 - done / whole) ** self.power
        return float((base_lr - self.end_learning_rate) * left + self.end_learning_rate)


class LinearLR(LRScheduler):
    """Takes the rates from `start_factor` to `end_factor` of the first ones in a line, within `total_iters` steps."""

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        self.start_factor = _fraction("Starting", start_factor)
        self.end_factor = _fraction("Ending", end_factor)
        self.total_iters = total_iters
        super().__init__(optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step."""
        if step >= self.total_iters:
            return base_lr * self.end_factor
        return base_lr * (self.start_factor + (self.end_factor - self.start_factor) * (step / self.total_iters))


class ConstantLR(LRScheduler):
    """Multiplies the rates by `factor`, 1/3 unless given, for the first `total_iters` steps, 5 unless given."""

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1 / 3,
        total_iters: int = 5,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        self.factor = _fraction("Constant", factor)
        self.total_iters = total_iters
        super().__init__(optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step."""
        return base_lr * self.factor if step < self.total_iters else base_lr


class LambdaLR(LRScheduler):
    """Multiplies the first rates by what a function says of the step; one function, or one per group."""

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        count = len(optimizer.param_groups)
        self.lr_lambdas = [lr_lambda] * count if callable(lr_lambda) else list(lr_lambda)
        if len(self.lr_lambdas) != count:
            msg = f"Expected {count} lr_lambdas, but got {len(self.lr_lambdas)}. Give one per group."
            raise AssertionError(msg)
        super().__init__(optimizer, last_step, verbose)

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer and the functions, in whose place None stands."""
        return {**super().state_dict(), "lr_lambdas": [None] * len(self.lr_lambdas)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state, with the functions that are here."""
        super().load_state_dict({**state_dict, "lr_lambdas": self.lr_lambdas})

    def _rates(self) -> list[float]:
        return [base_lr * of(self.last_step) for of, base_lr in zip(self.lr_lambdas, self.base_lrs, strict=True)]


def _positive(name: str, value: Any) -> Any:
    if value <= 0:
        msg = f"{name} must greater than zero, but got {value}."
        raise AssertionError(msg)
    return value


def _fraction(which: str, value: float) -> float:
    if not 0 <= value <= 1:
        msg = f"{which} multiplicative factor expected to be between 0 and 1, but got {value}."
        raise ValueError(msg)
    return value


def _cosine(done: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * done))
