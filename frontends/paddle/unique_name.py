"""Mirrors `paddle.utils.unique_name`: the counters behind `conv3d_transpose_0` and `conv3d_transpose_0.w_0`."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["generate", "guard", "switch"]


class Namespace:
    """Counters per prefix, and the parameter names that users chose."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.counters: Counter[str] = Counter()
        self.parameters: set[str] = set()


_current = Namespace()


def generate(key: str) -> str:
    """Return `key` with the number of names made from it so far: `x_0`, `x_1`, ...

    >>> with guard():
    ...     generate("conv3d_transpose"), generate("conv3d_transpose"), generate("linear")
    ('conv3d_transpose_0', 'conv3d_transpose_1', 'linear_0')
    """
    number = _current.counters[key]
    _current.counters[key] += 1
    return f"{_current.prefix}{key}_{number}"


def switch(new: Namespace | None = None) -> Namespace:
    """Put `new` (default: an empty namespace) in the place of the current one, and return the old one."""
    global _current
    old, _current = _current, Namespace() if new is None else new
    return old


@contextlib.contextmanager
def guard(prefix: str | None = None) -> Iterator[None]:
    """Count from zero inside the block, with `prefix` before each name; parameter names are free again too.

    >>> with guard("teacher_"):
    ...     generate("linear")
    'teacher_linear_0'
    """
    old = switch(Namespace(prefix or ""))
    try:
        yield
    finally:
        switch(old)


def claim(name: str) -> None:
    """Take a parameter name that a user chose, once.

    Like Paddle, a name stays taken when its layer is deleted; `guard()` gives a fresh namespace.

    Raises:
        ValueError: the name is taken.
    """
    if name in _current.parameters:
        msg = (
            f"parameter name [{name}] have be been used; the name of a parameter can't be same as another's. "
            f"Choose another in ParamAttr(name=...), or build the second model inside unique_name.guard()."
        )
        raise ValueError(msg)
    _current.parameters.add(name)
