"""Mirrors `paddle.FloatTensor` and its like: tensors of a dtype, of values or of a size, as torch's old classes."""

from __future__ import annotations

from typing import Any

import torch

from ...backend import OperatorTypeError
from .constructed import constructed
from .tensor import Tensor

__all__ = [
    "BFloat16Tensor",
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
]


class _Typed:
    """Makes tensors of a dtype; it is the class of none, as in the release.

    Numbers are a size, whose values are not initialised. A list or a tuple, a size among them, holds the values.
    Arrays and tensors keep their dtype, as in the release.
    """

    dtype: torch.dtype

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return _made(cls.__name__, cls.dtype, args, kwargs)


def _made(name: str, dtype: torch.dtype, args: tuple[Any, ...], options: dict[str, Any]) -> Tensor:
    options.pop("dtype", None)  # the name says it
    device = options.pop("device", None)
    if options:
        msg = f"{name}() takes sizes or values, and `device`; it knows no {', '.join(options)}."
        raise OperatorTypeError(msg)
    return constructed(name, dtype, args, device).as_subclass(Tensor)


class BFloat16Tensor(_Typed):
    """Makes tensors of bfloat16."""

    dtype = torch.bfloat16


class BoolTensor(_Typed):
    """Makes tensors of bool."""

    dtype = torch.bool


class ByteTensor(_Typed):
    """Makes tensors of uint8."""

    dtype = torch.uint8


class CharTensor(_Typed):
    """Makes tensors of int8."""

    dtype = torch.int8


class DoubleTensor(_Typed):
    """Makes tensors of float64."""

    dtype = torch.float64


class FloatTensor(_Typed):
    """Makes tensors of float32.

    >>> FloatTensor([1, 2])
    Tensor(shape=[2], dtype=float32, place=Place(cpu), stop_gradient=True,
           [1., 2.])
    >>> FloatTensor(2, 3).shape
    paddle.Size([2, 3])
    """

    dtype = torch.float32


class HalfTensor(_Typed):
    """Makes tensors of float16."""

    dtype = torch.float16


class IntTensor(_Typed):
    """Makes tensors of int32."""

    dtype = torch.int32


class LongTensor(_Typed):
    """Makes tensors of int64."""

    dtype = torch.int64


class ShortTensor(_Typed):
    """Makes tensors of int16."""

    dtype = torch.int16
