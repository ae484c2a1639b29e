"""Mirrors `paddle.fluid.dygraph.learning_rate_scheduler`: learning rates that change from step to step.

Those that count steps go on by one whenever an optimizer minimizes; those that count epochs when `epoch()` is called.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import torch

from ...optimization.scheduler import Schedule
from ..tensor import VarBase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "CosineDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LambdaDecay",
    "LearningRateDecay",
    "LinearLrWarmup",
    "MultiStepDecay",
    "NaturalExpDecay",
    "NoamDecay",
    "PiecewiseDecay",
    "PolynomialDecay",
    "StepDecay",
]


class LearningRateDecay(Schedule):
    """A learning rate per step; derive from it and define `step()`.

    The others take `begin` and `step` too, last but for a learning rate of `NoamDecay`.

    Args:
        begin: the number of the first step. Default: 0.
        step: how far a step counts. Default: 1.
        dtype: has no effect; rates are float32.
    """

    keys: tuple[str, ...] = ("step_num",)

    def __init__(self, begin: int = 0, step: int = 1, dtype: str = "float32") -> None:
        self.step_num, self.step_size = begin, step

    def __call__(self) -> VarBase:
        """Return the learning rate of this step, a tensor of one value, and go to the next."""
        rate = self.step()
        self.step_num += self.step_size
        return _tensor(rate)

    def step(self) -> float:
        """Return the learning rate of this step."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return where it is."""
        return {key: getattr(self, key) for key in self.keys}

    def set_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another was.

        Raises:
            RuntimeError: an entry is missing.
        """
        for key in self.keys:
            if key not in state_dict:
                msg = f"Please check whether state_dict is correct for optimizer. Can't find [ {key} ] in state_dict."
                raise RuntimeError(msg)
            setattr(self, key, state_dict[key])

    set_state_dict = set_dict


def _tensor(rate: float) -> VarBase:
    return torch.tensor([rate], dtype=torch.float32).as_subclass(VarBase)


class PiecewiseDecay(LearningRateDecay):
    """`values[i]` before step `boundaries[i]`, and the last value after all of them."""

    def __init__(
        self, boundaries: Sequence[int], values: Sequence[float], begin: int, step: int = 1, dtype: str = "float32"
    ) -> None:
        super().__init__(begin, step)
        self.boundaries, self.values = boundaries, values

    def step(self) -> float:
        """Return the learning rate of this step."""
        pieces = zip(self.boundaries, self.values, strict=False)
        return next((value for boundary, value in pieces if self.step_num < boundary), self.values[-1])


class ExponentialDecay(LearningRateDecay):
    """`learning_rate * decay_rate ** (step / decay_steps)`, the exponent rounded down with `staircase=True`."""

    def __init__(
        self,
        learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        begin: int = 0,
        step: int = 1,
        dtype: str = "float32",
    ) -> None:
        super().__init__(begin, step)
        self.learning_rate, self.decay_steps = learning_rate, decay_steps
        self.decay_rate, self.staircase = decay_rate, staircase

    def _ratio(self) -> float:
        ratio = self.step_num / self.decay_steps
        return math.floor(ratio) if self.staircase else ratio

    def step(self) -> float:
        """Return the learning rate of this step."""
        return float(self.learning_rate * self.decay_rate ** self._ratio())


class NaturalExpDecay(ExponentialDecay):
    """`learning_rate * exp(-decay_rate * step / decay_steps)`; arguments as in `ExponentialDecay`."""

    def step(self) -> float:
        """Return the learning rate of this step."""
        return self.learning_rate * math.exp(-self.decay_rate * self._ratio())


class InverseTimeDecay(ExponentialDecay):
    """`learning_rate / (1 + decay_rate * step / decay_steps)`; arguments as in `ExponentialDecay`."""

    def step(self) -> float:
        """Return the learning rate of this step."""
        return self.learning_rate / (1 + self.decay_rate * self._ratio())


class PolynomialDecay(LearningRateDecay):
    """`(learning_rate - end) * (1 - step / decay_steps) ** power + end`, with `end_learning_rate` as `end`.

    It stays there after `decay_steps`; with `cycle=True`, `decay_steps` is doubled, tripled, ... there instead.

    >>> decay = PolynomialDecay(1.0, decay_steps=2, end_learning_rate=0.0)
    >>> [decay().numpy().item() for _ in range(3)]
    [1.0, 0.5, 0.0]
    """

    def __init__(
        self,
        learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        begin: int = 0,
        step: int = 1,
        dtype: str = "float32",
    ) -> None:
        super().__init__(begin, step)
        self.learning_rate, self.decay_steps = learning_rate, decay_steps
        self.end_learning_rate, self.power, self.cycle = end_learning_rate, power, cycle

    def step(self) -> float:
        """Return the learning rate of this step."""
        steps = self.decay_steps * (max(math.ceil(self.step_num / self.decay_steps), 1) if self.cycle else 1)
        left = 1 - min(self.step_num, steps) / steps
        return float((self.learning_rate - self.end_learning_rate) * left**self.power + self.end_learning_rate)


class CosineDecay(LearningRateDecay):
    """`learning_rate * (cos(pi * epoch / epochs) + 1) / 2`, an epoch being `step_each_epoch` steps."""

    def __init__(
        self,
        learning_rate: float,
        step_each_epoch: int,
        epochs: int,
        begin: int = 0,
        step: int = 1,
        dtype: str = "float32",
    ) -> None:
        super().__init__(begin, step)
        self.learning_rate, self.step_each_epoch, self.epochs = learning_rate, step_each_epoch, epochs

    def step(self) -> float:
        """Return the learning rate of this step."""
        epoch = self.step_num // self.step_each_epoch
        return self.learning_rate * 0.5 * (math.cos(epoch * math.pi / self.epochs) + 1)


class NoamDecay(LearningRateDecay):
    """`learning_rate * d_model ** -0.5 * min(step ** -0.5, step * warmup_steps ** -1.5)`."""

    def __init__(
        self,
        d_model: int,
        warmup_steps: int,
        begin: int = 1,
        step: int = 1,
        dtype: str = "float32",
        learning_rate: float = 1.0,
    ) -> None:
        super().__init__(begin, step)
        self.d_model, self.warmup_steps, self.learning_rate = d_model, warmup_steps, learning_rate

    def step(self) -> float:
        """Return the learning rate of this step."""
        rates = self.step_num**-0.5, self.warmup_steps**-1.5 * self.step_num
        return float(self.learning_rate * self.d_model**-0.5 * min(rates))


class LinearLrWarmup(LearningRateDecay):
    """`step * (end_lr - start_lr) / warmup_steps` at first, then `learning_rate`, a number or another schedule.

    The first step has number 1, and `start_lr` is not added: that is what Paddle 1.8 does.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateDecay,
        warmup_steps: int,
        start_lr: float,
        end_lr: float,
        begin: int = 1,
        step: int = 1,
        dtype: str = "float32",
    ) -> None:
        if start_lr >= end_lr:
            msg = f"start_lr {start_lr} must be lower than end_lr {end_lr}."
            raise AssertionError(msg)
        super().__init__(begin, step)
        self.learning_rate, self.warmup_steps = learning_rate, warmup_steps
        self.slope = (end_lr - start_lr) / warmup_steps

    def step(self) -> float:
        """Return the learning rate of this step."""
        # the other schedule counts the steps of the warm-up too
        given = self.learning_rate
        rate = float(given()) if isinstance(given, LearningRateDecay) else given
        return self.slope * self.step_num if self.step_num < self.warmup_steps else rate


