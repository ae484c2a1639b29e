"""What the arguments of Paddle's schedules and optimizers have to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...names import limit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "BETWEEN_0_AND_1",
    "CALLABLE",
    "DECAYS",
    "POSITIVE",
    "RISE",
    "WHOLE",
    "is_a",
    "number",
    "one_of",
    "whole",
]


def is_a(*kinds: type) -> Callable[[Any], bool]:
    """Return a test for instances of classes."""
    return lambda value: isinstance(value, kinds)


def one_of(*legal: str) -> Callable[[Any], bool]:
    """Return a test for one of some words."""
    return lambda value: value in legal


def POSITIVE(value: Any) -> bool:  # noqa: N802, a test like the others
    """Whether a number is above 0."""
    return bool(value > 0)


def WHOLE(value: Any) -> bool:  # noqa: N802
    """Whether a number is an integer above 0."""
    return isinstance(value, int) and value > 0


def RISE(values: Sequence[Any]) -> bool:  # noqa: N802
    """Whether numbers increase."""
    return all(values[i] < values[i + 1] for i in range(len(values) - 1))


DECAYS = limit("gamma", lambda gamma: gamma < 1.0, "should be < 1.0")
BETWEEN_0_AND_1 = limit("gamma", lambda gamma: 0.0 < gamma < 1.0, "must be in interval (0.0, 1.0)", AssertionError)
CALLABLE = limit("lr_lambda", callable, "must be a 'function'", TypeError)


def whole(name: str) -> tuple[Any, Any]:
    """Limit an argument to integers above 0, of which the release says whether type or value is wrong."""
    return (
        limit(name, is_a(int), "is of the wrong type: it must be 'int'", TypeError),
        limit(name, POSITIVE, "must be a positive integer"),
    )


def number(name: str) -> tuple[Any, Any]:
    """Limit an argument to numbers, 0 and above."""
    return (
        limit(name, is_a(int, float), "must be 'float' or 'int'", TypeError),
        limit(name, lambda value: value >= 0, "must be positive"),
    )
