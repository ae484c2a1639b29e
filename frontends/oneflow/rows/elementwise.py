"""Rows of functions that compute each element by itself, of one tensor or of two that are broadcast."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch

from ..names import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function

NAMES.functions(torch, "abs acos acosh ceil cos cosh erf erfc exp expm1 floor lgamma log log10 log1p log2")
NAMES.functions(torch, "reciprocal round rsqrt sigmoid sin sinh sqrt tan tanh trunc logical_not isnan isinf isfinite")
NAMES.functions(torch, "arcsin arcsinh arctan arctanh erfinv atan2 equal")
NAMES.functions(torch, "addcmul addcdiv maximum minimum")


def operand(value: Any) -> Tensor:
    """Return an operand that must be a tensor.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, torch.Tensor):
        msg = f"an operand must be tensor, not {type(value)}: {value!r:.80}. Convert it with oneflow.tensor()."
        raise TypeError(msg)
    return value


def floating(function: Callable[..., Tensor]) -> Callable[[Tensor], Tensor]:
    """Return a function that gives float32 for integers and booleans, where torch's keeps them."""

    def of_numbers(x: Tensor) -> Tensor:
        return function(x if operand(x).is_floating_point() else x.to(torch.get_default_dtype()))

    return of_numbers


def logaddexp(x: Tensor, other: Tensor) -> Tensor:
    """Return the logarithm of the sum of two exponentials; float32 for integers."""
    floats = (each.float() if operand(each).dtype in (torch.int32, torch.int64) else each for each in (x, other))
    return torch.logaddexp(*floats)


fn("logaddexp", logaddexp, y="other")


for name in ("neg", "sign", "square"):
    fn(name, floating(getattr(torch, name)))


