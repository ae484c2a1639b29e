"""Mirrors `oneflow.cuda.FloatTensor` and its like: constructors of tensors of one dtype on a GPU."""

from __future__ import annotations

from typing import Any

import torch

from . import kinds

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


class _OnGpu(kinds.Kind):
    def __call__(cls, *args: Any) -> Any:  # noqa: N805, a class
        """Return a tensor of sizes, or of values, on the GPU in use.

        Raises:
            RuntimeError: there is none.
        """
        if not torch.cuda.is_available():
            msg = f"oneflow.cuda.{cls.__name__}: there is no GPU here. Use oneflow.{cls.__name__}."
            raise RuntimeError(msg)
        return super().__call__(*args).to("cuda")


BoolTensor, ByteTensor, CharTensor, DoubleTensor, FloatTensor, HalfTensor, IntTensor, LongTensor = (
    _OnGpu(name, (), {"dtype": getattr(kinds, name).dtype, "__module__": __name__, "__doc__": "On a GPU, as its like."})
    for name in kinds.__all__
)
