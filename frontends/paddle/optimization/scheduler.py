"""Learning rates of `paddle.optimizer.lr`: their base class, and those that are more than a formula."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from ... import schedules
from ...names import check, limit
from .limits import WHOLE, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CosineAnnealingWarmRestarts", "LRScheduler", "LinearWarmup", "ReduceOnPlateau"]


class Schedule:
    """What an optimizer calls for the learning rate of a step."""

    def __call__(self) -> Any:
        """Return the learning rate."""
        raise NotImplementedError


class LRScheduler(Schedule, schedules.Scheduled):
    """A learning rate that `step()` changes; derive from it and define `get_lr()`.

    Args:
        learning_rate: the one to start from. Default: 0.1.
        last_epoch: the epoch before the first. Default: -1.
        verbose: whether `step()` prints the learning rate. Default: False.

    Raises:
        TypeError: the learning rate is no number.
        ValueError: it is below 0.
    """

    first: ClassVar[Callable[[Mapping[str, Any]], float] | None] = None  # the first rate, if it is no argument

    def __init__(self, learning_rate: float = 0.1, last_epoch: int = -1, verbose: bool = False) -> None:
        if not isinstance(learning_rate, (int, float)):
            msg = f"The type of learning rate must be float, but received {type(learning_rate).__name__}."
            raise TypeError(msg)
        if learning_rate < 0:
            msg = f"Invalid learning rate: {learning_rate}; it must be 0 or above."
            raise ValueError(msg)
        self.base_lr = self.last_lr = float(learning_rate)
        self.last_epoch, self.verbose = last_epoch, verbose
        self.step()

    def _begin(self, last_epoch: int, verbose: bool, learning_rate: float = 0.1, **given: Any) -> None:
        check(self.limits, given)
        self.__dict__.update(given)
        rate = learning_rate if self.first is None else type(self).first(given)  # type: ignore[misc]
        LRScheduler.__init__(self, rate, last_epoch, verbose)

    def __call__(self) -> float:
        """Return the learning rate of now."""
        return self.last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or to the given one."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self.last_lr = self.get_lr() if epoch is None else self._lr_at(epoch)
        self._say()

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        if not self.keywords:
            raise NotImplementedError
        return self.rate(self.base_lr, self.last_epoch, self.last_lr)

    def _lr_at(self, epoch: int) -> float:
        """Return the learning rate of an epoch that need not follow the one before."""
        return self.get_lr()

    def _say(self) -> None:
        if self.verbose:
            print(f"Epoch {self.last_epoch}: {type(self).__name__} set learning rate to {self.last_lr}.")

    def state_keys(self) -> None:
        """Say in `keys` which attributes are the state."""
        self.keys = ["last_epoch", "last_lr"]

    def state_dict(self) -> dict[str, Any]:
        """Return the attributes that `keys` lists, tensors as numbers."""
        self.state_keys()
        found = {key: vars(self)[key] for key in self.keys if key in vars(self)}
        return {key: float(value) if isinstance(value, torch.Tensor) else value for key, value in found.items()}

    def set_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another scheduler was.

        Raises:
            RuntimeError: an entry is missing.
        """
        self.state_keys()
        for key in self.keys:
            if key not in state_dict:
                msg = f"Please check whether state_dict is correct for optimizer. Can't find [ {key} ] in state_dict."
                raise RuntimeError(msg)
            setattr(self, key, state_dict[key])
        if len(state_dict) > len(self.keys):
            unused = sorted(set(state_dict) - set(self.keys))
            warnings.warn(f"There are some unused values in state_dict: {unused}.", stacklevel=2)

    set_dict = set_state_dict


class CosineAnnealing(LRScheduler):
    """One that computes a rate from the last, and after a jump by the formula of any epoch."""

    T_max: int
    eta_min: float

    def _lr_at(self, epoch: int) -> float:
        return schedules.cosine(self.base_lr, epoch, T_max=self.T_max, eta_min=float(self.eta_min))


