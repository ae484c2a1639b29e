"""Rows of Paddle's own `save` and `load`."""

from __future__ import annotations

from ...names import native
from ..names import NAMES

__all__: list[str] = []

for _name in ("save", "load"):
    NAMES.function(_name, native("paddle", _name))
