"""Mirrors `oneflow.optim.lr_scheduler.ReduceLROnPlateau`."""

from __future__ import annotations

import math
from typing import Any, Literal

from ... import schedules
from ...names import check, limit
from .optimizer import Optimizer

__all__ = ["ReduceLROnPlateau"]

LIMITS = (
    limit("factor", lambda factor: factor < 1.0, "Factor should be < 1.0; it is {factor}"),
    limit(
        "optimizer", lambda optimizer: isinstance(optimizer, Optimizer), "{optimizer} is not an Optimizer", TypeError
    ),
    limit("mode", lambda mode: mode in ("min", "max"), "mode {mode} is unknown! legal are min and max"),
    limit("threshold_mode", lambda mode: mode in ("rel", "abs"), "threshold mode {threshold_mode} is unknown!"),
)


class ReduceLROnPlateau:
    """Multiplies the rates by `factor` where a metric has not improved for `patience` steps.

    Args:
        optimizer: whose rates are set.
        mode: 'min' or 'max': which metric is better. Default: 'min'.
        factor: below 1. Default: 0.1.
        patience: steps to wait. Default: 10.
        threshold: by how much better it must be. Default: 1e-4.
        threshold_mode: 'rel' or 'abs': whether that is a part of the best one. Default: 'rel'.
        cooldown: steps after a change that do not count. Default: 0.
        min_lr: the least rate, or one for each group. Default: 0.
        eps: smaller changes are not made. Default: 1e-8.
        verbose: whether to print changes. Default: False.

    Raises:
        ValueError: `factor` is 1 and above, a mode is unknown, or there are not as many least rates as groups.
        TypeError: `optimizer` is none of OneFlow's.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> descent = flow.optim.SGD([flow.nn.Parameter(flow.ones(1))], lr=1.0)
        >>> rates = flow.optim.lr_scheduler.ReduceLROnPlateau(descent, factor=0.5, patience=0)
        >>> rates.step(3.0), rates.step(3.0), descent.param_groups[0]["lr"]
        (None, None, 0.5)
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 0.0001,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] | tuple[float, ...] = 0,
        eps: float = 1e-08,
        verbose: bool = False,
    ) -> None:
        given = {"factor": factor, "optimizer": optimizer, "mode": mode, "threshold_mode": threshold_mode}
        check(LIMITS, given)
        self.factor, self.optimizer = factor, optimizer
        count = len(optimizer.param_groups)
        self.min_lrs = list(min_lr) if isinstance(min_lr, (list, tuple)) else [min_lr] * count
        if len(self.min_lrs) != count:
            msg = f"expected {count} min_lrs, got {len(self.min_lrs)}. Give one per group."
            raise ValueError(msg)
        self.patience, self.verbose = patience, verbose
        self.cooldown, self.cooldown_counter = cooldown, 0
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.best, self.num_bad_steps = self.mode_worse, 0
        self.eps, self.last_step = eps, 0

    @property
    def in_cooldown(self) -> bool:
        """Whether steps do not count at present."""
        return self.cooldown_counter > 0

    def is_better(self, a: float, best: float) -> bool:
        """Whether a metric has improved on the best one; any but infinity improves on the first."""
        if math.isinf(best):
            return a < best if self.mode == "min" else a > best
        how: Any = {"mode": self.mode, "threshold": self.threshold, "threshold_mode": self.threshold_mode}
        return schedules.improves(a, best, **how)

    def step(self, metrics: Any) -> None:
        """Take note of a metric: a number, or a tensor of one."""
        current = float(metrics)
        self.last_step += 1
        if self.is_better(current, self.best):
            self.best, self.num_bad_steps = current, 0
        else:
            self.num_bad_steps += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_steps = 0
        if self.num_bad_steps > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_steps = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state; the rates are the optimizer's own."""
        self.__dict__.update(state_dict)

    def _reduce(self) -> None:
        for index, (group, least) in enumerate(zip(self.optimizer.param_groups, self.min_lrs, strict=True)):
            reduced = max(float(group["lr"]) * self.factor, least)
            if float(group["lr"]) - reduced > self.eps:
                group["lr"] = reduced
                if self.verbose:
                    print(f"Epoch {self.last_step:5d}: reducing learning rate of group {index} to {reduced:.4e}.")
