"""The modules of a front end: files filled with what rows serve, and those that rows alone make."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from .missing import missing
from .placeholders import placeholders

if TYPE_CHECKING:
    from .table import Names

__all__ = ["add_modules"]


def add_modules(names: Names) -> None:
    """Fill the front end's modules with what the release serves there, and make those that are no files."""
    served = [path for path in names.paths() if names.served(path)]
    for path in ("", *names.paths()):
        name = f"{names.package}.{path}" if path else names.package
        above, _, last = name.rpartition(".")
        if name not in sys.modules:
            sys.modules[name] = ModuleType(name, f"`{names.root}.{path}` of {names.root} {names.signatures.release}.")
            if above in sys.modules and (names.served(path) or last not in vars(sys.modules[above])):
                setattr(sys.modules[above], last, sys.modules[name])
        module = sys.modules[name]
        module.__dict__.update((each, names.get(f"{path}.{each}" if path else each)) for each in names.served(path))
        _list(module, *names.served(path))
        if path and above in sys.modules and any(f"{each}.".startswith(f"{path}.") for each in served):
            _list(sys.modules[above], last)
        module.__dict__["__getattr__"] = missing(name, f"{names.root}.{path}".strip("."), placeholders(names, path))


def _list(module: ModuleType, *names: str) -> None:
    module.__dict__["__all__"] = sorted({*getattr(module, "__all__", ()), *names})
