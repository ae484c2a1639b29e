"""A release's own `save` and `load`, which know file formats: what computes them is above the front ends.

Front ends import nothing of `compat`, and know no format. A row of such a function has one of these as its target,
which finds the function in `compat/checkpoints/native/` when it is called, and not before.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["native"]

FORMATS = f"{__name__.split('.frontends.')[0]}.compat.checkpoints.native"


def native(framework: str, name: str) -> Callable[..., Any]:
    """Return a function that calls the function of this name in `compat/checkpoints/native/<framework>.py`."""

    def called(*args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module(f"{FORMATS}.{framework}"), name)(*args, **kwargs)

    called.__module__, called.__qualname__ = f"{FORMATS}.{framework}", name
    return called
