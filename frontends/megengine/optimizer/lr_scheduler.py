"""Mirrors the learning-rate schedulers of `megengine.optimizer`."""

from __future__ import annotations

from typing import Any

from ....backend import OperatorError
from ... import schedules
from ...names import check, limit
from ..names import NAMES
from .optimizer import Optimizer

__all__ = ["LRScheduler"]


class LRScheduler:
    """Sets the learning rates of an optimizer at each `step()`, the first of which is the construction.

    A subclass says in `get_lr` what they are at `current_epoch`, a list for the groups; `base_lrs` are the first ones.

    Args:
        optimizer: whose rates are set.
        current_epoch: the epoch before the next. Default: -1.

    Raises:
        TypeError: `optimizer` is none of MegEngine's.
        KeyError: `current_epoch` is given, and a group has no 'initial_lr'.
    """

    def __init__(self, optimizer: Optimizer, current_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            msg = (
                f"optimizer argument given to the lr_scheduler should be Optimizer, not {type(optimizer).__name__}. "
                f"Give one of megengine.optimizer."
            )
            raise TypeError(msg)
        self.optimizer = optimizer
        self.current_epoch = current_epoch
        for index, group in enumerate(optimizer.param_groups):
            if current_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                msg = (
                    f"param 'initial_lr' is not specified in param_groups[{index}] when resuming an optimizer. "
                    f"Load the optimizer's state first, or leave current_epoch out."
                )
                raise KeyError(msg)
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.step()

    def get_lr(self) -> list[float]:
        """Return the learning rates of the groups at `current_epoch`."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` takes."""
        raise NotImplementedError

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state."""
        raise NotImplementedError

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or to a given one, and set the rates."""
        self.current_epoch = self.current_epoch + 1 if epoch is None else epoch
        for group, rate in zip(self.optimizer.param_groups, self.get_lr(), strict=False):
            group["lr"] = rate


class Scheduled(LRScheduler, schedules.Scheduled):
    """Sets the learning rates by a formula, as the rows below say; what they are made from is the state.

    Raises:
        ValueError: an argument is not what it has to be (a RuntimeError too).

    Example:
        >>> from fourfold.frontends import megengine
        >>> descent = megengine.optimizer.SGD([megengine.Parameter([1.0])], lr=1.0)
        >>> rates = megengine.optimizer.MultiStepLR(descent, [2], gamma=0.5)
        >>> for _ in range(2):
        ...     rates.step()
        >>> descent.param_groups[0]["lr"]
        0.5
    """

    def _begin(self, optimizer: Any, current_epoch: int, **given: Any) -> None:
        check(self.limits, given)
        self.__dict__.update(given)
        LRScheduler.__init__(self, optimizer, current_epoch)

    def get_lr(self) -> list[float]:
        """Return the learning rates of the groups at `current_epoch`."""
        return [self.rate(base, self.current_epoch) for base in self.base_lrs]

    def state_dict(self) -> dict[str, Any]:
        """Return what the formula is given and the epoch."""
        return {name: getattr(self, name) for name in (*self.keywords, "current_epoch")}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state; the rates are the optimizer's own, and follow at the next step.

        Raises:
            KeyError: an entry is missing.
        """
        for key in (*self.keywords, "current_epoch"):
            if key not in state_dict:
                msg = (
                    f"key '{key}' is not specified in state_dict when loading state dict. Pass what state_dict() gave."
                )
                raise KeyError(msg)
            setattr(self, key, state_dict[key])


schedules.schedule(
    NAMES,
    "optimizer.MultiStepLR",
    Scheduled,
    schedules.multistep,
    limit(
        "milestones",
        lambda milestones: list(milestones) == sorted(milestones),
        "Milestones should be a list of increasing integers. Got {milestones}. Sort them",
        OperatorError,
    ),
)
