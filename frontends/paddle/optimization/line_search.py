"""A step along a direction by the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, 3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

__all__ = ["Point", "strong_wolfe"]

# the release's: how much of the slope the loss has to fall, and how much of it may be left
FALL, LEFT = 1e-4, 0.9
TRIES = 25
CLOSE = 1e-9


@dataclass(frozen=True)
class Point:
    """A point of the line.

    Attributes:
        step: how far along the direction, a number or a tensor.
        loss: there.
        gradient: there.
        slope: of the loss along the direction.
    """

    step: Any
    loss: float
    gradient: torch.Tensor
    slope: torch.Tensor


def strong_wolfe(at: Callable[[Any], Point], start: Point, step: Any, longest: Any) -> tuple[Point, int]:
    """Return a point that satisfies the conditions, or the lowest that was found, and how many were tried.

    Args:
        at: computes a point.
        start: the point of step 0.
        step: what is tried first.
        longest: the largest component of the direction.
    """
    bracket, tries, done = _bracketed(at, start, step)
    evaluated, low, high, stuck = tries + 1, *_ordered(bracket), False
    while not done and tries < TRIES:
        steps = [each.step for each in bracket]
        if abs(steps[1] - steps[0]) * longest < CLOSE:
            break
        step, stuck = _inside(_lowest(bracket[0], bracket[1]), min(steps), max(steps), stuck)
        new = at(step)
        evaluated, tries = evaluated + 1, tries + 1
        if new.loss > start.loss + FALL * new.step * start.slope or new.loss >= bracket[low].loss:
            bracket[high] = new
            low, high = _ordered(bracket)
            continue
        if abs(new.slope) <= -LEFT * start.slope:
            done = True
        elif new.slope * (bracket[high].step - bracket[low].step) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = new
    return bracket[low], evaluated


def _bracketed(at: Callable[[Any], Point], start: Point, step: Any) -> tuple[list[Point], int, bool]:
    """Return two points around one that satisfies the conditions, or that one; tries after the first; which it is."""
    before, new = start, at(step)
    for tries in range(TRIES):
        if new.loss > start.loss + FALL * new.step * start.slope or (tries > 1 and new.loss >= before.loss):
            return [before, new], tries, False
        if abs(new.slope) <= -LEFT * start.slope:
            return [new], tries, True
        if new.slope >= 0:
            return [before, new], tries, False
        bounds = new.step + 0.01 * (new.step - before.step), new.step * 10
        before, new = new, at(_lowest(before, new, bounds))
    return [start, new], TRIES, False


def _ordered(bracket: list[Point]) -> tuple[int, int]:
    return (0, 1) if bracket[0].loss <= bracket[-1].loss else (1, 0)


def _inside(step: Any, least: Any, most: Any, stuck: bool) -> tuple[Any, bool]:
    """Return a step that is not again too close to an end of the bracket, and whether it is."""
    margin = 0.1 * (most - least)
    if min(most - step, step - least) >= margin:
        return step, False
    if not (stuck or step >= most or step <= least):
        return step, True
    return (most - margin if abs(step - most) < abs(step - least) else least + margin), False


def _lowest(first: Point, second: Point, bounds: tuple[Any, Any] | None = None) -> Any:
    """Return where the cubic through two points with their slopes is lowest, within bounds (3.59)."""
    left, right = (first, second) if first.step <= second.step else (second, first)
    least, most = bounds or (left.step, right.step)
    # d1 = s1 + s2 - 3 (f1 - f2) / (x1 - x2), d2 = sqrt(d1^2 - s1 s2)
    slope = first.slope + second.slope - 3 * (first.loss - second.loss) / (first.step - second.step)
    square = slope**2 - first.slope * second.slope
    if square < 0:
        return (least + most) / 2.0
    root = square.sqrt()
    part = (right.slope + root - slope) / (right.slope - left.slope + 2 * root)
    return min(max(right.step - (right.step - left.step) * part, least), most)