def of_two(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function of two operands whose first may be a number too, which torch wants to be a tensor.

    Raises:
        TypeError: neither is a tensor.
    """

    @functools.wraps(function)
    def either(input: Any, other: Any, **options: Any) -> Tensor:
        if isinstance(other, torch.Tensor) and isinstance(input, (bool, int, float)):
            # without axes, it takes part in torch's promotion as the number does
            input = torch.tensor(input, device=other.device)
        return function(operand(input), other, **options)

    return either


def logical(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a logical function of two operands, of which one may be a number: it is true unless it is 0."""

    def either(input: Any, other: Any) -> Tensor:
        if isinstance(other, (bool, int, float)):
            input, other = other, input
        return of_two(function)(input, other)

    return either


def is_bool(value: Any) -> bool:
    """Whether a value is a tensor of bools."""
    if not isinstance(value, torch.Tensor):
        return False
    with torch._C.DisableTorchFunctionSubclass():  # an attribute of a subclass takes as long as a small sum
        return value.dtype == torch.bool


def of_bools(function: Callable[..., Any], bools: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of two operands that is another one of two tensors of bools, as in the release."""

    @functools.wraps(function)
    def either(input: Any, other: Any, **options: Any) -> Any:
        return (bools if is_bool(input) and is_bool(other) else function)(input, other, **options)

    return either


def near(input: Tensor, other: Tensor, atol: float = 1e-08, rtol: float = 1e-05, equal_nan: bool = False) -> Tensor:
    """Say of each pair of bools whether it is close: any limit above 0 is True, and lets all be."""
    del equal_nan
    limit = atol + rtol * other.to(torch.float64)
    return torch.le(torch.logical_xor(input, other), limit != 0)


for name in ("add", "mul", "eq", "ne", "lt", "le", "ge", "greater"):
    fn(name, of_two(getattr(torch, name)))


subtract, divided = of_two(torch.sub), of_two(torch.div)


def difference(input: Any, other: Any, alpha: float = 1) -> Tensor:
    """Subtract; bools beside other operands are numbers, and of two tensors of bools, where the first alone is true."""
    if not (is_bool(input) or is_bool(other)):
        return subtract(input, other, alpha=alpha)
    if is_bool(input) and is_bool(other) and alpha == 1:
        return torch.gt(input, other)
    common = torch.result_type(input, other)
    dtype = torch.int64 if common == torch.bool else common
    ours, theirs = (each.to(dtype) if isinstance(each, torch.Tensor) else +each for each in (input, other))
    return subtract(ours, theirs, alpha=alpha)


def quotient(input: Any, other: Any) -> Tensor:
    """Divide; bools by an integer are integers, cut towards zero, and by bools, as C has it, what they are.

    Raises:
        NotImplementedError: bools are divided by True or False.
    """
    if is_bool(input) and is_bool(other):
        return torch.logical_or(input, torch.logical_and(input, other))
    if is_bool(input) and isinstance(other, bool):
        msg = f"div(): other={other}: the scalar in scalar_div should be float or int. Give 1, or a tensor."
        raise NotImplementedError(msg)
    if is_bool(input) and isinstance(other, int):
        return torch.div(input.to(torch.int64), other, rounding_mode="trunc")
    return divided(input, other)


rest = of_bools(torch.fmod, lambda x, y: torch.zeros_like(torch.logical_or(x, y)))
fn("sub", difference)
fn("div", quotient)
fn("fmod", rest)
fn("isclose", of_bools(torch.isclose, near))
fn("allclose", of_bools(torch.allclose, lambda *operands, **limits: bool(near(*operands, **limits).all())))
logical_and, logical_or, logical_xor = (
    logical(each) for each in (torch.logical_and, torch.logical_or, torch.logical_xor)
)
fn("logical_and", logical_and)
fn("logical_or", logical_or)
fn("logical_xor", logical_xor)


negative = floating(torch.neg)


def is_floating(*operands: Any) -> bool:
    """Whether an operand is of floating point, which `torch.result_type` says too, but not to a tracer."""
    return any(
        each.is_floating_point() if isinstance(each, torch.Tensor) else isinstance(each, float) for each in operands
    )


def floor_divide(input: Tensor, other: Any) -> Tensor:
    """Divide; integers are cut towards zero, as C does, and floating-point quotients are rounded down."""
    rounding = "floor" if is_floating(input, other) else "trunc"
    return torch.div(operand(input), other, rounding_mode=rounding)


def power(input: Any, exponent: Any) -> Tensor:
    """Raise to a power; float32 where both are tensors of integers."""
    both = isinstance(input, torch.Tensor) and isinstance(exponent, torch.Tensor)
    if both and not is_floating(input, exponent):
        input = input.to(torch.get_default_dtype())
    return torch.pow(input, exponent)


fn("floor_divide", floor_divide)
fn("pow", power)


def clamp(input: Tensor, min: float | None = None, max: float | None = None) -> Tensor:
    """Limit to a range; the bounds of integers are cut towards zero.

    Raises:
        TypeError: a bound is no number.
    """
    for bound in (min, max):
        if not isinstance(bound, (bool, int, float, type(None))):
            msg = f"clamp(): a bound must be a number, not {type(bound).__name__}. Use minimum() or maximum()."
            raise TypeError(msg)
    if not operand(input).is_floating_point():
        min, max = (None if bound is None else int(bound) for bound in (min, max))
    return torch.clamp(input, min, max)


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Return the input with a number where the mask holds; integers take its whole part."""
    value = value.item() if isinstance(value, torch.Tensor) else value
    return torch.masked_fill(input, mask != 0, value if input.is_floating_point() else int(value))


def in_place(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function that writes what another gives into its first operand, and returns that."""

    @functools.wraps(function)
    def write(input: Tensor, *args: Any, **options: Any) -> Tensor:
        # what gradients are computed from must not be written
        operand = input.clone() if input.requires_grad and not input.is_leaf else input
        return torch.Tensor.copy_(input, function(operand, *args, **options))

    return write


for name in ("clamp", "clip", "clamp_min", "clamp_max"):
    fn(name, clamp)
fn("masked_fill", masked_fill)
for name in ("clamp_", "clip_", "clamp_min_"):
    fn(name, in_place(clamp))
fn("clamp_max_", in_place(clamp), min="max")  # that is its argument's name in the release
fn("masked_fill_", in_place(masked_fill))


def divide(input: Tensor, other: Any) -> Tensor:
    """Divide in place."""
    return in_place(quotient)(input, other) if is_bool(operand(input)) else torch.Tensor.div_(input, other)


for name in ("floor_", "sin_", "erfinv_"):
    fn(name, getattr(torch.Tensor, name))
fn("div_", divide)


def where(condition: Tensor, x: Any = None, y: Any = None) -> Any:
    """Choose between two; without them, say where the condition holds.

    A number beside a tensor is of float64 or int64, to which both are promoted.

    Raises:
        RuntimeError: the condition is of floating point, or the dtypes of two tensors differ.
    """
    if x is None and y is None:
        return torch.nonzero(condition, as_tuple=True)
    if condition.is_floating_point():
        msg = f"where(): the condition is of {condition.dtype}; it must be bool or of integers. Compare it first."
        raise RuntimeError(msg)
    tensors = [each for each in (x, y) if isinstance(each, torch.Tensor)]
    if len({each.dtype for each in tensors}) > 1:
        msg = f"where(): x is of {x.dtype} and y of {y.dtype}; they must be of one dtype. Convert one with to()."
        raise RuntimeError(msg)
    if len(tensors) == 1:
        wide = torch.float64 if isinstance(x if tensors[0] is y else y, float) else torch.int64
        dtype = torch.promote_types(wide, tensors[0].dtype)
        x, y = (each.to(dtype) if isinstance(each, torch.Tensor) else each for each in (x, y))
    return torch.where(condition != 0, x, y)


fn("where", where)
