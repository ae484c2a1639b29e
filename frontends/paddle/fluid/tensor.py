"""Mirrors `VarBase`, the tensor of fluid's dygraph: Paddle's with 1.8's numbers, and without views."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...names.missing import Lacking
from ...tensor import like, plain, torchs_parameter_asks
from ..size import Size
from ..tensor import Parameter, Tensor
from .names import RELEASED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ParamBase", "VarBase", "power", "quotient", "remainder"]


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

    # 1.8 has no such method, so it is torch's: a number
    numel = torch.Tensor.numel

    @property
    def shape(self) -> Shape:  # type: ignore[override]
        """The shape, as a list."""
        return Shape(torch.Tensor.size(self))

    def numpy(self, *args: Any, force: bool = False) -> np.ndarray[Any, Any]:
        """Return a copy of the values as a NumPy array."""
        return np.array(super().numpy(force=force))

    def gradient(self) -> np.ndarray[Any, Any] | None:
        """Return a copy of the gradient as a NumPy array, or None where there is none yet."""
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
    """Return what an operator makes of a number beside integers: its whole part; arrays become tensors.

    Raises:
        AssertionError: it has a fraction, which addition, subtraction and multiplication refuse.
    """
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if not isinstance(value, numbers.Number) or not _is_whole(x):
        return value
    whole = int(value)  # type: ignore[call-overload]
    if exact and whole != value:
        msg = f"float value {value} cannot convert to integer: the tensor is {x.dtype}. Convert it with astype()."
        raise AssertionError(msg)
    return whole


def quotient(x: Any, y: Any) -> torch.Tensor:
    """Divide; integers as C does, towards zero."""
    return torch.div(x, y, rounding_mode="trunc" if _are_whole(x, y) else None)


def whole_quotient(x: Any, y: Any) -> torch.Tensor:
    """Divide and round: integers towards zero."""
    return torch.div(x, y, rounding_mode="trunc" if _are_whole(x, y) else "floor")


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


def _forward(function: Callable[[Any, Any], Any], *, exact: bool = False) -> Callable[[Any, Any], Any]:
    def operation(self: VarBase, other: Any) -> Any:
        return function(self, _fitting(other, self, exact=exact))

    return operation


def _backward(function: Callable[[Any, Any], Any], *, exact: bool = False) -> Callable[[Any, Any], Any]:
    def operation(self: VarBase, other: Any) -> Any:
        value = _fitting(other, self, exact=exact)
        # torch.div and its like want a tensor first
        first = value if isinstance(value, torch.Tensor) else torch.full_like(self, value)
        return function(first, self)

    return operation


for _name, _function, _exact in (
    ("add", torch.add, True),
    ("sub", torch.sub, True),
    ("mul", torch.mul, True),
    ("truediv", quotient, False),
    ("floordiv", whole_quotient, False),
    ("mod", remainder, False),
    ("pow", power, False),
):
    setattr(VarBase, f"__{_name}__", _forward(_function, exact=_exact))
    setattr(VarBase, f"__r{_name}__", _backward(_function, exact=_exact))
    # `y = x; y += 1` leaves x as it was
    setattr(VarBase, f"__i{_name}__", _forward(_function, exact=_exact))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(VarBase, f"__{_name}__", _forward(getattr(torch, _name)))


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


# -- what 1.8 has not -----------------------------------------------------------------------------------------------


def _refuse_later_methods() -> None:
    """Refuse, by name, methods that Paddle has had since 2.0; those that torch has too are left to torch's own code."""
    prefix = "core.VarBase."
    listed = {name[len(prefix) :] for name in RELEASED if name.startswith(prefix)}
    # ours: where a tensor is, and what computes operators in a graph
    served = {*listed, *vars(VarBase), "place", "operators"}
    for name in [each for each in vars(Tensor) if each[0] != "_" and each not in served]:
        if not hasattr(torch.Tensor, name):
            setattr(VarBase, name, Lacking("fluid.core.VarBase", name, listed))


_refuse_later_methods()
torch.serialization.add_safe_globals([ParamBase, VarBase])
