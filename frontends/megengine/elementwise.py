"""Rows of elementwise functions; MegEngine's take numbers, arrays and lists beside tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import torch

from ...backend import OperatorError
from .arguments import ArgumentError
from .casting import widened
from .names import NAMES
from .operands import operands, promoted, tensor_of, with_an_axis
from .tensor import Parameter
from .tensor import Tensor as MegEngineTensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["added", "binary", "divided", "multiplied", "unary"]

fn = NAMES.function


def named(compute: Any) -> Any:
    """Return what torch calls a function, for messages."""
    return getattr(compute, "__name__", "the function")


def of_class(result: Tensor, *values: Any) -> Tensor:
    """Give a result MegEngine's class where no operand was a tensor, whose class it would have."""
    return result if any(isinstance(each, torch.Tensor) for each in values) else result.as_subclass(MegEngineTensor)


def refuse(dtype: torch.dtype, compute: Any) -> NoReturn:
    """Raise the error that MegEngine has no such function for a dtype."""
    msg = (
        f"{named(compute)} has no {str(dtype).removeprefix('torch.')} in MegEngine. Convert the operand with astype()."
    )
    raise OperatorError(msg)


OWN = (MegEngineTensor, Parameter)
NUMBERS = (int, float)


def of_own(compute: Callable[..., Tensor], x: Any, y: Any) -> Tensor | None:
    """Compute with MegEngine's own tensors of one dtype, or a floating one and a number, as with plain tensors.

    So nothing is dispatched, which is most of what a small operation costs. None where they are something else.
    """
    kinds = type(x), type(y)
    if torch.compiler.is_compiling() or not (kinds[0] in OWN or kinds[1] in OWN):
        return None
    with torch._C.DisableTorchFunctionSubclass():
        if kinds[1] in NUMBERS:
            if not x.dtype.is_floating_point:
                return None
            y = torch.scalar_tensor(y, dtype=x.dtype, device=x.device)
        elif kinds[0] in NUMBERS:
            if not y.dtype.is_floating_point:
                return None
            x = torch.scalar_tensor(x, dtype=y.dtype, device=y.device)
        elif not (kinds[0] in OWN and kinds[1] in OWN and x.dtype == y.dtype):
            return None
        return compute(x, y).as_subclass(MegEngineTensor)


def unary(compute: Callable[[Tensor], Tensor], *, ints: bool = True, wide: bool = False) -> Callable[[Any], Tensor]:
    """Return a function of one operand, a tensor or what becomes one; bools are refused, and ints if asked for.

    Args:
        compute: the function of a tensor.
        ints: whether integers are computed.
        wide: whether `autocast` has it computed in the longer dtype.
    """

    def checked(value: Tensor) -> Tensor:
        if value.dtype == torch.bool or not (ints or value.is_floating_point() or value.is_complex()):
            refuse(value.dtype, compute)
        return compute(widened(value) if wide else value)

    def computed(x: Any) -> Tensor:
        if type(x) not in OWN or torch.compiler.is_compiling():
            return of_class(checked(*operands(x)), x)
        with torch._C.DisableTorchFunctionSubclass():
            return checked(x).as_subclass(MegEngineTensor)

    computed.__name__ = computed.__qualname__ = named(compute)
    return computed


def binary(
    compute: Callable[[Tensor, Tensor], Tensor], *, bools: bool = False, floats: bool = False, wide: bool = False
) -> Callable[[Any, Any], Tensor]:
    """Return a function of two operands in the dtype that they have in common; bools are refused unless they may be.

    Args:
        compute: the function of tensors.
        bools: whether bools are computed.
        floats: whether integers are computed as float32.
        wide: whether `autocast` has it computed in the longer dtype.
    """

    def checked(left: Tensor, right: Tensor) -> Tensor:
        if left.dtype == torch.bool and not bools:
            refuse(left.dtype, compute)
        if floats and not (left.is_floating_point() or left.is_complex()):
            left, right = left.float(), right.float()
        return compute(widened(left), widened(right)) if wide else compute(left, right)

    def computed(x: Any, y: Any) -> Tensor:
        result = of_own(checked, x, y)
        return of_class(checked(*operands(x, y)), x, y) if result is None else result

    computed.__name__ = computed.__qualname__ = named(compute)
    return computed


