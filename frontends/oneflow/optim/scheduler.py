"""What the learning-rate schedulers of OneFlow share."""

from __future__ import annotations

from typing import Any

from ...names import check
from ...schedules import Scheduled
from .optimizer import Optimizer

__all__ = ["LRScheduler"]


class LRScheduler(Scheduled):
    """Sets the learning rates of an optimizer at each `step()`, the first of which is the construction.

    Derive from it and define `get_lr()`.

    Args:
        optimizer: whose rates are set.
        last_step: the step before the next. Default: -1.
        verbose: whether to print the rates that are set. Default: False.

    Raises:
        TypeError: `optimizer` is none of OneFlow's.
        KeyError: `last_step` is given, and a group has no 'initial_lr'.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> descent = flow.optim.SGD([flow.nn.Parameter(flow.ones(1))], lr=1.0)
        >>> rates = flow.optim.lr_scheduler.StepLR(descent, step_size=2, gamma=0.5)
        >>> for _ in range(2):
        ...     rates.step()
        >>> rates.get_last_lr()
        [0.5]
    """

    def __init__(self, optimizer: Optimizer, last_step: int = -1, verbose: bool = False) -> None:
        if not isinstance(optimizer, Optimizer):
            msg = f"{type(optimizer).__name__} is not an Optimizer object. Give one of oneflow.optim."
            raise TypeError(msg)
        self.optimizer = optimizer
        self.last_step = last_step
        self.verbose = verbose
        for index, group in enumerate(optimizer.param_groups):
            if last_step == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                msg = (
                    f"param 'initial_lr' is not specified in param_groups[{index}] when resuming an optimizer. "
                    f"Load the optimizer's state first, or leave last_step out."
                )
                raise KeyError(msg)
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self._last_lr: list[float] = []
        self.step()

    def _begin(self, optimizer: Any, last_step: int, verbose: bool, **given: Any) -> None:
        check(self.limits, given)
        self.__dict__.update({self.renamed.get(name, name): value for name, value in given.items()})
        LRScheduler.__init__(self, optimizer, last_step, verbose)

    def get_lr(self, base_lr: float, step: int) -> float:
        """Return the rate at a step of a group whose first rate was `base_lr`."""
        if not self.keywords:
            raise NotImplementedError
        return self.rate(base_lr, step)

    def get_last_lr(self) -> list[float]:
        """Return the rates that are set."""
        return self._last_lr

    def step(self) -> None:
        """Go to the next step and set the rates."""
        self.last_step += 1
        self._last_lr = self._rates()
        for index, (group, rate) in enumerate(zip(self.optimizer.param_groups, self._last_lr, strict=True)):
            group["lr"] = rate
            if self.verbose:
                print(
                    f"Last step {self.last_step} of {type(self)} adjusting learning rate of param_groups[{index}] "
                    f"to {rate:.5f}"
                )

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state; the rates are the optimizer's own, and follow at the next step."""
        self.__dict__.update(state_dict)

    def _rates(self) -> list[float]:
        return [self.get_lr(base_lr, self.last_step) for base_lr in self.base_lrs]
