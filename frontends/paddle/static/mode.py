"""Mirrors `paddle.enable_static` and its opposite, which say whether `paddle.static.data` may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...places import make_default
from ..place import to_device
from ..tensor import Tensor
from . import graph
from .program import default_main_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..tensor import Parameter

__all__ = ["data", "disable_static", "enable_static", "in_dynamic_mode", "of_program"]

_static = False


def enable_static() -> None:
    """Allow `static.data`, from which on functions record what they will compute; tensors compute at once still."""
    global _static  # noqa: PLW0603
    _static = True


def disable_static(place: Any = None) -> None:
    """End what `enable_static` began; tensors are made where `place` says, the CPU by default, if it is no GPU."""
    device = to_device(place)
    if device is not None and device.type != "cpu":
        make_default(device)
    global _static  # noqa: PLW0603
    _static = False


def in_dynamic_mode() -> bool:
    """Return whether `enable_static` does not hold.

    >>> in_dynamic_mode()
    True
    """
    return not _static


def of_program(parameter: Parameter) -> Parameter:
    """Return a new parameter, which is the main program's in static mode."""
    if _static:
        default_main_program().adopt([parameter])
    return parameter


def data(name: str, shape: Sequence[int | None], dtype: Any = None, lod_level: int = 0) -> graph.Placeholder:
    """Return what stands for an array that `Executor.run` will be fed.

    Args:
        name: the array's name in `feed`.
        shape: its sizes; -1 or None for those that the feed tells.
        dtype: its data type. Default: None, float32.
        lod_level: only 0: sequences of differing lengths are not served.

    Raises:
        AssertionError: not in static mode.
        NotImplementedError: there are sequences of differing lengths.
    """
    if lod_level:
        msg = f"lod_level={lod_level!r} is not served: sequences of differing lengths have to be padded. Leave it out."
        raise NotImplementedError(msg)
    if not _static:
        msg = "'data()' is only supported in static graph mode. Call 'paddle.enable_static()' before it."
        raise AssertionError(msg)
    return graph.data(name, shape, dtype, kind=Tensor)
