"""Rows of MegEngine's own `save` and `load`."""

from __future__ import annotations

import pickle
from typing import Any

from ..names import Opaque, native
from .names import NAMES

__all__: list[str] = []

_save, _load = native("megengine", "save"), native("megengine", "load")


def save(obj: Any, f: Any, pickle_module: Any, pickle_protocol: int) -> None:
    """Write a pickle."""
    _check(pickle_module)
    _save(obj, f, pickle_protocol)


def load(f: Any, map_location: Any, pickle_module: Any) -> Any:
    """Read a pickle."""
    _check(pickle_module)
    return _load(f, map_location)


def _check(module: Any) -> None:
    # the recording writes the default, Python's own, as text
    if module is not pickle and not isinstance(module, Opaque):
        msg = f"pickle_module={module!r} is not served: nothing that a file names is run here. Leave it out."
        raise NotImplementedError(msg)


NAMES.function("save", save)
NAMES.function("load", load)
