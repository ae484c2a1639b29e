"""The base of the learning rates in `paddle.optimizer.lr`."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LRScheduler", "Schedule"]


class Schedule:
    """What an optimizer calls for the learning rate of a step."""

    def __call__(self) -> float:
        """Return the learning rate."""
        raise NotImplementedError


class LRScheduler(Schedule):
    """A learning rate that `step()` changes; derive from it and define `get_lr()`.

    The others take `last_epoch` and `verbose` too, last.

    Args:
        learning_rate: the one to start from. Default: 0.1.
        last_epoch: the epoch before the first. Default: -1.
        verbose: whether `step()` prints the learning rate. Default: False.

    Raises:
        TypeError: the learning rate is no number.
        ValueError: it is below 0.
    """

    keys: tuple[str, ...] = ("last_epoch", "last_lr")

    def __init__(self, learning_rate: float = 0.1, last_epoch: int = -1, verbose: bool = False) -> None:
        if isinstance(learning_rate, bool) or not isinstance(learning_rate, (int, float)):
            msg = f"The type of learning rate must be float, but received {type(learning_rate).__name__}."
            raise TypeError(msg)
        if learning_rate < 0:
            msg = f"Invalid learning rate: {learning_rate}; it must be 0 or above."
            raise ValueError(msg)
        self.base_lr = self.last_lr = float(learning_rate)
        self.last_epoch, self.verbose = last_epoch, verbose
        self.step()

    def __call__(self) -> float:
        """Return the learning rate of now."""
        return self.last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or to the given one."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self.last_lr = self.get_lr() if epoch is None else self.lr_at(epoch)
        if self.verbose:
            print(f"Epoch {self.last_epoch}: {type(self).__name__} set learning rate to {self.last_lr}.")

    def get_lr(self) -> float:
        """Return the learning rate of `last_epoch`."""
        raise NotImplementedError

    def lr_at(self, epoch: int) -> float:
        """Return the learning rate of an epoch that need not follow the one before."""
        self.last_epoch = epoch
        return self.get_lr()

    def state_dict(self) -> dict[str, Any]:
        """Return the epoch and the learning rate."""
        return {key: getattr(self, key) for key in self.keys}

    def set_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another scheduler was.

        Raises:
            RuntimeError: an entry is missing.
        """
        for key in self.keys:
            if key not in state_dict:
                msg = f"Please check whether state_dict is correct for optimizer. Can't find [ {key} ] in state_dict."
                raise RuntimeError(msg)
            setattr(self, key, state_dict[key])
        if len(state_dict) > len(self.keys):
            warnings.warn(
                f"There are some unused values in state_dict: {sorted(set(state_dict) - set(self.keys))}.", stacklevel=2
            )

    set_dict = set_state_dict
