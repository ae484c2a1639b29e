"""Mirrors `paddle.fluid.unique_name`: Paddle's counters with 1.8's arguments."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from .. import unique_name
from ..unique_name import generate

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["generate", "guard", "switch"]


def switch(new_generator: Any = None, new_para_name_checker: Any = None) -> Any:
    """Put a namespace (default: an empty one) in the place of the current one, and return the old one.

    Names of parameters belong to it, so that `new_para_name_checker` is not needed.
    """
    return unique_name.switch(new_generator)


@contextlib.contextmanager
def guard(new_generator: Any = None) -> Iterator[None]:
    """Count from zero inside the block, with `new_generator`, a str or bytes, before each name."""
    prefix = new_generator.decode() if isinstance(new_generator, bytes) else new_generator
    with unique_name.guard(prefix):
        yield
