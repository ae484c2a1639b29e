"""What MegEngine's functions and operators take as an operand, and the dtype in which they compute.

Measured in 1.13.0: among tensors and arrays the widest dtype counts; an integer beside a float is float32, and so is
a bool beside anything else; uint8 and signed integers do not mix. A Python number changes the dtype only by being of a
wider kind; a list takes the dtype of what stands beside it.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...backend import OperatorError, OperatorTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import Tensor

__all__ = ["NotATensorError", "common_dtype", "operands", "promoted", "tensor_of", "with_an_axis"]

NARROWED = {torch.float64: torch.float32, torch.int64: torch.int32}


class NotATensorError(OperatorTypeError, AttributeError):
    """An operand is no tensor: MegEngine raises a TypeError, or an AttributeError where it calls a method of it."""


def tensor_of(value: Any, name: str = "inp") -> Tensor:
    """Return a tensor as it is.

    Raises:
        TypeError: it is none (an AttributeError, ValueError and RuntimeError too).
    """
    if isinstance(value, torch.Tensor):
        return value
    msg = f"{name} is a {type(value).__name__}; py_apply expects tensor as inputs. Convert it with megengine.tensor()."
    raise NotATensorError(msg)


def with_an_axis(compute: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function whose results have one axis at least, as some of MegEngine's have even of 0-d tensors."""

    def computed(*args: Any, **kwargs: Any) -> Tensor:
        result = compute(*args, **kwargs)
        return result if result.dim() else torch.reshape(result, (1,))

    computed.__name__ = computed.__qualname__ = getattr(compute, "__name__", "computed")
    try:
        computed.__signature__ = inspect.signature(compute)  # type: ignore[attr-defined]
    except ValueError:  # torch's functions in C state none
        computed.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter("input", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        )
    return computed


def common_dtype(dtypes: Iterable[torch.dtype]) -> torch.dtype:
    """Return the dtype in which tensors of several dtypes are computed.

    >>> common_dtype([torch.int8, torch.int32]), common_dtype([torch.float16, torch.int32])
    (torch.int32, torch.float32)

    Raises:
        RuntimeError: uint8 stands beside a signed integer (a ValueError too).
    """
    found = set(dtypes)
    if len(found) == 1:
        return found.pop()
    exact = {dtype for dtype in found if not (dtype.is_floating_point or dtype.is_complex)}
    if exact == found and torch.bool not in found:
        if torch.uint8 in found:
            msg = f"cannot promote {', '.join(sorted(map(str, found)))}: uint8 and signed integers. Use astype()."
            raise OperatorError(msg)
    else:
        found = found - exact | {torch.float32} if exact else found
    result = found.pop()
    for dtype in found:
        result = torch.promote_types(result, dtype)
    return result


def promoted(tensors: Sequence[Any], what: str = "inps") -> list[Tensor]:
    """Return tensors in the dtype that they have in common; nothing else is taken.

    Raises:
        TypeError: there is none, or one is no tensor.
    """
    if not tensors:
        msg = f"{what} is empty; py_apply expects one Op and at least one tensor as argument. Give tensors."
        raise OperatorTypeError(msg)
    given = [tensor_of(each, f"an element of {what}") for each in tensors]
    dtype = common_dtype(each.dtype for each in given)
    return [each if each.dtype == dtype else each.to(dtype) for each in given]


def operands(*values: Any) -> list[Tensor]:
    """Return tensors, arrays, numbers and lists as tensors of the dtype in which they are computed.

    Raises:
        TypeError: a value is None, or neither of those.
        RuntimeError: an array is of a dtype that MegEngine does not have; dtypes do not mix (a ValueError too).
    """
    first = values[0]
    if isinstance(first, torch.Tensor) and all(
        isinstance(each, torch.Tensor) and each.dtype == first.dtype for each in values[1:]
    ):
        return list(values)
    given = {each.dtype for each in values if isinstance(each, torch.Tensor)}
    read = [_read(each, given) for each in values]
    tensors = [each for each in read if isinstance(each, torch.Tensor)]
    numbers = [each for each in read if isinstance(each, (bool, int, float, complex))]
    if not tensors and len(numbers) < len(read):
        if len(read) > 1:
            msg = "invalid input, no dtype avaliable: lists only. Make one of them a tensor with megengine.tensor()."
            raise OperatorError(msg)
        return [_listed(read[0])]
    dtype = common_dtype(each.dtype for each in tensors) if tensors else _dtype_of_numbers(numbers)
    if tensors and numbers:
        dtype = _widened(dtype, numbers)
    device = tensors[0].device if tensors else None
    return [_as(each, dtype, device) for each in read]


def _read(value: Any, given: set[torch.dtype]) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        try:
            made = torch.from_numpy(np.array(value))
        except TypeError as error:
            msg = f"an array of dtype {value.dtype}: unsupported numpy dtype. Convert it with astype()."
            raise OperatorTypeError(msg) from error
        beside_floats = made.dtype == torch.int64 and any(dtype.is_floating_point for dtype in given)
        if made.dtype in NARROWED and made.dtype not in given and not beside_floats:
            msg = (
                f"an array of dtype {value.dtype}: MegEngine has float32 and int32 at most. "
                f"Convert it with astype(), or with megengine.tensor()."
            )
            raise OperatorError(msg)
        return made
    if isinstance(value, (torch.Tensor, bool, int, float, complex, list, tuple)):
        return value
    if isinstance(value, str):
        msg = f"{value!r}: invalid input, no dtype avaliable. Give a tensor, a number, an array or a list."
        raise OperatorError(msg)
    msg = f"the operand is {value!r} and is not supported. Give a tensor, a number, an array or a list."
    raise OperatorTypeError(msg)


def _dtype_of_numbers(numbers: list[Any]) -> torch.dtype:
    if any(isinstance(each, float) for each in numbers):
        return torch.float32
    return torch.bool if all(isinstance(each, bool) for each in numbers) else torch.int32


def _widened(dtype: torch.dtype, numbers: list[Any]) -> torch.dtype:
    if dtype.is_floating_point or dtype.is_complex:
        return dtype
    if any(isinstance(each, float) for each in numbers):
        return torch.float32
    if dtype == torch.bool and not all(isinstance(each, bool) for each in numbers):
        return torch.float32
    return dtype


def _as(value: Any, dtype: torch.dtype, device: torch.device | None) -> Tensor:
    if isinstance(value, torch.Tensor):
        return value if value.dtype == dtype else value.to(dtype)
    if isinstance(value, (list, tuple)):
        return _listed(value, dtype, device)
    return torch.tensor(value, dtype=torch.int64 if _wraps(value, dtype) else dtype, device=device).to(dtype)


def _wraps(value: Any, dtype: torch.dtype) -> bool:
    return isinstance(value, int) and dtype in (torch.uint8, torch.int8, torch.int16)


def _listed(value: Any, dtype: torch.dtype | None = None, device: torch.device | None = None) -> Tensor:
    made = torch.as_tensor(np.array(value), device=device)
    return made.to(NARROWED.get(made.dtype, made.dtype) if dtype is None else dtype)
