"""OneFlow's names: the signatures of 0.9.0, the words that its functions share, and the rows that they make."""

from __future__ import annotations

from typing import Any

import torch

from ..names import Names, Opaque, Signatures, reads

__all__ = ["NAMES"]


def _dtype(dtype: Any) -> Any:
    """Return torch's dtype; the recordings write a default such as `oneflow.float32` as text."""
    return getattr(torch, dtype.text.removeprefix("oneflow.")) if isinstance(dtype, Opaque) else dtype


NAMES = Names("oneflow", __name__.rpartition(".")[0], Signatures("oneflow", "0.9.0"), words={"dtype": reads(_dtype)})
