"""Mirrors `paddle.fluid.dygraph.learning_rate_scheduler`: learning rates that change from step to step.

Those that count steps go on by one whenever an optimizer minimizes; those that count epochs when `epoch()` is called.
All but the one that watches a loss are rows over the formulas of `frontends/schedules.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch

from .... import schedules
from ....names import Derived, Limit, check, limit, nothing
from ...optimization.limits import CALLABLE, RISE, is_a, one_of
from ...optimization.scheduler import Schedule
from ...values import single
from ..names import NAMES
from ..tensor import VarBase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["LearningRateDecay", "ReduceLROnPlateau"]


class LearningRateDecay(Schedule):
    """A learning rate per step; derive from it and define `step()`.

    Args:
        begin: the number of the first step. Default: 0.
        step: how far a step counts. Default: 1.
        dtype: has no effect; rates are float32.
    """

    keys: tuple[str, ...] = ("step_num",)
    # a row's: what computes the rate, the arguments by its keywords, and what arguments have to be
    formula: ClassVar[Callable[..., float] | None] = None
    keywords: ClassVar[Mapping[str, str]] = {}
    limits: ClassVar[tuple[Limit, ...]] = ()
    learning_rate: Any = 1.0

    def __init__(self, begin: int = 0, step: int = 1, dtype: str = "float32") -> None:
        self.step_num, self.step_size = begin, step

    def _begin(self, begin: int = 0, step: int = 1, **given: Any) -> None:
        check(self.limits, {"begin": begin, **given})
        LearningRateDecay.__init__(self, begin, step)
        self.__dict__.update(given)

    def __call__(self) -> VarBase:
        """Return the learning rate of this step, a tensor of one value, and go to the next."""
        rate = self.step()
        self.step_num += self.step_size
        return _tensor(rate)

    def step(self) -> float:
        """Return the learning rate of this step."""
        return self._computed(self.learning_rate, self.step_num)

    def _computed(self, base: float, number: int) -> float:
        if self.formula is None:
            raise NotImplementedError
        return type(self).formula(  # type: ignore[misc]
            base, number, **{keyword: getattr(self, name) for keyword, name in self.keywords.items()}
        )

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


class Warmup(LearningRateDecay):
    """A rise in a line at first, then `learning_rate`, a number or another schedule."""

    def step(self) -> float:
        """Return the learning rate of this step."""
        # the other schedule counts the steps of the warm-up too
        given = self.learning_rate
        rate = float(given()) if isinstance(given, LearningRateDecay) else given
        return self._computed(rate, self.step_num)


def risen(base: float, step: int, *, warmup_steps: int, start_lr: float, end_lr: float) -> float:
    """Rise from what is no rate: 1.8 does not add `start_lr`."""
    if step >= warmup_steps:
        return base
    return schedules.warmup(step, warmup_steps=warmup_steps, start_lr=0.0, end_lr=end_lr - start_lr)


class Rise(Warmup):
    """What a program has for it: a rise from `start_lr` on, from step 0 on or from where the other schedule begins."""

    def __init__(self, learning_rate: Any, warmup_steps: int, start_lr: float, end_lr: float) -> None:
        super().__init__(getattr(learning_rate, "step_num", 0))
        self.learning_rate, self.warmup_steps = learning_rate, warmup_steps
        self.start_lr, self.end_lr = start_lr, end_lr

    def _computed(self, base: float, number: int) -> float:
        if number >= self.warmup_steps:
            return base
        return schedules.warmup(number, warmup_steps=self.warmup_steps, start_lr=self.start_lr, end_lr=self.end_lr)


class EpochDecay(LearningRateDecay):
    """A learning rate per epoch."""

    keys = ("epoch_num", "learning_rate")

    def _begin(self, learning_rate: float, **given: Any) -> None:  # type: ignore[override]
        super()._begin(**given)
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
        return float(self.learning_rate)

    def epoch(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or to the given one."""
        self.epoch_num = self.epoch_num + 1 if epoch is None else epoch
        self.learning_rate = self.get_lr()

    def get_lr(self) -> float:
        """Return the learning rate of `epoch_num`."""
        return self._computed(self.base_lr, self.epoch_num)


def schedule(
    name: str, formula: Callable[..., float], /, *limits: Limit, base: type = LearningRateDecay, **keywords: str
) -> None:
    """Serve a schedule whose rate a formula gives.

    Args:
        name: of the class, below `dygraph`.
        formula: takes the first rate, the step or epoch, and keywords.
        *limits: what the constructor's arguments have to be.
        base: the class that it derives from.
        **keywords: the constructor's arguments by the formula's keywords.
    """
    facts = {"formula": staticmethod(formula), "keywords": keywords, "limits": limits}
    takes = frozenset(NAMES.signatures.signature(f"dygraph.{name}").parameters) - {"dtype"}
    NAMES.add(Derived(f"dygraph.{name}", base, takes, {"dtype": nothing("rates are float32")}, facts))


