"""Rows of fluid's own `save_dygraph` and `load_dygraph`."""

from __future__ import annotations

from ...names import native
from .names import NAMES

__all__: list[str] = []

for _name in ("save_dygraph", "load_dygraph"):
    NAMES.function(f"dygraph.{_name}", native("paddle", _name))
