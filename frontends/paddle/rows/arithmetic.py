"""Rows of functions of two tensors, element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from ..names import NAMES
from ..values import single
from .operands import alike, constant, floating, is_whole, promoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["compared", "divided", "powered"]

fn = NAMES.function


def divided(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Tensor:
    """Divide; integers give floating-point numbers unless they are rounded, and refuse zero then."""
    if rounding_mode is None:
        return torch.div(input, other, out=out)
    with torch.no_grad():
        return torch.div(input, other, rounding_mode=rounding_mode, out=out)


def with_number(function: Callable[..., Tensor], *, scalars: bool = False) -> Callable[..., Tensor]:
    """Return a function of two tensors that takes a number for the second, too."""
    checked = promoted(function, scalars=scalars)

    def computed(x: Any, y: Any) -> Tensor:
        return checked(x, y) if isinstance(y, torch.Tensor) else function(x, y)

    return computed


def raised(x: Any, y: Any) -> Tensor:
    """Raise to a power; integers to an integer one. A number that is one is kept in float32."""
    if isinstance(y, float) and is_whole(x):
        y = int(y)
    return torch.pow(x, single(y))


def hypotenuse(input: Tensor, other: Tensor) -> Tensor:
    """Return the square root of the sum of the squares."""
    return torch.sqrt(_add(input * input, other * other))


def signed(input: Tensor, other: Any) -> Tensor:
    """Return values with the signs of others, in their own dtype."""
    return (
        torch.Tensor.to(torch.copysign(input, other), input.dtype) if is_whole(input) else torch.copysign(input, other)
    )


def log_of_sum(input: Tensor, other: Tensor) -> Tensor:
    """Return the logarithm of the sum of the exponentials."""
    return torch.logaddexp(floating(input), floating(other))


def angle_of(input: Tensor, other: Tensor) -> Tensor:
    """Return the angle of (other, input); of integers in float64."""
    angles = torch.atan2(input, other)
    return torch.Tensor.to(angles, torch.float64) if is_whole(input) else angles


def step(input: Tensor, other: Tensor) -> Tensor:
    """Return 0 below zero, 1 above, and the other's value at zero."""
    return torch.where(input == 0, other, torch.Tensor.to(input > 0, input.dtype))


def times_power(x: Tensor, y: Tensor) -> Tensor:
    """Return `x * 2**y`."""
    return floating(x) * torch.pow(2.0, floating(y))


def left_over(input: Tensor, other: Any) -> Tensor:
    """Return the remainder, which has the sign of `other`; of integers by the whole part of a number."""
    return torch.remainder(input, int(other) if is_whole(input) and isinstance(other, float) else other)


def same(x: Tensor, y: Any) -> Tensor:
    """Return where two are equal; a number is taken in the dtype of whole numbers and of bools, 2.5 as 2."""
    if isinstance(y, (int, float)) and not x.is_floating_point() and not x.is_complex():
        y = bool(y) if x.dtype is torch.bool else int(y)
    return compared["eq"](x, y)


_add = promoted(torch.add, scalars=True)
powered = with_number(raised, scalars=True)
compared = {
    name: with_number(getattr(torch, name), scalars=True)
    for name in ("eq", "ne", "less", "greater", "greater_equal", "less_equal")
}

for name in ["add", "sub", "mul"]:
    fn(name, promoted(getattr(torch, name), scalars=True))
fn("multiply", promoted(torch.mul, scalars=True))
for name in ["maximum", "minimum", "fmax", "fmin", "gcd", "lcm"]:
    fn(name, promoted(getattr(torch, name)))
fn("div", promoted(divided, scalars=True))
fn("true_divide", promoted(torch.div, scalars=True), input="", other="")
fn("remainder", with_number(left_over, scalars=True), y="")
fn("floor_divide", with_number(constant(torch.floor_divide), scalars=True), y="")
fn("pow", powered, y="")
fn("copysign", with_number(signed, scalars=True), y="")
fn("hypot", hypotenuse)
fn("logaddexp", promoted(log_of_sum))
fn("atan2", promoted(angle_of))
fn("heaviside", alike(step))
fn("nextafter", alike(constant(torch.nextafter)))
fn("ldexp", times_power)
fn("gammainc", alike(torch.special.gammainc))
fn("gammaincc", alike(torch.special.gammaincc))
for name in ("logical_and", "logical_or", "logical_xor"):
    fn(name, promoted(getattr(torch, name)))
for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    fn(name, alike(getattr(torch, name)))
fn("eq", same, y="")
for name in ("ne", "less", "greater"):
    fn(name, promoted(getattr(torch, name), scalars=True))
fn("ge", promoted(torch.greater_equal, scalars=True))
fn("le", promoted(torch.less_equal, scalars=True))
fn("greater_than", promoted(torch.greater, scalars=True))


def shifted(left: bool) -> Callable[..., Tensor]:
    """Return a shift of bits to one side; without arithmetic, what comes in from the left is zero."""

    def computed(x: Tensor, y: Tensor, is_arithmetic: bool = True) -> Tensor:
        if left:
            return torch.bitwise_left_shift(x, y)
        if is_arithmetic or not x.dtype.is_signed:
            return torch.bitwise_right_shift(x, y)
        unsigned = {1: torch.uint8, 2: torch.uint16, 4: torch.uint32, 8: torch.uint64}[x.dtype.itemsize]
        if unsigned != torch.uint8:
            msg = "is_arithmetic=False is not served here for signed integers to the right; mask the bits yourself."
            raise NotImplementedError(msg)
        return torch.bitwise_right_shift(x.view(unsigned), y.view(unsigned)).view(x.dtype)

    return computed


fn("bitwise_left_shift", shifted(left=True))
fn("bitwise_right_shift", shifted(left=False))


def added(inputs: Any) -> Tensor:
    """Add tensors of one shape."""
    tensors = [inputs] if isinstance(inputs, torch.Tensor) else list(inputs)
    total = torch.clone(tensors[0])
    for tensor in tensors[1:]:
        if tensor.shape != total.shape:
            msg = f"add_n: shapes differ: {list(total.shape)} and {list(tensor.shape)}. Broadcast them with add()."
            raise OperatorError(msg)
        total = total + tensor
    return total


def interpolated(x: Tensor, y: Tensor, weight: Any) -> Tensor:
    """Return `x + weight * (y - x)`."""
    return torch.lerp(x, y, weight.detach() if isinstance(weight, torch.Tensor) else weight)


def equal_all(input: Any, other: Any) -> Tensor:
    """Return whether two tensors have one shape and the same values, as a tensor."""
    same = input.shape == other.shape
    return torch.all(torch.eq(input, other)) if same else torch.zeros_like(input, dtype=torch.bool).any()


def isclose(input: Any, other: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Tensor:
    """Return where values are close."""
    return torch.isclose(input, other, float(rtol), float(atol), equal_nan)


def allclose(input: Any, other: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Tensor:
    """Return whether all values are close, as a tensor."""
    return torch.all(torch.isclose(input, other, float(rtol), float(atol), equal_nan))


fn("add_n", added)
fn("lerp", interpolated, weight="")
fn("equal_all", alike(equal_all))
fn("isclose", alike(isclose))
fn("allclose", alike(allclose))
