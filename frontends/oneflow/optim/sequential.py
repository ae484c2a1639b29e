"""Mirrors the schedulers of `oneflow.optim.lr_scheduler` that are made of others."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING, Any

from ..names import NAMES
from .optimizer import Optimizer
from .scheduler import LRScheduler

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ChainedScheduler", "SequentialLR", "WarmUpLR"]


class _Compound(LRScheduler):
    schedulers: list[LRScheduler]

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer; of the schedulers, their states."""
        return {**super().state_dict(), "schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state."""
        for scheduler, state in zip(self.schedulers, state_dict["schedulers"], strict=True):
            scheduler.load_state_dict(state)
        super().load_state_dict({**state_dict, "schedulers": self.schedulers})


class SequentialLR(_Compound):
    """One scheduler after the other.

    Args:
        optimizer: whose rates are set.
        schedulers: of that optimizer.
        milestones: at which step each but the first begins.
        interval_rescaling: whether a scheduler counts from its beginning on; one bool, or one per milestone.
            Default: False.
        last_step: the step before the next. Default: -1.
        verbose: whether to print the rates. Default: False.

    Raises:
        ValueError: no scheduler, one of another optimizer, or as many milestones as do not fit.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        interval_rescaling: Sequence[bool] | bool = False,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        rescaling = (
            [interval_rescaling] * len(milestones) if isinstance(interval_rescaling, bool) else [*interval_rescaling]
        )
        if len(schedulers) != len(milestones) + 1 or len(rescaling) != len(milestones):
            msg = (
                f"{len(schedulers)} schedulers, {len(milestones)} milestones and {len(rescaling)} interval_rescaling: "
                f"there must be one scheduler more than milestones. Give the step at which each but the first begins."
            )
            raise ValueError(msg)
        if any(scheduler.optimizer is not optimizer for scheduler in schedulers):
            msg = "Sequential Schedulers expects all schedulers to belong to the same optimizer. Make them with it."
            raise ValueError(msg)
        self.schedulers = list(schedulers)
        self.milestones = list(milestones)
        self.interval_rescaling = rescaling
        super().__init__(optimizer, last_step, verbose)

    def _rates(self) -> list[float]:
        index = bisect.bisect_right(self.milestones, self.last_step)
        begins = self.milestones[index - 1] if index and self.interval_rescaling[index - 1] else 0
        scheduler = self.schedulers[index]
        scheduler.last_step = self.last_step - begins
        return [scheduler.get_lr(base_lr, scheduler.last_step) for base_lr in self.base_lrs]


class ChainedScheduler(_Compound):
    """Several schedulers at once: each takes the rates that the one before gives for the first ones.

    Raises:
        ValueError: no scheduler, something else, or one of another optimizer.
    """

    def __init__(self, schedulers: Sequence[LRScheduler]) -> None:
        if not isinstance(schedulers, (list, tuple)) or not all(isinstance(each, LRScheduler) for each in schedulers):
            msg = f"ChainedScheduler expects a list of schedulers; it got {schedulers!r}."
            raise ValueError(msg)
        if not schedulers or any(each.optimizer is not schedulers[0].optimizer for each in schedulers):
            msg = "ChainedScheduler expects schedulers, at least one, that all belong to the same optimizer."
            raise ValueError(msg)
        self.schedulers = list(schedulers)
        super().__init__(schedulers[0].optimizer)

    def _rates(self) -> list[float]:
        rates = list(self.schedulers[0].base_lrs)
        for scheduler in self.schedulers:
            rates = [scheduler.get_lr(rate, self.last_step) for rate in rates]
            scheduler.last_step = self.last_step
        return rates


class WarmupLR(SequentialLR):
    """Begins with lower rates, and goes on as another scheduler, or with the optimizer's own rates.

    Args:
        scheduler_or_optimizer: what comes after.
        warmup_factor: of the first rates. Default: 1/3.
        warmup_iters: steps of the beginning, 1 and above. Default: 5.
        warmup_method: 'linear', up to the rate that comes after; or 'constant'. Default: 'linear'.
        warmup_prefix: whether the scheduler's own steps begin after the beginning. Default: False.
        last_step: the step before the next. Default: -1.
        verbose: whether to print the rates. Default: False.

    Raises:
        ValueError: neither scheduler nor optimizer, another method, no steps, or groups of different first rates before
            a scheduler.
    """

    def __init__(
        self,
        scheduler_or_optimizer: LRScheduler | Optimizer,
        warmup_factor: float = 1 / 3,
        warmup_iters: int = 5,
        warmup_method: str = "linear",
        warmup_prefix: bool = False,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        if not isinstance(scheduler_or_optimizer, (LRScheduler, Optimizer)):
            kind = type(scheduler_or_optimizer).__name__
            msg = f"'scheduler_or_optimizer' must be a LRScheduler or an Optimizer, but got {kind}. Give one of them."
            raise ValueError(msg)
        if warmup_method not in ("linear", "constant") or warmup_iters < 1:
            msg = (
                f"'warmup_method' must be 'linear' or 'constant', but got {warmup_method!r}; warmup_iters, "
                f"{warmup_iters}, must be 1 and above."
            )
            raise ValueError(msg)
        self.warmup_factor = warmup_factor
        self.warmup_iters = warmup_iters
        self.warmup_method = warmup_method
        self.warmup_prefix = warmup_prefix
        after = scheduler_or_optimizer if isinstance(scheduler_or_optimizer, LRScheduler) else None
        optimizer: Any = scheduler_or_optimizer if after is None else after.optimizer
        warmup: LRScheduler
        if warmup_method == "constant":
            warmup = NAMES.get("optim.lr_scheduler.ConstantLR")(
                optimizer, warmup_factor, warmup_iters, last_step, verbose
            )
        else:
            end = 1.0 if after is None or warmup_prefix else _factor_at(after, warmup_iters)
            warmup = NAMES.get("optim.lr_scheduler.LinearLR")(
                optimizer, warmup_factor, end, warmup_iters, last_step, verbose
            )
        schedulers = [warmup] if after is None else [warmup, after]
        milestones = [] if after is None else [warmup_iters]
        super().__init__(optimizer, schedulers, milestones, warmup_prefix, last_step, verbose)


WarmUpLR = WarmupLR


def _factor_at(scheduler: LRScheduler, step: int) -> float:
    first: float = scheduler.base_lrs[0]
    if any(rate != first for rate in scheduler.base_lrs):
        msg = (
            f"The param_groups in optimizer have different first rates, {scheduler.base_lrs}; use different optimizers."
        )
        raise ValueError(msg)
    return scheduler.get_lr(first, step) / first
