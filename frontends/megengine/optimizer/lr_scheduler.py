"""Mirrors the learning-rate schedulers of `megengine.optimizer`."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from ....backend import OperatorError
from .optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LRScheduler", "MultiStepLR"]


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


class MultiStepLR(LRScheduler):
    """Multiplies the rates by `gamma` at each of the milestones.

    Args:
        optimizer: whose rates are set.
        milestones: epochs, in increasing order.
        gamma: the factor. Default: 0.1.
        current_epoch: as in `LRScheduler`. Default: -1.

    Raises:
        ValueError: the milestones do not increase (a RuntimeError too).

    Example:
        >>> from fourfold.frontends import megengine
        >>> descent = megengine.optimizer.SGD([megengine.Parameter([1.0])], lr=1.0)
        >>> rates = MultiStepLR(descent, [2], gamma=0.5)
        >>> for _ in range(2):
        ...     rates.step()
        >>> descent.param_groups[0]["lr"]
        0.5
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, current_epoch: int = -1
    ) -> None:
        self.milestones = list(milestones)
        if self.milestones != sorted(self.milestones):
            msg = f"Milestones should be a list of increasing integers. Got {milestones}. Sort them."
            raise OperatorError(msg)
        self.gamma = gamma
        super().__init__(optimizer, current_epoch)

    def get_lr(self) -> list[float]:
        """Return the learning rates of the groups at `current_epoch`."""
        return [rate * self.gamma ** bisect_right(self.milestones, self.current_epoch) for rate in self.base_lrs]

    def state_dict(self) -> dict[str, Any]:
        """Return milestones, gamma and current_epoch."""
        return {"milestones": self.milestones, "gamma": self.gamma, "current_epoch": self.current_epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state; the rates are the optimizer's own, and follow at the next step.

        Raises:
            KeyError: milestones, gamma or current_epoch is missing.
        """
        for key in ("milestones", "gamma", "current_epoch"):
            if key not in state_dict:
                msg = (
                    f"key '{key}' is not specified in state_dict when loading state dict. Pass what state_dict() gave."
                )
                raise KeyError(msg)
            setattr(self, key, state_dict[key])
