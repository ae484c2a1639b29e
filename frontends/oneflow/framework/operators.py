"""What Python's operators mean on OneFlow's tensors, where torch's mean something else."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

import torch

from ..rows import elementwise

__all__ = ["Operators"]


class _ConversionError(AssertionError, TypeError):
    """No number, or no index: OneFlow's class of error, and the one that Python's operators expect."""


class Operators:
    """Quotients and remainders as C has them, logic where torch has that of bits, and names that are bound anew.

    `//` and `%` of integers round towards zero; a number on their left is refused, as in OneFlow. `&`, `|` and `^` say
    True or False of each element, as `-`, `/` and `%` do of two tensors of bools. `**=`, `//=`, `%=`, `&=`, `|=` and
    `^=` make a new tensor; `+=`, `-=`, `*=` and `/=` write into the old one.
    """

    operators: ClassVar[list[tuple[Any, Any]]] = [
        (torch.Tensor.sub, elementwise.difference),
        (torch.Tensor.div, elementwise.quotient),
        (torch.Tensor.__floordiv__, elementwise.floor_divide),
        (torch.Tensor.remainder, elementwise.rest),
        (torch.Tensor.__pow__, elementwise.power),
        (torch.Tensor.__rpow__, lambda exponent, base: elementwise.power(base, exponent)),
        (torch.Tensor.__rtruediv__, lambda divisor, number: torch.div(torch.tensor(number), divisor)),
        (torch.Tensor.__rsub__, lambda taken, number: elementwise.difference(number, taken)),
        (torch.Tensor.__and__, elementwise.logical_and),
        (torch.Tensor.__or__, elementwise.logical_or),
        (torch.Tensor.__xor__, elementwise.logical_xor),
        (torch.Tensor.neg, elementwise.negative),
        (torch.Tensor.remainder_, elementwise.rest),
        (torch.Tensor.__ipow__, elementwise.power),
    ]

    def __sub__(self: Any, other: Any) -> Any:
        bools = elementwise.is_bool(self) or elementwise.is_bool(other)
        return elementwise.difference(self, other) if bools else torch.Tensor.__sub__(self, other)

    def __rsub__(self: Any, other: Any) -> Any:
        return elementwise.difference(other, self) if elementwise.is_bool(self) else torch.Tensor.__rsub__(self, other)

    def __truediv__(self: Any, other: Any) -> Any:
        return elementwise.quotient(self, other) if elementwise.is_bool(self) else torch.Tensor.__truediv__(self, other)

    def __floordiv__(self: Any, other: Any) -> Any:
        return elementwise.floor_divide(self, other)

    def __mod__(self: Any, other: Any) -> Any:
        return elementwise.rest(self, other)

    def __pow__(self: Any, other: Any) -> Any:
        return elementwise.power(self, other)

    def __rpow__(self: Any, other: Any) -> Any:
        return elementwise.power(other, self)

    def __and__(self: Any, other: Any) -> Any:
        return elementwise.logical_and(self, other)

    def __or__(self: Any, other: Any) -> Any:
        return elementwise.logical_or(self, other)

    def __xor__(self: Any, other: Any) -> Any:
        return elementwise.logical_xor(self, other)

    __ifloordiv__, __imod__, __ipow__ = __floordiv__, __mod__, __pow__
    __rand__, __ror__, __rxor__ = __iand__, __ior__, __ixor__ = __and__, __or__, __xor__

    def __rfloordiv__(self, other: Any) -> NoReturn:
        msg = f"{other!r} // tensor: OneFlow divides tensors by numbers only. Make it a tensor with oneflow.tensor()."
        raise TypeError(msg)

    def __rmod__(self, other: Any) -> NoReturn:
        msg = f"{other!r} % tensor: OneFlow divides tensors by numbers only. Make it a tensor with oneflow.tensor()."
        raise TypeError(msg)

    def __neg__(self: Any) -> Any:
        return elementwise.negative(self)

    def __invert__(self: Any) -> Any:
        if self.dtype != torch.bool:
            msg = f"~ of {self.dtype}: (operator.invert) is only implemented on bool. Use logical_not()."
            raise RuntimeError(msg)
        return torch.logical_not(self)

    def __float__(self: Any) -> float:
        return float(_number(self))

    def __int__(self: Any) -> int:
        return int(_number(self))

    def __index__(self: Any) -> int:
        if self.numel() != 1 or self.is_floating_point():
            msg = f"Only integer tensors of a single element can be converted to an index; this is of {self.shape}."
            raise _ConversionError(msg)
        return int(self.item())


def _number(tensor: torch.Tensor) -> Any:
    if tensor.numel() != 1:
        msg = f"only one element tensors can be converted to Python scalars; this one has {tensor.numel()}."
        raise _ConversionError(msg)
    return tensor.detach().item()
