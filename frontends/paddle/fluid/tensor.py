"""Mirrors `VarBase`, the tensor of fluid's dygraph: Paddle's with 1.8's numbers, and without views."""

from __future__ import annotations

import difflib
import inspect
import numbers
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...names.missing import Lacking
from ...tensor import is_users_code, like, plain, torchs_parameter_asks
from .. import unique_name
from ..size import Size
from ..tensor import Parameter, Tensor
from ..values import single
from .bindings import EnforceNotMet, VarDesc
from .names import RELEASED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ParamBase", "VarBase", "power", "quotient", "remainder"]


# what C++ calls the dtypes, in what 1.8 prints
_IN_C = {
    torch.bool: "bool",
    torch.uint8: "uint8_t",
    torch.int8: "int8_t",
    torch.int16: "int16_t",
    torch.int32: "int",
    torch.int64: "int64_t",
    torch.float16: "::paddle::platform::float16",
    torch.float32: "float",
    torch.float64: "double",
}
# the names that torch or Paddle 3 gives the class and 1.8 does not, by what there is near them; filled below
LATER: dict[str, str] = {}
# torch's, whose training loops ask for them: where a tensor is, what autograd keeps with it, and the way out;
# and what parameters have in 1.8, too
_KEPT = ("as_subclass", "data", "device", "grad", "grad_fn", "is_distributed", "is_leaf", "requires_grad")
# what 1.8 has for them, where it is called otherwise
_INSTEAD = {
    "requires_grad_": "stop_gradient",
    "item": "numpy",
    "tolist": "numpy",
    "size": "shape",
    "dim": "shape",
    "ndim": "shape",
    "numel": "shape",
    "clear_grad": "clear_gradient",
    "zero_grad": "clear_gradient",
    "to": "astype",
    "float": "astype",
    "copy_": "set_value",
}


class Shape(Size):
    """A shape, which prints as the list that it is in 1.8."""

    __repr__ = list.__repr__


class VarBase(Tensor):
    """A tensor of fluid's dygraph.

    Integers stay integers, whatever number they meet: `3 / 2` is 1, `-3 // 2` is -1, `-3 % 2` is -1, and a number is
    rounded towards zero first where it is compared with them. Nothing aliases: `x[0]`, `detach()` and `numpy()` copy.

    >>> import numpy
    >>> x = torch.tensor([3, -3]).as_subclass(VarBase)
    >>> (x / 2).numpy(), (x == 3.5).numpy(), x[0].shape
    (array([ 1, -1]), array([ True, False]), [1])
    """

    def __getattribute__(self, name: str) -> Any:
        # not descriptors: dynamo takes what is not torch's own for overridden, and traces none of it
        if name in LATER and is_users_code(sys._getframe(1)):
            near = f"; nearest are: {LATER[name]}" if LATER[name] else ""
            msg = f"fluid.core.VarBase.{name} is not served by fourfold: {RELEASED.release} has none{near}."
            raise AttributeError(msg, name=name, obj=self)
        # a third of what super() takes: every access pays it
        return object.__getattribute__(self, name)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in LATER]  # type: ignore[no-untyped-call]

    @property
    def shape(self) -> Shape:  # type: ignore[override]
        """The shape, as a list."""
        return Shape(torch.Tensor.size(self))

    @property
    def name(self) -> str:
        """The tensor's name; one is made up when first asked for."""
        if "_name" not in self.__dict__:
            self._name = unique_name.generate("generated_var")
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name

    @property
    def type(self) -> str:  # type: ignore[override]
        """What the variable holds: a tensor."""
        return VarDesc.VarType.LOD_TENSOR

    block = Lacking("fluid.core.VarBase", "block", ())

    def value(self) -> VarBase:
        """Return the tensor."""
        return self

    def to_string(self, throw_on_error: bool, with_details: bool = False) -> str:
        """Return name, dtype, shape and values, as 1.8.5 prints them.

        Args:
            throw_on_error: has no effect: there is always something to print.
            with_details: likewise.
        """
        values = plain(self).detach().cpu().flatten()
        shown = " ".join(f"{value:g}" if isinstance(value, float) else str(int(value)) for value in values.tolist())
        sizes = list(self.shape)
        kind = next(name for name, dtype in vars(VarDesc.VarType).items() if dtype is self.dtype)
        return (
            f"name {self.name}, dtype: VarType.{kind} shape: {sizes} \tlod: {{}}\n\tdim: {str(sizes)[1:-1]}\n"
            f"\tlayout: NCHW\n\tdtype: {_IN_C[self.dtype]}\n\tdata: [{shown}]\n"
        )

    def __str__(self) -> str:  # type: ignore[override]
        return self.to_string(True)

    def numpy(self, *, force: bool = False) -> np.ndarray[Any, Any]:  # type: ignore[override]
        """Return a copy of the values as a NumPy array."""
        return np.array(super().numpy(force=force))

    def gradient(self) -> np.ndarray[Any, Any] | None:
        """Return a copy of the gradient as a NumPy array, or None where there is none yet.

        Raises:
            NotImplementedError: the tensor was computed: the release keeps gradients on the way, and torch does not.
        """
        if self.requires_grad and not self.is_leaf and not self.retains_grad:
            msg = f"{self.name} was computed, and such gradients are not kept. Use fluid.dygraph.grad(loss, tensor)."
            raise NotImplementedError(msg)
        gradient = super().gradient()
        return None if gradient is None else np.array(gradient)

    def detach(self) -> VarBase:
        """Return a copy that no gradient goes through."""
        if torchs_parameter_asks():
            return torch.Tensor.detach(self)  # type: ignore[return-value]
        return like(plain(self).detach().clone(), self)  # type: ignore[return-value]

    def astype(self, dtype: Any) -> VarBase:
        """Return a copy in another dtype."""
        made = super().astype(dtype)
        return made.clone() if made is self else made  # type: ignore[return-value]

    def backward(  # type: ignore[override]
        self, backward_strategy: Any = None, retain_graph: bool = False, *, gradient: torch.Tensor | None = None
    ) -> None:
        """Add gradients to the leaves that this tensor was computed from.

        Args:
            backward_strategy: has no effect: sums are in torch's order.
            retain_graph: whether the graph can be walked again. Default: False.
            gradient: torch's: the gradient to start from. Default: None, ones.
        """
        super().backward(gradient, retain_graph)

    def __getitem__(self, index: Any) -> Any:
        found = _strided(self, index) if _has_steps(index) else super().__getitem__(index)
        # fluid has no tensor without axes here
        return found.reshape(1) if found.dim() == 0 else found.clone()

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __float__(self) -> float:
        return float(_single(self, "float"))

    def __bool__(self) -> bool:
        return bool(_single(self, "bool"))

    def __int__(self) -> int:
        return int(_single(self, "int"))


