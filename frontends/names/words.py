"""What becomes of one parameter of a row: the target's keyword, a value read first, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Word", "nothing", "reads", "several"]


@dataclass(frozen=True)
class Word:
    """How one parameter reaches the target.

    Attributes:
        keyword: the target's name of it; '' where it is the same, None where it is not passed on.
        read: applied to the value first, or None.
        reason: why a parameter that is taken has no effect; '' for one that has.
        gather: makes the value of numbers that are given one after the other, as in `reshape(x, 3, 2)`; None where they
            may not be.
    """

    keyword: str | None = ""
    read: Callable[[Any], Any] | None = None
    reason: str = ""
    gather: Callable[[tuple[Any, ...]], Any] | None = None


def reads(read: Callable[[Any], Any], means: str = "") -> Word:
    """Pass a parameter through a function, to the target's keyword `means`; '' where it is the same."""
    return Word(means, read)


def nothing(reason: str) -> Word:
    """Take a parameter without effect, for a stated reason."""
    return Word(None, None, reason)


def several(means: str = "", gather: Callable[[tuple[Any, ...]], Any] = tuple) -> Word:
    """Take numbers one after the other, too, where a list of them is taken.

    Args:
        means: the target's keyword; '' where it is the same.
        gather: makes the value of them. Default: a tuple.
    """
    return Word(means, gather=gather)
