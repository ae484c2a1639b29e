"""Rows of OneFlow's own `save` and `load`."""

from __future__ import annotations

from typing import Any

from ...names import native
from ..names import NAMES

__all__: list[str] = []

_load = native("oneflow", "load")


def load(path: Any, map_location: Any, support_pytorch_format: bool) -> Any:
    """Read a folder; `global_src_rank` is refused, since what it gives are global tensors."""
    return _load(path, map_location, support_pytorch_format=support_pytorch_format)


NAMES.function("save", native("oneflow", "save"))
NAMES.function("load", load)
