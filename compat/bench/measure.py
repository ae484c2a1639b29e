"""Measure subjects in interleaved rounds, after checking that they agree."""

from __future__ import annotations

import contextlib
import gc
import math
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .subjects import NATIVE, UnavailableError, operands
from .verdict import DisagreementError, Expected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .subjects import Prepared, Subject
    from .variant import Variant

# Seconds of one timing: calls that take less are repeated, so that the clock and the loop do not matter.
SLICE = 0.002
# Calls that take less are preceded by one that is not counted: after another process the threads are asleep.
BRIEF = 0.02
MOST_CALLS = 1000
# Seconds per call above which one call is warm-up enough: it was called once before, for its results.
LONG = 0.1


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure.

    Attributes:
        rounds: at least so many. Default: 5.
        most: and at most so many. Default: 40.
        budget: seconds per subject after which no round begins once there are enough. Default: 1.
    """

    rounds: int = 5
    most: int = 40
    budget: float = 1.0


QUICK = Effort(rounds=3, most=10, budget=0.15)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds per call of one subject: the median and the least of its rounds."""

    median: float
    least: float
    rounds: int
    calls: int


@dataclass(frozen=True)
class Result:
    """What was measured of one variant.

    Attributes:
        variant: which.
        timings: by subject.
        missing: subjects that were not measured, with the reason.
        wrong: subjects that disagree with torch's operator, with what differs; they were not measured.
        memory: peak memory of a call in bytes beyond its operands, by subject; empty where it was not asked for.
    """

    variant: Variant
    timings: dict[str, Timing]
    missing: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)


def measure(variant: Variant, subjects: Sequence[Subject], effort: Effort) -> Result:
    """Check that the subjects agree with torch's operator, warm them up, and time them in turn, round by round.

    Args:
        variant: what to run.
        subjects: in the order in which they take turns.
        effort: how long.
    """
    given = operands(variant)
    missing: dict[str, str] = {}
    wrong: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        reference = NATIVE.prepare(variant, given)
        expected = Expected(variant, given, reference.results())
        ready: dict[str, Prepared] = {}
        for subject in subjects:
            with _noted(subject.name, missing, wrong):
                prepared = subject.prepare(variant, given)
                stack.callback(prepared.close)
                expected.check(prepared.results())
                ready[subject.name] = prepared
        reference.close()
        del expected, given
        found = _rounds(ready, effort, missing)
    return Result(variant, found, missing, wrong)


@contextlib.contextmanager
def _noted(name: str, missing: dict[str, str], wrong: dict[str, str]) -> Iterator[None]:
    try:
        yield
    except UnavailableError as error:
        missing[name] = str(error)
    except DisagreementError as error:
        wrong[name] = str(error)


def _rounds(ready: dict[str, Prepared], effort: Effort, missing: dict[str, str]) -> dict[str, Timing]:
    """Time everybody in turn; who fails on the way drops out."""
    seconds: dict[str, list[float]] = {name: [] for name in ready}
    calls: dict[str, int] = {}
    brief: dict[str, bool] = {}
    for name, prepared in ready.items():
        with _noted(name, missing, {}):
            calls[name], brief[name] = _calls(prepared)
    deadline = time.perf_counter() + effort.budget * len(calls)
    with _no_collection():
        for done in range(effort.most):
            if not calls or (done >= effort.rounds and time.perf_counter() > deadline):
                break
            for name in rotated(tuple(calls), done):
                with _noted(name, missing, {}):
                    if brief[name]:
                        ready[name].seconds(1)
                    seconds[name].append(ready[name].seconds(calls[name]))
                if name in missing:
                    del calls[name]
    return {
        name: Timing(statistics.median(seconds[name]), min(seconds[name]), len(seconds[name]), number)
        for name, number in calls.items()
    }


def rotated(names: Sequence[str], done: int) -> tuple[str, ...]:
    """Return the names with another one first each round: who follows whom matters, so everybody follows everybody.

    >>> [rotated(("ours", "torch", "peer"), done)[0] for done in range(4)]
    ['ours', 'torch', 'peer', 'ours']
    """
    first = done % len(names)
    return (*names[first:], *names[:first])


def _calls(prepared: Prepared) -> tuple[int, bool]:
    """Warm up; return how many calls make a timing, and whether one call that is not counted shall come before it."""
    seconds = prepared.seconds(1)
    if seconds < LONG:
        seconds = min(seconds, prepared.seconds(1))
    return min(max(math.ceil(SLICE / seconds), 1), MOST_CALLS), seconds < BRIEF


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
