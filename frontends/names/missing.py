"""What is said about a name that a front end does not have."""

from __future__ import annotations

import contextlib
import difflib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Lacking", "is_missing", "lacks", "missing", "nearest"]


def missing(module: str, label: str, recorded: Callable[[str], Any] | None = None) -> Callable[[str], Any]:
    """Return the `__getattr__` of a front end's module, which names the nearest names that there are.

    Args:
        module: its `__name__`.
        label: what it is called in messages, such as 'paddle.nn'.
        recorded: gives what stands for a name that the release has; raises LookupError for another.
    """

    def getattr_(name: str) -> Any:
        if name.startswith("__"):
            msg = f"module {module!r} has no attribute {name!r}"
        else:
            if recorded is not None:
                with contextlib.suppress(LookupError):
                    return recorded(name)
            msg = lacks(label, name, getattr(sys.modules[module], "__all__", ()))
        raise AttributeError(msg, name=name, obj=sys.modules[module])

    return getattr_


def lacks(module: str, name: str, names: Iterable[str], reason: str = "") -> str:
    """Return the message about a name that a front end does not have, with the nearest names that it has.

    Args:
        module: what it is called in messages.
        name: what it does not have.
        names: what it has.
        reason: why it does not, where that is known.

    >>> lacks("paddle.nn", "Conv3DTransposed", ["Conv3DTranspose", "Layer"])
    "module 'paddle.nn' as fourfold serves it has no 'Conv3DTransposed'; nearest are: Conv3DTranspose."
    """
    known = sorted(names)
    close = nearest(name, known)
    why = f"; reason: {reason}" if reason else ""
    label = f"nearest are: {', '.join(close)}" if close else f"it has: {', '.join(known) or 'nothing'}"
    return f"module {module!r} as fourfold serves it has no {name!r}{why}; {label}."


def nearest(name: str, names: Iterable[str], cutoff: float = 0.5) -> list[str]:
    """Return up to five names that are like one that there is not, the nearest first.

    Args:
        name: the one that there is not.
        names: those that there are.
        cutoff: how like they are at least, from 0 to 1.

    >>> nearest("conv3D", ["Conv3D", "Conv2D", "Linear"])
    ['Conv3D', 'Conv2D']
    """
    folded = {each.lower(): each for each in sorted(names)}
    return [folded[match] for match in difflib.get_close_matches(name.lower(), folded, n=5, cutoff=cutoff)]


def is_missing(error: BaseException) -> bool:
    """Whether an error says that a name, a method or an argument is not served."""
    said = (" as fourfold serves it has no ", " is not served by fourfold", " is not served here; only ")
    return any(each in str(error) for each in said)


class Lacking:
    """Stands where a class has no method that the release has, and says so where it is asked for.

    Args:
        owner: what the class is called in messages, such as 'paddle.Tensor'.
        name: of the method.
        served: what there is.
    """

    def __init__(self, owner: str, name: str, served: Iterable[str]) -> None:
        self.owner, self.name, self.served = owner, name, served

    def __get__(self, instance: object, kind: type | None = None) -> Any:
        close = nearest(self.name, self.served)
        near = f"; nearest are: {', '.join(close)}" if close else ""
        msg = f"{self.owner}.{self.name} is not served by fourfold{near}."
        raise AttributeError(msg, name=self.name, obj=instance)
