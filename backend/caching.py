"""Remember what was derived from the same arguments: validation and geometry cost more than a small convolution."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from .spec import ConvTranspose3dSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import ParamSpec

    P = ParamSpec("P")
R = TypeVar("R")

# Types whose equal values are interchangeable. Not bool and float: True == 1 == 1.0, and only 1 is a legal stride.
_EXACT = {int, str, type(None), ConvTranspose3dSpec}


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Cache the results of a function of positional integers, strings, None, specs, and tuples of them.

    Other arguments (lists, floats, ...) reach the function every time. So does everything while dynamo traces,
    which would look through the cache and warn about it.
    """
    cached: Callable[..., R] = lru_cache(maxsize=4096)(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs or torch.compiler.is_compiling() or not all(map(_is_exact, args)):
            return function(*args, **kwargs)
        return cached(*args)

    return call


def _is_exact(value: Any) -> bool:
    kind = type(value)
    return kind in _EXACT or (issubclass(kind, tuple) and all(map(_is_exact, value)))
