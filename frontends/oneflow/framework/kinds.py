"""Mirrors `oneflow.FloatTensor` and its like: constructors of tensors of one dtype, no classes of them."""

from __future__ import annotations

from typing import Any

import torch

from .size import Size
from .tensor import KINDS, Tensor
from .values import tensor

__all__ = [
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
]


class Kind(type):
    """The class of these: called, it makes a tensor of its dtype."""

    dtype: torch.dtype

    def __call__(cls, *args: Any) -> Any:
        """Return a tensor of sizes, or of values."""
        values = len(args) == 1 and not isinstance(args[0], (int, Size, torch.Tensor))
        return tensor(args[0], dtype=cls.dtype) if values else Tensor(*args).to(cls.dtype)


BoolTensor, ByteTensor, CharTensor, DoubleTensor, FloatTensor, HalfTensor, IntTensor, LongTensor = (
    Kind(name, (), {"dtype": dtype, "__module__": __name__, "__doc__": f"A tensor of {dtype}, of sizes or values."})
    for dtype, name in sorted(KINDS.items(), key=lambda item: item[1])
)
