"""Mirrors `paddle.FloatTensor` and its like: tensors of a dtype, of values or of a size, as torch's old classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ...backend import OperatorError, OperatorTypeError
from .place import to_device
from .size import Size
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
    device = to_device(options.pop("device", None)) or torch.get_default_device()
    if options:
        msg = f"{name}() takes sizes or values, and `device`; it knows no {', '.join(options)}."
        raise OperatorTypeError(msg)
    if not args:
        return torch.empty(0, dtype=dtype, device=device).as_subclass(Tensor)
    if all(isinstance(each, (int, np.integer)) for each in args):
        return _empty(name, dtype, args, device)
    if len(args) == 1 and isinstance(args[0], (list, tuple)):
        values = torch.from_numpy(np.array(args[0])).to(device)
        return values.to(dtype).as_subclass(Tensor)
    if len(args) == 1 and isinstance(args[0], (np.ndarray, torch.Tensor)):
        given = torch.from_numpy(args[0].copy()) if isinstance(args[0], np.ndarray) else args[0].detach().clone()
        return given.to(device).as_subclass(Tensor)
    msg = f"{name}{args}: give sizes as integers, or one list, array or tensor of values."
    raise OperatorError(msg)


def _empty(name: str, dtype: torch.dtype, sizes: tuple[Any, ...], device: torch.device) -> Tensor:
    if any(isinstance(each, bool) for each in sizes):
        msg = f"{name}{sizes}: a size must be an int, no bool. Give the value in a list."
        raise OperatorTypeError(msg)
    if min(sizes) < 0:
        msg = f"{name}{sizes}: a size must be 0 or more."
        raise OperatorError(msg)
    return torch.empty(Size(map(int, sizes)), dtype=dtype, device=device).as_subclass(Tensor)


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