class ParamBase(Parameter, VarBase):
    """A parameter of fluid's layers."""

    tensor_type = VarBase


def _single(x: torch.Tensor, kind: str) -> Any:
    if plain(x).numel() != 1:
        msg = f"only one element variable can be converted to {kind}; this one has shape {list(x.shape)}."
        raise AssertionError(msg)
    return plain(x).detach().item()


# -- numbers ------------------------------------------------------------------------------------------------------


def _is_whole(x: Any) -> bool:
    return isinstance(x, torch.Tensor) and not (x.is_floating_point() or x.is_complex() or x.dtype == torch.bool)


def _are_whole(*operands: Any) -> bool:
    """Return whether all tensors among operands hold integers."""
    return all(_is_whole(each) for each in operands if isinstance(each, torch.Tensor))


def _fitting(value: Any, x: torch.Tensor, *, exact: bool = False) -> Any:
    """Return what an operator makes of a number: beside integers its whole part; arrays become tensors.

    Raises:
        AssertionError: it has a fraction, which addition, subtraction and multiplication refuse.
    """
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if not isinstance(value, numbers.Real):
        return value
    if not _is_whole(x):
        return float(value)
    whole = int(value)  # type: ignore[call-overload]
    if exact and whole != value:
        msg = f"float value {value} cannot convert to integer: the tensor is {x.dtype}. Convert it with astype()."
        raise AssertionError(msg)
    return whole


def quotient(x: Any, y: Any) -> torch.Tensor:
    """Divide; integers as C does, towards zero. A number that divides floating-point ones is taken times, as 1 / y."""
    if isinstance(y, float):
        return torch.mul(x, single(1 / y))
    return torch.div(x, y, rounding_mode="trunc" if _are_whole(x, y) else None)


def whole_quotient(x: Any, y: Any) -> torch.Tensor:
    """Divide integers, and round towards zero.

    Raises:
        EnforceNotMet: they are no integers.
    """
    if not _are_whole(x, y):
        msg = "elementwise_floordiv has kernels of integers alone. Use fluid.layers.floor(x / y)."
        raise EnforceNotMet(msg)
    return torch.div(x, y, rounding_mode="trunc")


def remainder(x: Any, y: Any) -> torch.Tensor:
    """Return what division leaves: of integers with the sign of `x`, of others with that of `y`; without gradients."""
    if _are_whole(x, y):
        return torch.fmod(x, y)
    return torch.remainder(*(each.detach() if isinstance(each, torch.Tensor) else each for each in (x, y)))


def power(x: Any, y: Any) -> torch.Tensor:
    """Raise to a power; of integers the whole part of what floating-point numbers give."""
    if not _are_whole(x, y):
        return torch.pow(x, y)
    kind = next(each.dtype for each in (x, y) if isinstance(each, torch.Tensor))
    x, y = (each.double() if isinstance(each, torch.Tensor) else each for each in (x, y))
    return torch.pow(x, y).trunc().to(kind)


def _itself(value: Any) -> Any:
    return value


def _forward(
    function: Callable[[Any, Any], Any], *, exact: bool = False, constant: Callable[[Any], Any] = single
) -> Callable[[Any, Any], Any]:
    def operation(self: VarBase, other: Any) -> Any:
        return function(self, constant(_fitting(other, self, exact=exact)))

    return operation


