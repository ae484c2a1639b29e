"""The user's own code by name: `package.module:attribute`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

__all__ = ["NotNamedError", "import_named"]


class NotNamedError(ValueError):
    """A text is not of that form."""


def import_named(name: str) -> Any:
    """Import what a name says, from this folder too, as `python -m` does.

    Raises:
        NotNamedError: it is not of that form.
        Exception: whatever the module raises, or what `getattr` does.

    >>> import_named("math:pi.real")
    3.141592653589793
    """
    module, colon, path = name.partition(":")
    if not (module and colon and path):
        raise NotNamedError
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found