class _EpochDecay(LearningRateDecay):
    keys = ("epoch_num", "learning_rate")

    def __init__(self, learning_rate: float) -> None:
        super().__init__()
        if isinstance(learning_rate, bool) or not isinstance(learning_rate, (int, float)):
            msg = f"The type of 'learning_rate' must be 'float, int', but received {type(learning_rate).__name__}."
            raise TypeError(msg)
        self.base_lr = self.learning_rate = float(learning_rate)
        self.epoch_num = 0

    def __call__(self) -> VarBase:
        """Return the learning rate of this epoch, a tensor of one value."""
        return _tensor(self.learning_rate)

    def step(self) -> float:
        """Return the learning rate of this epoch."""
        return self.learning_rate

    def epoch(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or to the given one."""
        self.epoch_num = self.epoch_num + 1 if epoch is None else epoch
        self.learning_rate = self.get_lr()

    def get_lr(self) -> float:
        """Return the learning rate of `epoch_num`."""
        raise NotImplementedError


class StepDecay(_EpochDecay):
    """`learning_rate * decay_rate ** (epoch // step_size)`."""

    def __init__(self, learning_rate: float, step_size: int, decay_rate: float = 0.1) -> None:
        if decay_rate >= 1:
            msg = f"decay_rate={decay_rate} should be < 1.0."
            raise ValueError(msg)
        super().__init__(learning_rate)
        self.step_size, self.decay_rate = step_size, decay_rate

    def get_lr(self) -> float:
        """Return the learning rate of `epoch_num`."""
        return float(self.base_lr * self.decay_rate ** (self.epoch_num // self.step_size))


class MultiStepDecay(_EpochDecay):
    """`learning_rate * decay_rate ** n`, with n the milestones that are behind."""

    def __init__(self, learning_rate: float, milestones: Sequence[int], decay_rate: float = 0.1) -> None:
        if any(later <= earlier for earlier, later in itertools.pairwise(milestones)):
            msg = f"The elements of milestones must be incremented; they are {list(milestones)}."
            raise ValueError(msg)
        if decay_rate >= 1:
            msg = f"decay_rate={decay_rate} should be < 1.0."
            raise ValueError(msg)
        super().__init__(learning_rate)
        self.milestones, self.decay_rate = milestones, decay_rate

    def get_lr(self) -> float:
        """Return the learning rate of `epoch_num`."""
        behind = sum(self.epoch_num >= milestone for milestone in self.milestones)
        return float(self.base_lr * self.decay_rate**behind)


class LambdaDecay(_EpochDecay):
    """`learning_rate * lr_lambda(epoch)`."""

    def __init__(self, learning_rate: float, lr_lambda: Callable[[int], float]) -> None:
        if not callable(lr_lambda):
            msg = f"The type of 'lr_lambda' must be 'function', but received {type(lr_lambda).__name__}."
            raise TypeError(msg)
        super().__init__(learning_rate)
        self.lr_lambda = lr_lambda

    def get_lr(self) -> float:
        """Return the learning rate of `epoch_num`."""
        return self.base_lr * self.lr_lambda(self.epoch_num)
