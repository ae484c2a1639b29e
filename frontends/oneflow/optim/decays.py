"""Rows of `oneflow.optim.lr_scheduler`: each class of a formula, under the release's words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ... import schedules
from ...names import Limit, limit
from ..names import NAMES
from .scheduler import LRScheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .optimizer import Optimizer

__all__ = ["LambdaLR"]


def schedule(name: str, formula: Callable[..., float], *limits: Limit, **words: Any) -> None:
    """Serve a schedule of `optim.lr_scheduler`."""
    schedules.schedule(NAMES, f"optim.lr_scheduler.{name}", LRScheduler, formula, *limits, **words)


def above_0(name: str) -> Limit:
    """Limit an argument to what is above 0."""
    return limit(name, lambda value: value > 0, f"{name} must greater than zero, but got {{{name}}}", AssertionError)


def fraction(name: str, which: str) -> Limit:
    """Limit an argument to what is from 0 to 1."""
    said = f"{which} multiplicative factor expected to be between 0 and 1, but got {{{name}}}"
    return limit(name, lambda value: 0 <= value <= 1, said)


def whole(name: str) -> Limit:
    """Limit an argument to integers above 0."""
    said = f"Expected positive integer {name}, but got {{{name}}}"
    return limit(name, lambda value: isinstance(value, int) and value >= 1, said)


schedule("StepLR", schedules.staircase, above_0("step_size"), above_0("gamma"))
schedule(
    "MultiStepLR",
    schedules.multistep,
    limit(
        "milestones",
        lambda milestones: sorted(set(milestones)) == list(milestones),
        "values in `list` milestone must be increasing, but got {milestones}. Sort them",
        AssertionError,
    ),
    above_0("gamma"),
)
schedule(
    "ExponentialLR",
    schedules.exponential,
    limit("gamma", lambda gamma: gamma > 0, "'gamma' must be greater than zero, but got {gamma}"),
)
schedule("CosineAnnealingLR", schedules.cosine)
schedule("CosineAnnealingWarmRestarts", schedules.warm_restarts, whole("T_0"), whole("T_mult"))
schedule("CosineDecayLR", schedules.cosine_decay, above_0("decay_steps"))
schedule(
    "PolynomialLR",
    partial(schedules.polynomial, first=1),
    above_0("decay_batch"),
    options={"decay_batch": "decay_steps", "end_learning_rate": "end_lr"},
    renamed={"decay_batch": "max_decay_steps"},
)
schedule("LinearLR", schedules.linear, fraction("start_factor", "Starting"), fraction("end_factor", "Ending"))
schedule("ConstantLR", schedules.constant, fraction("factor", "Constant"))


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
