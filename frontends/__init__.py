"""Front ends: each framework's signatures, mapped onto the one engine in `fourfold.backend`.

Import the one you need: `fourfold.frontends.torch`, `.paddle`, `.paddle.fluid`, `.paddle.fluid_1_8`, `.megengine`,
`.oneflow`. None of them imports the framework it mirrors.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import megengine, oneflow, paddle, torch

__all__ = ["megengine", "oneflow", "paddle", "torch"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        msg = f"there is no front end {name!r}; there are {', '.join(__all__)}"
        raise AttributeError(msg)
    return importlib.import_module(f".{name}", __name__)
