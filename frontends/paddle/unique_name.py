"""Mirrors `paddle.utils.unique_name`: the counters behind `conv3d_transpose_0` and `conv3d_transpose_0.w_0`."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["generate", "guard", "switch"]


class Generator:
    """Counters, and what is put before each name."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.counters: Counter[str] = Counter()


# and the parameter names that users chose
_current: tuple[Generator, set[str]] = (Generator(), set())


def generate(key: str) -> str:
    """Return `key` with the number of names made from it so far: `x_0`, `x_1`, ...

    >>> with guard():
    ...     generate("conv3d_transpose"), generate("conv3d_transpose"), generate("linear")
    ('conv3d_transpose_0', 'conv3d_transpose_1', 'linear_0')
    """
    generator, _ = _current
    number = generator.counters[key]
    generator.counters[key] += 1
    return f"{generator.prefix}{key}_{number}"


def switch(
    new_generator: Generator | None = None, new_para_name_checker: set[str] | None = None
) -> tuple[Generator, set[str]]:
    """Put new counters and a new set of taken parameter names in the place of the current ones; return the old two.

    >>> old = switch()
    >>> generate("linear")
    'linear_0'
    >>> _ = switch(*old)
    """
    global _current
    generator = Generator() if new_generator is None else new_generator
    old, _current = _current, (generator, set() if new_para_name_checker is None else new_para_name_checker)
    return old


@contextlib.contextmanager
def guard(new_generator: str | bytes | Generator | None = None) -> Iterator[None]:
    """Count from zero inside the block, with a str before each name; parameter names are free again too.

    >>> with guard("teacher_"):
    ...     generate("linear")
    'teacher_linear_0'
    """
    if isinstance(new_generator, bytes):
        new_generator = new_generator.decode()
    old = switch(Generator(new_generator) if isinstance(new_generator, str) else new_generator)
    try:
        yield
    finally:
        switch(*old)


def claim(name: str) -> None:
    """Take a parameter name that a user chose, once.

    Like Paddle, a name stays taken when its layer is deleted; `guard()` gives a fresh namespace.

    Raises:
        ValueError: the name is taken.
    """
    if name in _current[1]:
        msg = (
            f"parameter name [{name}] have be been used; the name of a parameter can't be same as another's. "
            f"Choose another in ParamAttr(name=...), or build the second model inside unique_name.guard()."
        )
        raise ValueError(msg)
    _current[1].add(name)
