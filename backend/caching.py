"""Remember what was derived from the same arguments: validation and geometry cost more than a small convolution."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from .spec import ConvTranspose3dSpec, UnknownNumbersError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import ParamSpec

    P = ParamSpec("P")
R = TypeVar("R")

# Types whose equal values are interchangeable. Not bool and float: True == 1 == 1.0, and only 1 is a legal stride.
_EXACT = frozenset({int, str, type(None), ConvTranspose3dSpec})


class _OtherError(Exception):
    """A value that is not known to be interchangeable with its equals."""


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Cache the results of a function of positional integers, strings, None, specs, and tuples and lists of them.

    A list counts as a tuple. Other arguments (floats, arrays, ...) reach the function every time. So does everything
    while dynamo traces, which would look through the cache and warn about it.
    """
    cached: Callable[..., R] = lru_cache(maxsize=4096)(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs or torch.compiler.is_compiling():
            return function(*args, **kwargs)
        try:
            key = tuple(map(_key, args))
        except (_OtherError, RecursionError):  # a list may hold itself
            return function(*args, **kwargs)
        try:
            return cached(*key)
        except UnknownNumbersError:
            pass
        except Exception:
            if key == args:
                raise
        return function(*args, **kwargs)  # once more, for a message that shows the list

    return call


def _key(value: Any) -> Any:
    kind = type(value)
    if kind in _EXACT:
        return value
    if kind is not list and not issubclass(kind, tuple):
        raise _OtherError
    return tuple(value) if _EXACT.issuperset(map(type, value)) else tuple(map(_key, value))
