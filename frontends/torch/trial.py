"""Which of several states of a model is the fastest on an example, measured where it will run."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._pytree import tree_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["ROUNDS", "seconds", "unchanged", "work"]

ROUNDS = 5  # timed passes of each candidate, turn about
LONG = 30.0  # seconds after which three passes have to do: long ones vary less
FAR = 1.25  # a candidate that is behind the fastest by this factor after two of them has no more


def work(model: torch.nn.Module, example: tuple[Any, ...]) -> None:
    """Run a model as its mode says: forward alone, or with the gradients of its parameters, which nothing keeps."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not model.training or not parameters:
        with torch.no_grad():
            model(*example)
        return
    with torch.enable_grad():
        outputs = [each for each in tree_leaves(model(*example)) if isinstance(each, torch.Tensor)]
        total = sum(output.float().square().mean() for output in outputs if output.requires_grad)
    if isinstance(total, torch.Tensor):
        torch.autograd.grad(total, parameters, allow_unused=True)


@contextlib.contextmanager
def unchanged(model: torch.nn.Module) -> Iterator[None]:
    """Give a model's buffers, and torch's random numbers, their former state at the end."""
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    with torch.random.fork_rng(devices=[]):
        yield
    with torch.no_grad():
        for buffer, value in buffers:
            buffer.copy_(value)


def seconds(
    candidates: Mapping[str, Callable[[], None]], task: Callable[[], None], clock: Callable[[], float]
) -> dict[str, float]:
    """Return the least time of a task in each state of things, in seconds; a state is entered by its function.

    Others on the machine make a pass longer, never shorter: so the least, not the median. The first pass in each state
    is not counted. A state in which the task raises RuntimeError is left out, and one that is far behind has fewer.
    All have fewer where passes are long.

    Example:
        >>> ticks = iter(range(100))
        >>> seconds({"one": lambda: None, "two": lambda: None}, lambda: None, lambda: next(ticks))
        {'one': 1, 'two': 1}
    """
    times: dict[str, list[float]] = {name: [] for name in candidates}
    began = clock()
    for number in range(ROUNDS + 1):
        if number > 3 and clock() - began > LONG:
            break
        limit = FAR * min(map(min, times.values())) if number > 2 else math.inf
        for name in [name for name, spent in times.items() if number <= 2 or min(spent) <= limit]:
            candidates[name]()
            try:
                start = clock()
                task()
                spent = clock() - start
            except RuntimeError:
                if len(times) == 1:
                    raise
                del times[name]
                continue
            if number:
                times[name].append(spent)
    return {name: min(spent) for name, spent in times.items()}
