"""Mirrors what of `fluid.optimizer` follows the steps of another optimizer in a program: averages, and slower steps.

What they keep is saved and loaded with what the program's optimizer keeps.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import torch

from ...tensor import plain
from .. import unique_name
from ..optimization import averages
from ..static.program import default_main_program, default_startup_program
from ..tensor import Tensor
from . import modes

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ExponentialMovingAverage", "LookaheadOptimizer", "ModelAverage"]


def of_programs(what: Any) -> None:
    """Raise RuntimeError in dygraph, where the release has none of them."""
    if modes.is_on():
        msg = f"In dygraph, don't support {type(what).__name__}: leave dygraph.guard(), and write a program."
        raise RuntimeError(msg)


def update_of(program: Any, what: str) -> Any:
    """Return the step that a program makes.

    Raises:
        NotImplementedError: it makes none yet.
    """
    if program.update is None:
        msg = f"{what} before minimize() is not served here: call it after an optimizer has been told what to minimize."
        raise NotImplementedError(msg)
    return program.update


def named(values: torch.Tensor, name: str) -> Any:
    """Return a tensor that is saved under a name."""
    made: Any = values.as_subclass(Tensor)
    made.name = name
    return made


class _Swapped:
    """What puts averages in the places of parameters."""

    _before: dict[Any, torch.Tensor]

    def _averages(self) -> dict[Any, torch.Tensor]:
        """Return the averages by parameter."""
        raise NotImplementedError

    @contextlib.contextmanager
    def apply(self, executor: Any, need_restore: bool = True) -> Iterator[None]:
        """Put the averages in the parameters' places inside a `with`.

        Args:
            executor: has no effect: nothing has to be run for it.
            need_restore: whether they come back at its end; else `restore` does that. Default: True.
        """
        found = self._averages()
        self._before = {parameter: plain(parameter).detach().clone() for parameter in found}
        with torch.no_grad():
            for parameter, average in found.items():
                plain(parameter).copy_(average)
        try:
            yield
        finally:
            if need_restore:
                self.restore(executor)

    def restore(self, executor: Any) -> None:
        """Put the parameters back."""
        del executor
        with torch.no_grad():
            for parameter, before in self._before.items():
                plain(parameter).copy_(before)


def averaged(program: Any) -> list[Any]:
    """Return the parameters of a program that are averaged."""
    return [each for each in program.all_parameters() if each.do_model_average is not False]


class ExponentialMovingAverage(_Swapped):
    """Averages of parameters in which a step counts `decay` times what the next does.

    Args:
        decay: from 0 to 1. Default: 0.999.
        thres_steps: must be None.
        name: before the averages' names. Default: None, nothing.

    Raises:
        NotImplementedError: there are `thres_steps`.
    """

    def __init__(self, decay: float = 0.999, thres_steps: Any = None, name: str | None = None) -> None:
        of_programs(self)
        if thres_steps is not None:
            msg = "thres_steps of ExponentialMovingAverage is not served here; only None is."
            raise NotImplementedError(msg)
        self._decay = torch.tensor(decay, dtype=torch.float32)
        self._program = default_main_program()
        self._kept = {
            each: named(torch.zeros_like(plain(each)), unique_name.generate(f"{name or ''}{each.name}_ema"))
            for each in averaged(self._program)
        }
        self._steps = named(torch.zeros(1, dtype=torch.int64), "@EMA_STEP_COUNTER@")

    def update(self) -> None:
        """Let the program count the parameters after each of its steps; call it once, after `minimize`."""
        update_of(self._program, "ExponentialMovingAverage.update").follow(self)
        default_startup_program().begins(self.state())

    def state(self) -> dict[str, Any]:
        """Return what is kept, by name."""
        return {each.name: each for each in [*self._kept.values(), self._steps]}

    def step(self) -> None:
        """Count the parameters."""
        with torch.no_grad():
            plain(self._steps).add_(1)
            for parameter, average in self._kept.items():
                kept, decay = plain(average), self._decay.to(parameter.device)
                kept.copy_(kept * decay + plain(parameter) * (1 - decay))

    def _averages(self) -> dict[Any, torch.Tensor]:
        steps = int(self._steps)
        share = 1 - self._decay**steps if steps else torch.tensor(1.0)
        return {parameter: plain(kept) / share.to(kept.device) for parameter, kept in self._kept.items()}


class ModelAverage(_Swapped):
    """Averages of parameters over the last steps, so many as a rate of all steps says, within bounds.

    Args:
        average_window_rate: of all steps.
        min_average_window: at least so many. Default: 10000.
        max_average_window: at most so many. Default: 10000.
        regularization: has no effect: nothing is optimized.
        name: has no effect.
    """

    def __init__(
        self,
        average_window_rate: float,
        min_average_window: int = 10000,
        max_average_window: int = 10000,
        regularization: Any = None,
        name: str | None = None,
    ) -> None:
        of_programs(self)
        del regularization, name
        program = default_main_program()
        update = update_of(program, "ModelAverage")
        self._members = averaged(program)
        self._sums = averages.ModelAverage(average_window_rate, self._members, min_average_window, max_average_window)
        self._sums._begin_state(self._members)
        update.follow(self)
        default_startup_program().begins(self.state())

    def state(self) -> dict[str, Any]:
        """Return what is kept, by name."""
        return self._sums._accumulators.state_dict()

    def step(self) -> None:
        """Count the parameters."""
        with torch.no_grad():
            for each in self._members:
                self._sums._add(plain(each), self._sums.state[each])

    def _averages(self) -> dict[Any, torch.Tensor]:
        found = {}
        for each in self._members:
            kept = self._sums.state[each]
            count = kept["num_accumulates"] + kept["old_num_accumulates"]
            found[each] = (kept["sum_1"] + kept["sum_2"] + kept["sum_3"]) / plain(count).float()
        return found


class LookaheadOptimizer:
    """Goes a part of the way that another optimizer goes in `k` steps, and begins the next from there.

    Args:
        inner_optimizer: the other.
        alpha: the part, from 0 to 1. Default: 0.5.
        k: how many steps. Default: 5.

    Raises:
        AssertionError: there is no other optimizer, or a number is out of its range.
    """

    def __init__(self, inner_optimizer: Any, alpha: float = 0.5, k: int = 5) -> None:
        of_programs(self)
        if inner_optimizer is None or not 0.0 <= alpha <= 1.0 or not isinstance(k, int) or k <= 0:
            msg = (
                f"inner optimizer can not be None; it is a {type(inner_optimizer).__name__}. alpha={alpha} should be "
                f"from 0.0 to 1.0, and k={k!r} a positive integer."
            )
            raise AssertionError(msg)
        self.inner_optimizer, self.alpha, self.k = inner_optimizer, alpha, k
        self.type = "lookahead"

    def minimize(self, loss: Any, startup_program: Any = None) -> Any:
        """Tell a program to make steps of the other optimizer, and one of this after `k` of them.

        All parameters of the program take part, those that are not learned too.

        Args:
            loss: what the program computes, of one value.
            startup_program: begins anew. Default: None, the one of now.
        """
        found = self.inner_optimizer.minimize(loss, startup_program=startup_program)
        slow = {
            each: named(plain(each).detach().clone(), f"{each.name}@SLOW") for each in loss.program.all_parameters()
        }
        startup = startup_program or default_startup_program()
        startup.begins({each.name: each for each in slow.values()}, {kept.name: each for each, kept in slow.items()})
        follower = _Slow(slow, torch.tensor(self.alpha, dtype=torch.float32), self.k)
        startup.begins({follower.steps.name: follower.steps})
        loss.program.update.follow(follower)
        return found


class _Slow:
    """The parameters that `LookaheadOptimizer` goes on from."""

    def __init__(self, slow: dict[Any, Any], alpha: torch.Tensor, k: int) -> None:
        self._slow, self._alpha, self._k = slow, alpha, k
        self.steps = named(torch.zeros(1, dtype=torch.int32), "lookahead_step")

    def state(self) -> dict[str, Any]:
        """Return what is kept, by name."""
        return {each.name: each for each in [*self._slow.values(), self.steps]}

    def step(self) -> None:
        """Count a step of the other optimizer, and make one after `k`."""
        with torch.no_grad():
            plain(self.steps).add_(1)
            if int(self.steps) % self._k:
                return
            for parameter, kept in self._slow.items():
                fast, slow, alpha = plain(parameter), plain(kept), self._alpha.to(parameter.device)
                slow.copy_(fast * alpha + slow * (1 - alpha))
                fast.copy_(slow)
