"""Mirrors `paddle.optimizer.lr`: learning rates that change from epoch to epoch, for an optimizer to follow."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from .scheduler import LRScheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "CosineAnnealingDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LRScheduler",
    "LambdaDecay",
    "LinearWarmup",
    "MultiStepDecay",
    "NaturalExpDecay",
    "NoamDecay",
    "PiecewiseDecay",
    "PolynomialDecay",
    "ReduceOnPlateau",
    "StepDecay",
]


class StepDecay(LRScheduler):
    """`learning_rate * gamma ** (epoch // step_size)`.

    >>> scheduler = StepDecay(1.0, step_size=2, gamma=0.5)
    >>> for _ in range(2):
    ...     scheduler.step()
    >>> scheduler()
    0.5
    """

    def __init__(
        self, learning_rate: float, step_size: int, gamma: float = 0.1, last_epoch: int = -1, verbose: bool = False
    ) -> None:
        if not isinstance(step_size, int):
            msg = f"The type of 'step_size' must be 'int', but received {type(step_size).__name__}."
            raise TypeError(msg)
        if gamma >= 1:
            msg = f"gamma={gamma} should be < 1.0."
            raise ValueError(msg)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(learning_rate, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        return self.base_lr * self.gamma ** (self.last_epoch // self.step_size)


class MultiStepDecay(LRScheduler):
    """`learning_rate * gamma ** n`, with n the milestones that are behind."""

    def __init__(
        self,
        learning_rate: float,
        milestones: Sequence[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
        verbose: bool = False,
    ) -> None:
        if any(later <= earlier for earlier, later in itertools.pairwise(milestones)):
            msg = f"The elements of milestones must be incremented; they are {list(milestones)}."
            raise ValueError(msg)
        if gamma >= 1:
            msg = f"gamma={gamma} should be < 1.0."
            raise ValueError(msg)
        self.milestones, self.gamma = milestones, gamma
        super().__init__(learning_rate, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        behind = sum(self.last_epoch >= milestone for milestone in self.milestones)
        return self.base_lr * self.gamma**behind


class ExponentialDecay(LRScheduler):
    """`learning_rate * gamma ** epoch`."""

    def __init__(self, learning_rate: float, gamma: float, last_epoch: int = -1, verbose: bool = False) -> None:
        self.gamma = gamma
        super().__init__(learning_rate, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        return self.base_lr * self.gamma**self.last_epoch


class NaturalExpDecay(ExponentialDecay):
    """`learning_rate * exp(-gamma * epoch)`."""

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        return self.base_lr * math.exp(-self.gamma * self.last_epoch)


class InverseTimeDecay(ExponentialDecay):
    """`learning_rate / (1 + gamma * epoch)`."""

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        return self.base_lr / (1 + self.gamma * self.last_epoch)


class PolynomialDecay(LRScheduler):
    """`(learning_rate - end_lr) * (1 - epoch / decay_steps) ** power + end_lr`.

    `end_lr` (default: 0.0001) is kept from epoch `decay_steps` on; with `cycle=True`, `decay_steps` is doubled,
    tripled, ... there instead. `power` is 1.0 by default.
    """

    def __init__(
        self,
        learning_rate: float,
        decay_steps: int,
        end_lr: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        last_epoch: int = -1,
        verbose: bool = False,
    ) -> None:
        self.decay_steps, self.end_lr, self.power, self.cycle = decay_steps, end_lr, power, cycle
        super().__init__(learning_rate, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        epoch, steps = self.last_epoch, self.decay_steps
        if self.cycle:
            steps *= max(math.ceil(epoch / steps), 1)
        return float((self.base_lr - self.end_lr) * (1 - min(epoch, steps) / steps) ** self.power + self.end_lr)


class CosineAnnealingDecay(LRScheduler):
    """From `learning_rate` to `eta_min` (default: 0) along a cosine in `T_max` epochs, and back in as many."""

    def __init__(
        self,
        learning_rate: float,
        T_max: int,  # noqa: N803
        eta_min: float = 0,
        last_epoch: int = -1,
        verbose: bool = False,
    ) -> None:
        if not isinstance(T_max, int) or T_max < 1:
            msg = f"T_max={T_max!r}; the type of 'T_max' must be 'int', 1 and above."
            raise TypeError(msg)
        self.T_max, self.eta_min = T_max, float(eta_min)
        super().__init__(learning_rate, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`, from the one before, as Paddle computes it."""
        epoch, half = self.last_epoch, self.T_max
        if epoch == 0:
            return self.base_lr
        if (epoch - 1 - half) % (2 * half) == 0:
            return self.last_lr + (self.base_lr - self.eta_min) * (1 - math.cos(math.pi / half)) / 2
        ratio = (1 + math.cos(math.pi * epoch / half)) / (1 + math.cos(math.pi * (epoch - 1) / half))
        return ratio * (self.last_lr - self.eta_min) + self.eta_min

    def lr_at(self, epoch: int) -> float:
        """Return the learning rate of any epoch."""
        return self.eta_min + (self.base_lr - self.eta_min) * (1 + math.cos(math.pi * epoch / self.T_max)) / 2


