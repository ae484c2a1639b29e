"""Operators of `paddle.Tensor`: with tensors, numbers and arrays; those that assign make a new tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....backend import OperatorTypeError
from ..names import NAMES, no_tensor
from ..tensor import Tensor
from ..values import single
from .elementwise import negated
from .linalg import product
from .operands import alike, constant, promoted

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["add"]

NUMBERS = (bool, int, float, complex)


def operator(function: Callable[..., Any], name: str, *, reflected: bool = False) -> Callable[..., Any]:
    """Return an operator: what is no tensor is a number, or an array, which becomes a tensor."""
    of_tensors = promoted(function, scalars=True)

    def computed(self: Any, other: Any) -> Any:
        try:
            if not isinstance(other, torch.Tensor):
                if reflected and isinstance(other, type):  # ctypes: an array type times a length
                    return NotImplemented
                other = _operand(self, other, name)
                if not isinstance(other, torch.Tensor):
                    return function(other, self) if reflected else function(self, other)
            return of_tensors(other, self) if reflected else of_tensors(self, other)
        except RuntimeError as error:
            NAMES.again(name, error)

    computed.__name__ = name
    return computed


def _operand(tensor: Tensor, other: Any, name: str) -> Any:
    """Return a number, or a tensor of an array."""
    if isinstance(other, NUMBERS) and not isinstance(other, np.generic):
        return other
    if isinstance(other, np.generic):
        # a NumPy number takes the tensor's dtype, as a tensor without axes would
        return torch.as_tensor(other.item(), dtype=tensor.dtype).as_subclass(Tensor)
    if isinstance(other, np.ndarray):
        return torch.from_numpy(np.array(other)).as_subclass(Tensor)
    msg = (
        f"{name}(): argument (position 1) must be int, float, bool or Tensor, but got {type(other).__name__}. "
        f"Convert it with paddle.to_tensor()."
    )
    raise OperatorTypeError(msg)


def raised(x: Any, y: Any) -> Any:
    """Raise to a power; a number that is one is kept in float32."""
    return torch.pow(x, single(y))


def copied(x: Any) -> Any:
    """Return a copy."""
    return torch.clone(x)


def subtracted(x: Any, y: Any) -> Any:
    """Subtract; bools as integers."""
    x, y = (_whole(each) for each in (x, y))
    return torch.sub(x, y) if isinstance(x, torch.Tensor) else torch.rsub(y, x)


def _whole(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return torch.Tensor.to(value, torch.int64) if value.dtype is torch.bool else value
    return int(value) if isinstance(value, bool) else value


def compared(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return `==` or `!=`, which is an answer for None and lists, too."""
    of_numbers = operator(function, name)

    def computed(self: Any, other: Any) -> Any:
        if other is None or isinstance(other, (list, tuple, dict, set)):
            return name == "__ne__"
        return of_numbers(self, other)

    computed.__name__ = name
    return computed


def remainder(x: Any, y: Any) -> Any:
    """Return the remainder, which has the sign of `y`; torch has no gradient where `x` is a number."""
    return torch.remainder(x if isinstance(x, torch.Tensor) else torch.as_tensor(x), y)


def matmul(self: Any, other: Any) -> Any:
    """Multiply matrices."""
    if not isinstance(other, torch.Tensor):
        where = "__matmul__"
        raise no_tensor(where, "y", 1, other)
    return product(self, other)


def raising(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a function whose errors are in Paddle's classes."""

    def computed(*operands: Any) -> Any:
        try:
            return function(*operands)
        except (RuntimeError, TypeError) as error:
            NAMES.again(name, error)

    computed.__name__ = name
    return computed


def bitwise(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return an operator of bits, which takes tensors alone."""
    of_tensors = alike(function)

    def computed(self: Any, other: Any) -> Any:
        if not isinstance(other, torch.Tensor):
            raise no_tensor(name, "y", 1, other)
        return of_tensors(self, other)

    computed.__name__ = name
    return computed


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": torch.add,
    "sub": subtracted,
    "mul": torch.mul,
    "truediv": torch.div,
    "floordiv": constant(torch.floor_divide),
    "mod": remainder,
    "pow": raised,
}
ORDER: dict[str, Callable[..., Any]] = {"lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}
BITS: dict[str, Callable[..., Any]] = {"and": torch.bitwise_and, "or": torch.bitwise_or, "xor": torch.bitwise_xor}
SHIFTS: dict[str, Callable[..., Any]] = {"lshift": torch.bitwise_left_shift, "rshift": torch.bitwise_right_shift}


ASSIGNING: dict[str, Callable[..., Any]] = {
    "add_": torch.add,
    "sub_": subtracted,
    "mul_": torch.mul,
    "div_": torch.div,
    "floor_divide_": torch.floor_divide,
    "remainder_": remainder,
    "__ipow__": raised,
}


def add() -> None:
    """Give the class its operators."""
    kind: Any = Tensor
    made: dict[str, Any] = {
        "__matmul__": raising(matmul, "__matmul__"),
        "__neg__": negated,
        "__pos__": copied,
        "__invert__": raising(torch.bitwise_not, "__invert__"),
    }
    for name, function in {**ARITHMETIC, **SHIFTS}.items():
        made[f"__{name}__"] = operator(function, f"__{name}__")
        made[f"__r{name}__"] = operator(function, f"__r{name}__", reflected=True)
    for name, function in ORDER.items():
        made[f"__{name}__"] = operator(function, f"__{name}__")
    for name, function in (("eq", torch.eq), ("ne", torch.ne)):
        made[f"__{name}__"] = compared(function, f"__{name}__")
    for name, function in BITS.items():
        made[f"__{name}__"] = bitwise(function, f"__{name}__")
        made[f"__r{name}__"] = operator(function, f"__r{name}__", reflected=True)
    for name, operation in made.items():
        setattr(kind, name, operation)
    for name in (*ARITHMETIC, *SHIFTS, *BITS, "matmul"):
        # no operator in place: Python then makes a new tensor
        setattr(kind, f"__i{name}__", getattr(kind, f"__{name}__"))
    # what dynamo takes operators that assign for
    for name, function in {**ASSIGNING, **{f"__i{each}__": bits for each, bits in {**BITS, **SHIFTS}.items()}}.items():
        Tensor.operators.append((getattr(torch.Tensor, name), function))
    kind.__hash__ = torch.Tensor.__hash__
    kind.__array_ufunc__ = None
    kind.__array_priority__ = 10000