_DECAY: Any = {"gamma": "decay_rate", "every": "decay_steps", "staircase": "staircase"}
_LESS = limit("decay_rate", lambda rate: rate < 1, "should be < 1.0")
schedule("PiecewiseDecay", schedules.piecewise, boundaries="boundaries", values="values")
schedule("ExponentialDecay", schedules.exponential, **_DECAY)
schedule("NaturalExpDecay", schedules.natural_exponential, **_DECAY)
schedule("InverseTimeDecay", schedules.inverse_time, **_DECAY)
schedule(
    "PolynomialDecay",
    schedules.polynomial,
    decay_steps="decay_steps",
    end_lr="end_learning_rate",
    power="power",
    cycle="cycle",
)
schedule("CosineDecay", schedules.cosine_of_epochs, step_each_epoch="step_each_epoch", epochs="epochs")
schedule(
    "NoamDecay",
    schedules.noam,
    limit("begin", lambda begin: begin != 0, "must not be 0: there is no rate of step 0", ZeroDivisionError),
    d_model="d_model",
    warmup_steps="warmup_steps",
)
schedule(
    "LinearLrWarmup",
    risen,
    limit(
        "",
        lambda given: given["start_lr"] < given["end_lr"],
        "start_lr {start_lr} must be lower than end_lr {end_lr}",
        AssertionError,
    ),
    base=Warmup,
    **{each: each for each in ("warmup_steps", "start_lr", "end_lr")},
)
schedule("StepDecay", schedules.staircase, _LESS, base=EpochDecay, step_size="step_size", gamma="decay_rate")
schedule(
    "MultiStepDecay",
    schedules.multistep,
    limit("milestones", RISE, "must be incremented"),
    _LESS,
    base=EpochDecay,
    milestones="milestones",
    gamma="decay_rate",
)
schedule("LambdaDecay", schedules.scaled, CALLABLE, base=EpochDecay, lr_lambda="lr_lambda")


class ReduceLROnPlateau(LearningRateDecay):
    """A learning rate that is multiplied by `decay_rate` where a loss has not improved for `patience` epochs.

    Args:
        learning_rate: the one to start from.
        mode: 'min' or 'max': which loss is better. Default: 'min'.
        decay_rate: below 1. Default: 0.1.
        patience: epochs to wait. Default: 10.
        verbose: whether `step()` prints a new learning rate. Default: False.
        threshold: by how much better it must be. Default: 1e-4.
        threshold_mode: 'rel' or 'abs': whether that is a part of the best one. Default: 'rel'.
        cooldown: epochs after a change that do not count. Default: 0.
        min_lr: the least learning rate. Default: 0.
        eps: smaller changes are not made. Default: 1e-8.
        dtype: has no effect; rates are float32.
    """

    keys = ("cooldown_counter", "best_loss", "num_bad_epochs", "epoch_num", "learning_rate")
    limits = (
        limit("mode", one_of("min", "max"), "is unknown! mode: 'min' and 'max' are legal"),
        _LESS,
        limit("threshold_mode", one_of("rel", "abs"), "is unknown! threshold mode: 'rel' and 'abs' are legal"),
        limit("learning_rate", is_a(int, float, VarBase), "must be 'float, int'", TypeError),
    )

    def __init__(
        self,
        learning_rate: float,
        mode: str = "min",
        decay_rate: float = 0.1,
        patience: int = 10,
        verbose: bool = False,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0,
        eps: float = 1e-8,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.mode, self.threshold_mode = mode.lower(), threshold_mode.lower()
        self.decay_rate, self.patience, self.threshold, self.verbose = decay_rate, patience, threshold, verbose
        self.cooldown, self.min_lr, self.eps = cooldown, min_lr, eps
        check(self.limits, {**vars(self), "learning_rate": learning_rate})
        self.learning_rate = single(float(learning_rate))
        self.cooldown_counter, self.num_bad_epochs, self.epoch_num = 0, 0, 0
        self.best_loss: float | None = None

    def __call__(self) -> VarBase:
        """Return the learning rate, a tensor of one value."""
        return _tensor(self.learning_rate)

    def step(self, loss: Any) -> None:  # type: ignore[override]
        """Take note of an epoch's loss, a tensor of one value.

        Raises:
            AttributeError: it is no tensor.
            AssertionError: it has another shape than (1,).
        """
        if not isinstance(loss, torch.Tensor):
            msg = f"The type of 'loss' must be Variable, but received {type(loss).__name__}. Give a tensor."
            raise AttributeError(msg)
        if list(loss.shape) != [1]:
            msg = f"the loss.shape should be (1L,), but the current loss.shape is {list(loss.shape)}. Take the mean."
            raise AssertionError(msg)
        self.epoch_num += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            return
        value = float(loss)
        how = {"mode": self.mode, "threshold": self.threshold, "threshold_mode": self.threshold_mode}
        if self.best_loss is None or schedules.improves(value, self.best_loss, **how):  # type: ignore[arg-type]
            self.best_loss, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            reduced = single(max(self.learning_rate * single(self.decay_rate), single(self.min_lr)))
            if self.learning_rate - reduced > self.eps:
                if self.verbose:
                    print(f"Epoch {self.epoch_num}: reducing learning rate from {self.learning_rate} to {reduced}.")
                self.learning_rate = reduced