class PiecewiseDecay(LRScheduler):
    """`values[i]` before epoch `boundaries[i]`, and the last value after all of them."""

    def __init__(
        self, boundaries: Sequence[int], values: Sequence[float], last_epoch: int = -1, verbose: bool = False
    ) -> None:
        if len(values) != len(boundaries) + 1:
            msg = f"{len(boundaries)} boundaries need {len(boundaries) + 1} values; there are {len(values)}."
            raise ValueError(msg)
        self.boundaries, self.values = boundaries, values
        super().__init__(last_epoch=last_epoch, verbose=verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        pieces = zip(self.boundaries, self.values, strict=False)
        return next((value for boundary, value in pieces if self.last_epoch < boundary), self.values[-1])


class LinearWarmup(LRScheduler):
    """From `start_lr` to `end_lr` in `warmup_steps` epochs; then `learning_rate`, a number or another scheduler."""

    def __init__(
        self,
        learning_rate: float | LRScheduler,
        warmup_steps: int,
        start_lr: float,
        end_lr: float,
        last_epoch: int = -1,
        verbose: bool = False,
    ) -> None:
        if start_lr > end_lr:
            msg = f"end_lr {end_lr} must be greater than start_lr {start_lr}."
            raise ValueError(msg)
        self.learning_rate, self.warmup_steps = learning_rate, warmup_steps
        self.start_lr, self.end_lr = start_lr, end_lr
        super().__init__(start_lr, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        if self.last_epoch < self.warmup_steps:
            return (self.end_lr - self.start_lr) * self.last_epoch / self.warmup_steps + self.start_lr
        if isinstance(self.learning_rate, LRScheduler):
            self.learning_rate.step(self.last_epoch - self.warmup_steps)
            return self.learning_rate()
        return self.learning_rate

    def state_dict(self) -> dict[str, Any]:
        """Return the state, with that of the other scheduler as `LinearWarmup_LR`."""
        own = super().state_dict()
        inner = self.learning_rate
        return {**own, "LinearWarmup_LR": inner.state_dict()} if isinstance(inner, LRScheduler) else own

    def set_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another scheduler was."""
        super().set_state_dict({key: value for key, value in state_dict.items() if key != "LinearWarmup_LR"})
        if isinstance(self.learning_rate, LRScheduler):
            self.learning_rate.set_state_dict(state_dict["LinearWarmup_LR"])

    set_dict = set_state_dict


class NoamDecay(LRScheduler):
    """`learning_rate * d_model ** -0.5 * min(epoch ** -0.5, epoch * warmup_steps ** -1.5)`."""

    def __init__(
        self,
        d_model: int,
        warmup_steps: int,
        learning_rate: float = 1.0,
        last_epoch: int = -1,
        verbose: bool = False,
    ) -> None:
        if d_model <= 0:
            msg = f"d_model={d_model} should be greater than 0."
            raise ValueError(msg)
        self.d_model, self.warmup_steps = d_model, warmup_steps
        super().__init__(learning_rate, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        falling = 1 if self.last_epoch == 0 else self.last_epoch**-0.5
        rising = self.warmup_steps**-1.5 * self.last_epoch
        return float(self.base_lr * self.d_model**-0.5 * min(falling, rising))


class LambdaDecay(LRScheduler):
    """`learning_rate * lr_lambda(epoch)`."""

    def __init__(
        self,
        learning_rate: float,
        lr_lambda: Callable[[int], float],
        last_epoch: int = -1,
        verbose: bool = False,
    ) -> None:
        if not callable(lr_lambda):
            msg = f"The type of 'lr_lambda' must be 'function', but received {type(lr_lambda).__name__}."
            raise TypeError(msg)
        self.lr_lambda = lr_lambda
        super().__init__(learning_rate, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        return self.base_lr * self.lr_lambda(self.last_epoch)


class ReduceOnPlateau(LRScheduler):
    """A learning rate that is multiplied by `factor` where a metric has not improved for `patience` epochs.

    Args:
        learning_rate: the one to start from.
        mode: 'min' or 'max': which metric is better. Default: 'min'.
        factor: below 1. Default: 0.1.
        patience: epochs to wait. Default: 10.
        threshold: by how much better it must be. Default: 1e-4.
        threshold_mode: 'rel' or 'abs': whether that is a part of the best one. Default: 'rel'.
        cooldown: epochs after a change that do not count. Default: 0.
        min_lr: the least learning rate. Default: 0.
        epsilon: smaller changes are not made. Default: 1e-8.
        verbose: whether `step()` prints the learning rate. Default: False.
    """

    keys = ("cooldown_counter", "best", "num_bad_epochs", "last_epoch", "last_lr")

    def __init__(
        self,
        learning_rate: float,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0,
        epsilon: float = 1e-8,
        verbose: bool = False,
    ) -> None:
        for name, value, legal in (("mode", mode, ("min", "max")), ("threshold_mode", threshold_mode, ("rel", "abs"))):
            if value not in legal:
                msg = f"{name}: {value} is unknown! Legal are {' and '.join(legal)}."
                raise ValueError(msg)
        if factor >= 1:
            msg = f"factor={factor} should be < 1.0."
            raise ValueError(msg)
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.min_lr, self.epsilon = cooldown, min_lr, epsilon
        self.cooldown_counter, self.num_bad_epochs = 0, 0
        self.best: float | None = None
        self.base_lr = self.last_lr = float(learning_rate)
        self.last_epoch, self.verbose = 0, verbose

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """Take note of an epoch's metric: a number, or a tensor or array of one."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        metric = float(metrics)
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            return
        if self.best is None or self._is_better(metric, self.best):
            self.best, self.num_bad_epochs = metric, 0
        else:
            self.num_bad_epochs += 1
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            reduced = max(self.last_lr * self.factor, self.min_lr)
            if self.last_lr - reduced > self.epsilon:
                self.last_lr = reduced
                if self.verbose:
                    print(f"Epoch {self.last_epoch}: ReduceOnPlateau set learning rate to {self.last_lr}.")

    def _is_better(self, metric: float, best: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        margin = best * self.threshold if self.threshold_mode == "rel" else self.threshold
        return sign * metric < sign * best - margin
