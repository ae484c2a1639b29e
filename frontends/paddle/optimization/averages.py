"""Mirrors `paddle.incubate`'s LookAhead and ModelAverage: optimizers over what others make of parameters."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from ...tensor import plain
from ...updates import Kept
from .optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LookAhead", "ModelAverage"]

# steps after which the release's kernel moves its first sum to the second, against rounding
MOVED = 16384


def _members(optimizer: Optimizer) -> list[torch.Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _require(held: bool, msg: str) -> None:
    if not held:
        raise AssertionError(msg)


class LookAhead(Optimizer):
    """Goes a part of the way that another optimizer goes in `k` steps, and begins the next from there.

    Its state are the slow parameters; the other optimizer has a state of its own.

    Args:
        inner_optimizer: the other.
        alpha: the part, from 0 to 1. Default: 0.5.
        k: how many steps. Default: 5.
        name: has no effect.

    Raises:
        AssertionError: there is no other optimizer, or a number is out of its range.
    """

    kept: ClassVar[tuple[Kept, ...]] = (Kept("slow"),)

    def __init__(self, inner_optimizer: Any, alpha: float = 0.5, k: int = 5, name: str | None = None) -> None:
        _require(inner_optimizer is not None, "inner optimizer can not be None.")
        _require(0.0 <= alpha <= 1.0, f"alpha={alpha} should be larger or equal to 0.0, and less or equal than 1.0.")
        _require(isinstance(k, int) and k > 0, f"k={k!r} should be a positive integer.")
        self.inner_optimizer, self.alpha, self.k = inner_optimizer, alpha, k
        self._steps = 0
        super().__init__(float(alpha), _members(inner_optimizer))

    def step(self, closure: Any = None) -> Any:
        """Make a step of the other optimizer, and one of this after `k` of them.

        Args:
            closure: torch's: computes the loss and the gradients again. Default: None.
        """
        loss = self.inner_optimizer.step() if closure is None else self.inner_optimizer.step(closure)
        self._steps += 1
        members = [each for each in _members(self) if each.grad is not None]
        self._begin_state(members)
        with torch.no_grad():
            for parameter in members:
                values, slow = plain(parameter), self.state[parameter]["slow"]
                if self._steps == 1:  # one whose first gradient comes later begins at 0, as in the release
                    slow.copy_(values)
                if self._steps % self.k == 0:
                    slow.add_(self.alpha * (values - slow))
                    values.copy_(slow)
        return loss


class ModelAverage(Optimizer):
    """Averages parameters over the last steps, so many as a rate of all steps says, within bounds.

    Args:
        average_window_rate: of all steps.
        parameters: what is averaged.
        min_average_window: at least so many. Default: 10000.
        max_average_window: at most so many. Default: 10000.
        name: has no effect.
    """

    kept: ClassVar[tuple[Kept, ...]] = (
        *(Kept(name) for name in ("sum_1", "sum_2", "sum_3", "restore")),
        *(Kept(name, single=True, counts=True) for name in ("num_accumulates", "old_num_accumulates", "num_updates")),
    )

    def __init__(
        self,
        average_window_rate: float,
        parameters: Any = None,
        min_average_window: int = 10000,
        max_average_window: int = 10000,
        name: str | None = None,
    ) -> None:
        self.average_window, self._bounds = average_window_rate, (min_average_window, max_average_window)
        super().__init__(0.0, parameters)

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Add the parameters that have gradients to the averages; call it after the step of an optimizer.

        Raises:
            NotImplementedError: there is a closure: nothing is optimized here.
        """
        if closure is not None:
            msg = "ModelAverage.step takes no closure: it averages what an optimizer has made."
            raise NotImplementedError(msg)
        self._begin_state(_members(self))
        with torch.no_grad():
            for parameter in _members(self):
                if parameter.grad is not None:
                    self._add(plain(parameter), self.state[parameter])

    def _add(self, values: torch.Tensor, state: dict[str, torch.Tensor]) -> None:
        least, most = self._bounds
        state["num_updates"] += 1
        state["num_accumulates"] += 1
        state["sum_1"] += values
        updates, since = int(state["num_updates"]), int(state["num_accumulates"])
        if updates % MOVED == 0:
            state["sum_2"] += state["sum_1"]
            state["sum_1"].zero_()
        if since >= least and since >= min(most, int(updates * self.average_window)):
            torch.add(state["sum_1"], state["sum_2"], out=state["sum_3"])
            state["sum_1"].zero_()
            state["sum_2"].zero_()
            state["old_num_accumulates"].fill_(since)
            state["num_accumulates"].zero_()

    def minimize(  # type: ignore[override]
        self, loss: Any, startup_program: None = None, parameters: None = None, no_grad_set: None = None
    ) -> None:
        """Call `step`; nothing is optimized here."""
        self.step()

    @contextlib.contextmanager
    def apply(self, executor: Any = None, need_restore: bool = True) -> Iterator[None]:
        """Put the averages in the parameters' places inside a `with`.

        Args:
            executor: has no effect outside of programs.
            need_restore: whether they come back at its end; else `restore` does that. Default: True.

        Raises:
            RuntimeError: nothing has been averaged.
        """
        with torch.no_grad():
            for parameter in _members(self):
                values, state = plain(parameter), self.state.get(parameter)
                steps = int(state["num_accumulates"] + state["old_num_accumulates"]) if state else 0
                if not state or not steps:
                    msg = f"ModelAverage: no step has averaged {getattr(parameter, 'name', 'a parameter')} yet."
                    raise RuntimeError(msg)
                state["restore"].copy_(values)
                values.copy_((state["sum_1"] + state["sum_2"] + state["sum_3"]) / steps)
        try:
            yield
        finally:
            if need_restore:
                self.restore()

    def restore(self, executor: Any = None) -> None:
        """Put the parameters back where they were.

        Args:
            executor: has no effect outside of programs.
        """
        with torch.no_grad():
            for parameter in _members(self):
                plain(parameter).copy_(self.state[parameter]["restore"])
