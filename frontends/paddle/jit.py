"""Mirrors what `paddle.jit` decorates: here, layers and functions stay eager, and compute the same.

`jit.save` and `jit.load` write and read programs of Paddle's own; they are not served. Save `state_dict()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...backend import OperatorTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

__all__ = ["enable_to_static", "ignore_module", "not_to_static", "set_code_level", "set_verbosity", "to_static"]


def to_static(
    function: Callable[..., Any] | None = None,
    input_spec: Any = None,
    build_strategy: Any = None,
    backend: str = "CINN",
    **kwargs: Any,
) -> Any:
    """Return the function or layer as it is: a program would compute the same. For speed, use `torch.compile`.

    Args:
        function: a function, a method or a layer. Default: None, a decorator with these options.
        input_spec: has no effect: shapes are known when the function is called.
        build_strategy: has no effect: nothing is built.
        backend: has no effect: nothing is compiled.
        **kwargs: likewise.

    Raises:
        TypeError: it cannot be called.

    Example:
        >>> @to_static(input_spec=[])
        ... def double(x):
        ...     return x * 2
        >>> double(3)
        6
    """
    if function is None:
        return to_static
    if not callable(function):
        msg = f"to_static: {function!r} cannot be called; it decorates functions, methods and layers."
        raise OperatorTypeError(msg)
    return function


def not_to_static(func: Callable[..., Any] | None = None) -> Any:
    """Return the function as it is; a decorator without one."""
    return not_to_static if func is None else func


def enable_to_static(enable_to_static_bool: bool) -> None:
    """Do nothing: `to_static` leaves functions eager in any case."""


def ignore_module(modules: Sequence[ModuleType]) -> None:
    """Do nothing: no code is translated."""


def set_code_level(level: int = 100, also_to_stdout: bool = False) -> None:
    """Do nothing: there is no translated code to show."""


def set_verbosity(level: int = 0, also_to_stdout: bool = False) -> None:
    """Do nothing: nothing is translated that could be told of."""