def only(kind: str, compute: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function that takes operands of one kind only: 'bool' or 'int'."""

    def checked(*values: Tensor) -> Tensor:
        dtype = values[0].dtype
        if (dtype == torch.bool) != (kind == "bool") or dtype.is_floating_point:
            refuse(dtype, compute)
        return compute(*values)

    checked.__name__ = named(compute)
    return checked


def rounded(x: Tensor) -> Tensor:
    """Round halves away from zero, as C does."""
    whole = torch.trunc(x)
    return whole + torch.sign(x) * (torch.abs(x - whole) >= 0.5)


def larger(x: Tensor, y: Tensor) -> Tensor:
    """Return the larger; of two alike the first, which gets the gradient."""
    return torch.where(torch.ge(x, y), x, y)


def smaller(x: Tensor, y: Tensor) -> Tensor:
    """Return the smaller; of two alike the first, which gets the gradient."""
    return torch.where(torch.le(x, y), x, y)


def modulus(x: Tensor, y: Tensor) -> Tensor:
    """Return what a division leaves: C's of floats, with the sign of `x`; Python's of integers, with that of `y`.

    The divisor gets no gradient, as in the release.
    """
    return torch.fmod(x, y.detach()) if x.is_floating_point() else torch.remainder(x, y)


def floored(x: Tensor, y: Tensor) -> Tensor:
    """Divide, and round down, of which there are no gradients."""
    x, y = x.detach(), y.detach()
    return torch.floor(torch.true_divide(x, y)) if x.is_floating_point() else torch.floor_divide(x, y)


def shifted(shift: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a shift as of C's int on the machines that the release is for, which take the number of bits modulo 32."""

    def computed(x: Tensor, bits: Tensor) -> Tensor:
        return shift(x.int(), torch.bitwise_and(bits.int(), 31)).to(x.dtype)

    computed.__name__ = shift.__name__
    return computed


def between(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """Return `lower` where `x` is not above it, else `upper` where `x` is above that."""
    return torch.where(torch.le(x, lower), torch.clamp(x, min=lower), torch.clamp(x, max=upper))


def clipped(x: Any, lower: Any = None, upper: Any = None) -> Tensor:
    """Clip to [`lower`, `upper`]; None leaves that side open, and what is not above `lower` is that.

    Raises:
        AssertionError: both are None (a ValueError and RuntimeError too).

    >>> clipped(torch.tensor([-2.0, 0.5, 2.0]), -1, 1).tolist()
    [-1.0, 0.5, 1.0]
    """
    if lower is None and upper is None:
        msg = "At least one of 'lower' or 'upper' must not be None; give one."
        raise ArgumentError(msg)
    values = [each for each in (x, lower, upper) if each is not None]
    given = operands(*values)
    if given[0].dtype == torch.bool:
        refuse(torch.bool, clipped)
    if len(given) == 3:
        return of_class(between(*given), *values)
    return of_class(torch.clamp(given[0], **{"max" if lower is None else "min": given[1]}), *values)


divided = binary(torch.true_divide, wide=True)
angle = binary(torch.atan2, floats=True, wide=True)


def arc(y: Any, x: Any) -> Tensor:
    """Return the angle of the point (x, y)."""
    return angle(y, x)


WIDE = "acos acosh asin asinh atanh cos cosh exp expm1 log log1p sin sinh sqrt tan"
for name in f"abs atan ceil floor neg sign square tanh {WIDE}".split():
    fn(f"functional.{name}", unary(getattr(torch, name), wide=name in WIDE.split()))


def of_floats(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """Return a function that finds numbers, with one axis at least; among integers and bools there are none."""

    def computed(inp: Tensor) -> Tensor:
        return with_an_axis(function)(inp) if inp.is_floating_point() else torch.zeros_like(inp, dtype=torch.bool)

    return computed


fn("functional.round", unary(rounded))
fn("functional.logical_not", lambda x: only("bool", torch.logical_not)(*operands(x)))
for name, found in (("isnan", torch.isnan), ("isinf", torch.isinf)):
    fn(f"functional.{name}", of_floats(found))

added, multiplied = binary(torch.add), binary(torch.mul)
fn("functional.add", added)
fn("functional.mul", multiplied)
fn("functional.sub", binary(torch.sub))
fn("functional.div", divided)
fn("functional.floor_div", binary(floored))
fn("functional.mod", binary(modulus))
fn("functional.pow", binary(torch.pow, floats=True, wide=True))
fn("functional.maximum", binary(larger))
fn("functional.minimum", binary(smaller))
fn("functional.atan2", arc)
fn("functional.logaddexp", binary(torch.logaddexp, floats=True, wide=True))
fn("functional.clip", clipped)
for name, function in (
    ("equal", torch.eq),
    ("not_equal", torch.ne),
    ("less", torch.lt),
    ("less_equal", torch.le),
    ("greater", torch.gt),
    ("greater_equal", torch.ge),
):
    fn(f"functional.{name}", binary(function, bools=True))
for name in ("and", "or", "xor"):
    fn(f"functional.logical_{name}", binary(only("bool", getattr(torch, f"logical_{name}")), bools=True))
fn("functional.left_shift", binary(only("int", shifted(torch.bitwise_left_shift)), bools=True))
fn("functional.right_shift", binary(only("int", shifted(torch.bitwise_right_shift)), bools=True))


def where(mask: Any, x: Any, y: Any) -> Tensor:
    """Return `x` where the mask is true, and `y` elsewhere.

    Raises:
        TypeError: an operand is no tensor.
        ValueError: the mask is not of bools (a RuntimeError too).
    """
    for label, value in (("mask", mask), ("input x", x), ("input y", y)):
        tensor_of(value, label)
    if mask.dtype != torch.bool:
        msg = f"mask must be bool, not {mask.dtype}. Compare it with something, or use astype(bool)."
        raise OperatorError(msg)
    first, second = promoted([x, y])
    return torch.where(mask, first, second)


fn("functional.where", where)
