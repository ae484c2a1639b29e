"""Rows of functions of one tensor, element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from ..names import NAMES
from .operands import SINGLE, is_whole, number

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function

NAMES.functions(
    torch,
    "abs acos acosh angle asin asinh atan atanh bitwise_not ceil cos cosh digamma erf exp expm1 "
    "floor i0 imag isfinite isinf isnan isneginf isposinf isreal lgamma log log10 log1p log2 logical_not logit "
    "nan_to_num positive real reciprocal rsqrt sgn signbit sin sinc sinh sqrt square "
    "tan tanh trunc",
)
fn("bitwise_invert", torch.bitwise_not)
fn("gammaln", torch.lgamma)
fn("i0e", torch.special.i0e)
fn("i1", torch.special.i1)
fn("i1e", torch.special.i1e)
fn("multigammaln", torch.mvlgamma)
fn("polygamma", lambda x, n: torch.polygamma(n, x))


def negated(x: Tensor) -> Tensor:
    """Return `-x`; a bool is what it was, as -1 is true."""
    return torch.clone(x) if x.dtype is torch.bool else torch.neg(x)


def conjugated(x: Tensor) -> Tensor:
    """Return the conjugate, in memory of its own."""
    return torch.conj_physical(x) if x.is_complex() else torch.clone(x)


def in_degrees(x: Tensor) -> Tensor:
    """Return radians as degrees; a bool is what it was, as all but zero is true."""
    return torch.clone(x) if x.dtype is torch.bool else torch.rad2deg(x)


def in_radians(x: Tensor) -> Tensor:
    """Return degrees as radians; a bool is what it was."""
    return torch.clone(x) if x.dtype is torch.bool else torch.deg2rad(x)


def inverse_error(x: Tensor) -> Tensor:
    """Return what the error function gives `x` for; beyond 1 it is infinite as at 1, its slope too."""
    x = x if x.dtype.is_floating_point else torch.Tensor.to(x, torch.float32)
    within = torch.clamp(torch.Tensor.detach(x), -1, 1)
    # the values of `within`, the gradient of `x`
    return torch.erfinv(torch.where(torch.isfinite(x), within + (x - torch.Tensor.detach(x)), within))


def rounded(input: Tensor, *, decimals: int = 0, out: Any = None) -> Tensor:
    """Round to a number of decimals; integers are."""
    return torch.clone(input) if is_whole(input) else torch.round(input, decimals=decimals, out=out)


def fraction(x: Tensor) -> Tensor:
    """Return what is behind the point."""
    return x - torch.trunc(x)


def sign(input: Tensor, *, out: Any = None) -> Tensor:
    """Return -1, 0 or 1; what is no number stays."""
    signs = torch.sign(input, out=out)
    return signs if is_whole(input) else torch.where(torch.isnan(input), input, signs)


def mantissa(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mantissa and exponent, both of the dtype of `x`."""
    values, exponents = torch.frexp(x)
    return values, torch.Tensor.to(exponents, x.dtype)


fn("conj", conjugated)
fn("rad2deg", in_degrees)
fn("deg2rad", in_radians)
fn("erfinv", inverse_error)
fn("neg", negated)
fn("negative", negated)
fn("round", rounded)
fn("frac", fraction)
fn("sign", sign)
fn("frexp", mantissa)


def clipped(x: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Keep values between two limits: numbers, or tensors with one value or with several."""
    if min is None and max is None:
        return torch.clone(x)
    limits = (
        torch.as_tensor(limit) if isinstance(limit, torch.Tensor) and limit.dim() and len(limit) > 1 else number(limit)
        for limit in (min, max)
    )
    low, high = limits
    if not any(each is None or isinstance(each, torch.Tensor) for each in (low, high)) and low > high:
        msg = f"max should be greater than or equal to min. But received min = {low}, max = {high}."
        raise OperatorError(msg)
    return torch.clamp(x, low, high)


def scaled(x: Tensor, scale: Any = 1.0, bias: Any = 0.0, bias_after_scale: bool = True, act: Any = None) -> Tensor:
    """Return `scale * x + bias`, or `scale * (x + bias)`; of integers with integers."""
    factor, offset = number(scale), number(bias)
    if is_whole(x):
        whole = bool if x.dtype is torch.bool else int
        factor, offset = whole(factor), whole(offset)
    scaled = x * factor + offset if bias_after_scale else (x + offset) * factor
    return scaled if act is None else getattr(torch, act)(scaled)


def incremented(x: Tensor, value: float = 1.0) -> Tensor:
    """Add a number to the only value of a tensor, in place."""
    if torch.Tensor.numel(x) != 1:
        msg = f"The number of elements in Input(X) should be 1. Now it is {torch.Tensor.numel(x)}. Use x + value."
        raise ValueError(msg)
    return torch.Tensor.add_(x, int(value) if is_whole(x) else value)


def scaled_tanh(x: Tensor, scale_a: float = 0.67, scale_b: float = 1.7159) -> Tensor:
    """Return `scale_b * tanh(scale_a * x)`."""
    return scale_b * torch.tanh(scale_a * x)


def cast(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Return the values in another dtype, in memory of their own."""
    return torch.Tensor.to(x, dtype, copy=True)


fn("clip", clipped)
fn("scale", scaled)
fn("increment", incremented)
fn("stanh", scaled_tanh, scale_a=SINGLE, scale_b=SINGLE)
fn("cast", cast)
