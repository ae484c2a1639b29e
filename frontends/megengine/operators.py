"""Operators and methods of `megengine.Tensor`: the functions of the rows, and what only methods do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...backend import OperatorTypeError
from ..tensor import FrontendTensor
from . import products, reductions, shapes
from .names import NAMES
from .operands import tensor_of
from .rebinding import rebind
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

ROOMS = (reductions,)  # imported for rows


def row(name: str) -> Callable[..., torch.Tensor]:
    """Return what computes a function."""
    target: Callable[..., torch.Tensor] = NAMES.rows[f"functional.{name}"].target  # type: ignore[union-attr]
    return target


def logical(compute: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """Return an operator of bools.

    Raises:
        TypeError: a tensor is not of bools.
        AttributeError: an operand is no tensor (a TypeError too).
    """

    def of_bools(*values: Any) -> torch.Tensor:
        for each in values:
            if not hasattr(each, "dtype"):
                tensor_of(each, "an operand")
            if each.dtype not in (torch.bool, np.dtype(bool)):
                msg = f"{compute.__name__} requires bool tensors; one is of {each.dtype}. Compare, or use astype(bool)."
                raise OperatorTypeError(msg)
        return compute(*values)

    return of_bools


def matrix_product(left: Any, right: Any) -> torch.Tensor:
    """Return the matrix product of two tensors."""
    return products.matmul(tensor_of(left, "an operand"), tensor_of(right, "an operand"))


BINARY = {
    "add": row("add"),
    "sub": row("sub"),
    "mul": row("mul"),
    "truediv": row("div"),
    "floordiv": row("floor_div"),
    "mod": row("mod"),
    "pow": row("pow"),
    "matmul": matrix_product,
    "lshift": row("left_shift"),
    "rshift": row("right_shift"),
    "and": logical(torch.logical_and),
    "or": logical(torch.logical_or),
    "xor": logical(torch.logical_xor),
}
COMPARISONS = {
    "eq": row("equal"),
    "ne": row("not_equal"),
    "lt": row("less"),
    "le": row("less_equal"),
    "gt": row("greater"),
    "ge": row("greater_equal"),
}
UNARY = {
    "neg": row("neg"),
    "abs": row("abs"),
    "floor": row("floor"),
    "ceil": row("ceil"),
    "invert": logical(torch.logical_not),
}
# NumPy's functions behind operators between arrays and tensors; so gradients are recorded
UFUNCS = {
    np.add: "add",
    np.subtract: "sub",
    np.multiply: "mul",
    np.true_divide: "truediv",
    np.floor_divide: "floordiv",
    np.remainder: "mod",
    np.power: "pow",
    np.matmul: "matmul",
    np.equal: "eq",
    np.not_equal: "ne",
    np.less: "lt",
    np.less_equal: "le",
    np.greater: "gt",
    np.greater_equal: "ge",
}


def forward(compute: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """Return the method that computes `self op value`."""

    def method(self: Tensor, value: Any) -> torch.Tensor:
        return compute(self, value)

    return method


def reflected(compute: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """Return the method that computes `value op self`."""
    return lambda self, value: compute(value, self)


def in_place(compute: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """Return the method that gives the tensor what was computed."""
    return lambda self, value: rebind(self, compute(self, value))


def array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Do arithmetic and comparisons with NumPy arrays in torch; other functions of NumPy get the values."""
    if ufunc in UFUNCS and method == "__call__" and not kwargs:
        compute = BINARY.get(UFUNCS[ufunc]) or COMPARISONS[UFUNCS[ufunc]]
        return compute(*inputs)
    values = (item.numpy() if isinstance(item, Tensor) else item for item in inputs)
    return getattr(ufunc, method)(*values, **kwargs)


def transpose(self: Tensor, *args: Any) -> torch.Tensor:
    """Permute the axes as `functional.transpose` does; reverse them without arguments."""
    pattern = args[0] if len(args) == 1 and not isinstance(args[0], (int, str)) else args
    return shapes.permuted(self, pattern if args else tuple(reversed(range(self.dim()))))


def reshape(self: Tensor, *args: Any) -> torch.Tensor:
    """Return the values in another shape, as `functional.reshape` does."""
    return shapes.reshaped(self, args[0] if len(args) == 1 else args)


def contains(self: Tensor, value: Any) -> bool:
    """MegEngine has no such test."""
    msg = "'in' is not implemented for tensors, as in MegEngine. Use (x == value).numpy().any()."
    raise NotImplementedError(msg)


methods: dict[str, Any] = {
    **{f"__{name}__": forward(compute) for name, compute in (BINARY | COMPARISONS).items()},
    **{f"__r{name}__": reflected(compute) for name, compute in BINARY.items()},
    **{f"__i{name}__": in_place(compute) for name, compute in BINARY.items()},
    **{f"__{name}__": compute for name, compute in UNARY.items()},
    "__round__": row("round"),
    "__pos__": lambda self: self,
    "__contains__": contains,
    "__array_ufunc__": array_ufunc,
    "__hash__": FrontendTensor.__hash__,
    "transpose": transpose,
    "reshape": reshape,
}
for name, method in methods.items():
    setattr(Tensor, name, method)
NAMES.add_methods(Tensor, "Tensor", ("functional.",))

# what dynamo calls in place of the operators of these names, and of those whose meaning is not torch's
Tensor.operators = [
    (torch.Tensor.__getitem__, Tensor.__getitem__),
    (torch.Tensor.remainder, methods["__mod__"]),
    (torch.Tensor.__rmod__, methods["__rmod__"]),
    (torch.Tensor.__pow__, methods["__pow__"]),
    (torch.Tensor.__rpow__, methods["__rpow__"]),
    (torch.Tensor.__rsub__, methods["__rsub__"]),
    (torch.Tensor.__floordiv__, methods["__floordiv__"]),
    (torch.Tensor.__rfloordiv__, methods["__rfloordiv__"]),
]
