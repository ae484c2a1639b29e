"""What becomes of one parameter of a row: the target's keyword, a value read first, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Word", "nothing", "reads"]


@dataclass(frozen=True)
class Word:
    """How one parameter reaches the target.

    Attributes:
        keyword: the target's name of it; '' where it is the same, None where it is not passed on.
        read: applied to the value first, or None.
        reason: why a parameter that is taken has no effect; '' for one that has.
    """

    keyword: str | None = ""
    read: Callable[[Any], Any] | None = None
    reason: str = ""


def reads(read: Callable[[Any], Any], means: str = "") -> Word:
    """Pass a parameter through a function, to the target's keyword `means`; '' where it is the same."""
    return Word(means, read)


def nothing(reason: str) -> Word:
    """Take a parameter without effect, for a stated reason."""
    return Word(None, None, reason)
