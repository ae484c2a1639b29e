"""Functions of MKL and OpenMP that the library of torch's operators holds, and torch does not offer."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL | None:
    for name in ("libtorch_cpu.so", "libtorch_cpu.dylib"):
        path = Path(torch.__file__).parent / "lib" / name
        if path.is_file():
            return ctypes.CDLL(str(path))  # it is loaded already
    return None


def function(name: str) -> Any:
    """Return a function of C by its name, to be given its types; None where torch's library shows none."""
    return getattr(_library(), name, None)
