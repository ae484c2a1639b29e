"""Packages whose names are imported on first use: what needs one module of them need not wait for torch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["deferred"]


def deferred(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Return a package's `__getattr__`.

    Args:
        package: its `__name__`.
        homes: which of its names are in which of its modules.
    """
    module_of = {name: module for module, names in homes.items() for name in names}

    def find(name: str) -> Any:
        if name not in module_of:
            msg = f"module {package!r} has no attribute {name!r}; it has {', '.join(sorted(module_of))}"
            raise AttributeError(msg)
        return getattr(importlib.import_module(f".{module_of[name]}", package), name)

    return find