class LinearWarmup(LRScheduler):
    """From `start_lr` to `end_lr` in `warmup_steps` epochs; then `learning_rate`, a number or another scheduler."""

    limits = (
        limit("learning_rate", lambda rate: isinstance(rate, (int, float, LRScheduler)), "must be a rate", TypeError),
        limit("warmup_steps", WHOLE, "must be a positive integer", AssertionError),
    )

    def __init__(
        self,
        learning_rate: float | LRScheduler,
        warmup_steps: int,
        start_lr: float,
        end_lr: float,
        last_epoch: int = -1,
        verbose: bool = False,
    ) -> None:
        check(self.limits, {"learning_rate": learning_rate, "warmup_steps": warmup_steps})
        if end_lr <= start_lr:
            msg = f"end_lr {end_lr} must be greater than start_lr {start_lr}."
            raise AssertionError(msg)
        self.learning_rate, self.warmup_steps = learning_rate, warmup_steps
        self.start_lr, self.end_lr = start_lr, end_lr
        super().__init__(start_lr, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        epoch = self.last_epoch
        if epoch < self.warmup_steps:
            return schedules.warmup(epoch, warmup_steps=self.warmup_steps, start_lr=self.start_lr, end_lr=self.end_lr)
        if isinstance(self.learning_rate, LRScheduler):
            self.learning_rate.step(epoch - self.warmup_steps)
            return self.learning_rate()
        return self.learning_rate

    def state_dict(self) -> dict[str, Any]:
        """Return the state, with that of the other scheduler as `LinearWarmup_LR`."""
        own = super().state_dict()
        inner = self.learning_rate
        return {**own, "LinearWarmup_LR": inner.state_dict()} if isinstance(inner, LRScheduler) else own

    def set_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another scheduler was."""
        # the release warns of the other scheduler's state as unused, and uses it
        super().set_state_dict({key: value for key, value in state_dict.items() if key != "LinearWarmup_LR"})
        if isinstance(self.learning_rate, LRScheduler):
            self.learning_rate.set_state_dict(state_dict["LinearWarmup_LR"])


class CosineAnnealingWarmRestarts(LRScheduler):
    """Along a cosine to `eta_min` in `T_0` epochs, then from the start in `T_mult` times as many, and so on."""

    limits = (
        limit("T_0", WHOLE, "is no positive integer, as expected of T_0"),
        limit("T_mult", WHOLE, "is no integer, 1 and above, as expected of T_mult"),
    )

    def __init__(
        self,
        learning_rate: float,
        T_0: int,  # noqa: N803
        T_mult: int = 1,  # noqa: N803
        eta_min: float = 0,
        last_epoch: int = -1,
        verbose: bool = False,
    ) -> None:
        check(self.limits, {"T_0": T_0, "T_mult": T_mult})
        self.T_0 = self.T_i = T_0
        self.T_mult, self.eta_min = T_mult, eta_min
        self.T_cur: float = last_epoch
        super().__init__(learning_rate, last_epoch, verbose)

    def get_lr(self) -> float:
        """Return the learning rate of epoch `T_cur` of `T_i`."""
        return schedules.cosine(self.base_lr, self.T_cur, T_max=self.T_i, eta_min=self.eta_min)

    def step(self, epoch: float | None = None) -> None:
        """Go to the next epoch, or to the given one, which may be a fraction.

        Raises:
            ValueError: the epoch is below 0.
        """
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur - self.T_i, self.T_i * self.T_mult
        else:
            epoch = epoch or 0
            if epoch < 0:
                msg = f"Expected non-negative epoch, but got {epoch}."
                raise ValueError(msg)
            self._jump(epoch)
        self.last_epoch = math.floor(epoch)
        self.last_lr = self.get_lr()
        self._say()

    def _jump(self, epoch: float) -> None:
        if epoch < self.T_0:
            self.T_cur, self.T_i = epoch, self.T_0
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            # before cycle n there are T_0 * (T_mult ** n - 1) / (T_mult - 1) epochs
            cycle = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**cycle - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**cycle


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

    limits = (
        limit("mode", one_of("min", "max"), "is unknown! mode: 'min' and 'max' are legal"),
        limit("factor", lambda factor: factor < 1.0, "should be < 1.0"),
        limit("threshold_mode", one_of("rel", "abs"), "is unknown! threshold mode: 'rel' and 'abs' are legal"),
        limit("learning_rate", lambda rate: isinstance(rate, (int, float)), "must be 'float'", TypeError),
    )

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
        self.mode, self.threshold_mode = mode.lower(), threshold_mode.lower()
        self.factor, self.patience, self.threshold = factor, patience, threshold
        self.cooldown, self.min_lr, self.epsilon = cooldown, min_lr, epsilon
        check(self.limits, {**vars(self), "learning_rate": learning_rate})
        self.cooldown_counter, self.num_bad_epochs = 0, 0
        self.best: Any = None
        self.base_lr = self.last_lr = float(learning_rate)
        self.last_epoch, self.verbose = 0, verbose

    def state_keys(self) -> None:
        """Say in `keys` which attributes are the state."""
        self.keys = ["cooldown_counter", "best", "num_bad_epochs", "last_epoch", "last_lr"]

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """Take note of an epoch's metric: a number, or a tensor or array of one.

        Raises:
            AssertionError: there are more values than one.
            TypeError: it is none of these.
        """
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if isinstance(metrics, (torch.Tensor, np.ndarray)):
            count = metrics.size if isinstance(metrics, np.ndarray) else math.prod(metrics.shape)
            if count != 1:
                msg = f"the size of metrics must be 1, but the current metrics.size is {count}. Take the mean first."
                raise AssertionError(msg)
        elif not isinstance(metrics, (int, float, np.floating)):
            msg = f"metrics must be 'int', 'float', an array or a tensor, but receive {type(metrics).__name__}."
            raise TypeError(msg)
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            return
        how = {"mode": self.mode, "threshold": self.threshold, "threshold_mode": self.threshold_mode}
        if self.best is None or schedules.improves(float(metrics), float(self.best), **how):  # type: ignore[arg-type]
            self.best, self.num_bad_epochs = metrics, 0
        else:
            self.num_bad_epochs += 1
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            reduced = max(self.last_lr * self.factor, self.min_lr)
            if self.last_lr - reduced > self.epsilon:
                self.last_lr = reduced
                self._say()