def _backward(function: Callable[[Any, Any], Any], *, exact: bool = False) -> Callable[[Any, Any], Any]:
    def operation(self: VarBase, other: Any) -> Any:
        value = single(_fitting(other, self, exact=exact))
        # torch.div and its like want a tensor first
        first = value if isinstance(value, torch.Tensor) else torch.full_like(self, value)
        return function(first, self)

    return operation


def _torchs(name: str) -> Callable[..., Any]:
    """Return an operator that 1.8 has not: it raises, but for torch's own code."""
    function = getattr(torch.Tensor, name)

    def operation(self: Any, *operands: Any) -> Any:
        if is_users_code(sys._getframe(1)):
            msg = f"fluid's VarBase has no {name} in {RELEASED.release}. Use a function of fluid.layers, or numpy()."
            raise TypeError(msg)
        return function(self, *operands)

    return operation


_LISTED = RELEASED.members("core.VarBase")
for _name, _function, _exact in (
    ("add", torch.add, True),
    ("sub", torch.sub, True),
    ("mul", torch.mul, True),
    ("truediv", quotient, False),
    ("floordiv", whole_quotient, False),
    ("mod", remainder, False),
    ("pow", power, False),
):
    _operation = _forward(_function, exact=_exact, constant=_itself if _name == "truediv" else single)
    setattr(VarBase, f"__{_name}__", _operation)
    # `y = x; y += 1` leaves x as it was
    setattr(VarBase, f"__i{_name}__", _operation)
    _reflected = f"__r{_name}__"
    setattr(VarBase, _reflected, _backward(_function, exact=_exact) if _reflected in _LISTED else _torchs(_reflected))
# Python 2's names
for _name, _now in {"div": "truediv", "rdiv": "rtruediv", "nonzero": "bool", "long": "int"}.items():
    setattr(VarBase, f"__{_name}__", getattr(VarBase, f"__{_now}__"))
for _name in ("lt", "le", "gt", "ge"):
    setattr(VarBase, f"__{_name}__", _forward(getattr(torch, _name)))
for _name in ("eq", "ne"):  # what is near enough is equal there
    setattr(VarBase, f"__{_name}__", _forward(getattr(torch, _name), constant=_itself))
_BITS = ("and", "or", "xor", "lshift", "rshift", "matmul")
for _name in ("abs", "invert", "pos", *(f"{_kind}{_name}" for _name in _BITS for _kind in ("", "r", "i"))):
    if hasattr(torch.Tensor, f"__{_name}__"):
        setattr(VarBase, f"__{_name}__", _torchs(f"__{_name}__"))


# -- indices ------------------------------------------------------------------------------------------------------


def _has_steps(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, slice) and part.step not in (None, 1) for part in parts)


def _strided(x: torch.Tensor, index: Any) -> Any:
    """Index with slices that take every so many, backwards too, of which torch has none.

    An integer beside them is a slice of one, whose axis stays: the release's slices with steps cannot take axes away.
    """
    parts = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis in parts:
        where = parts.index(Ellipsis)
        parts[where : where + 1] = [slice(None)] * (x.dim() - len(parts) + 1)
    for axis, part in enumerate(parts):
        size = x.shape[axis]
        chosen = list(range(size))[part] if isinstance(part, slice) else [range(size)[part]]
        x = torch.index_select(x, axis, torch.tensor(chosen, dtype=torch.int64, device=x.device))
    return x


def _written(self: torch.Tensor, index: Any, value: Any) -> None:
    """Write to where an index says, in torch's own code; 1.8 has no such assignment."""
    if not torch.compiler.is_compiling() and is_users_code(sys._getframe(1)):
        msg = "fluid's VarBase does not support item assignment in 1.8.5. Use set_value(), or fluid.layers.scatter."
        raise TypeError(msg)
    _WRITE(self, index, value)


# -- what 1.8 has not -----------------------------------------------------------------------------------------------


def _refuse_later_names() -> None:
    """Refuse the public names that 1.8 does not record; libraries, and we, find torch's there, not Paddle's."""
    functions = RELEASED.members("layers")
    methods = [each for each in _LISTED if each[0] != "_"]
    for name in sorted({each for each in dir(VarBase) if each[0] != "_"} - {*_LISTED, *_KEPT}):
        bare = name.rstrip("_")
        same = [each for each in (bare, f"reduce_{bare}", f"elementwise_{bare}") if each in functions]
        close = [*_INSTEAD.get(name, "").split(), *difflib.get_close_matches(name, methods, n=3, cutoff=0.6)]
        LATER[name] = ", ".join([*(f"fluid.layers.{each}" for each in same), *dict.fromkeys(close)])
        if hasattr(torch.Tensor, name):
            setattr(VarBase, name, inspect.getattr_static(torch.Tensor, name))


_refuse_later_names()
# the class must not define __setitem__ (frontends/tensor.py)
_WRITE: Any = dict(Tensor.operators)[torch.Tensor.__setitem__]
VarBase.operators = [(torch.Tensor.__setitem__, _written), *Tensor.operators]
torch.serialization.add_safe_globals([ParamBase, VarBase])
