"""Elementwise functions of two tensors, comparisons and logic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..values import single
from .activations import acting
from .names import row
from .tensor import power, quotient, remainder

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []


def aligned(x: Tensor, y: Tensor, axis: int) -> Tensor:
    """Return `y` with axes of size 1 at its end: its axes are those of `x` from `axis` on; -1: the last ones."""
    if axis == -1 or x.dim() < y.dim():
        return y
    return y.reshape([*y.shape, *[1] * (x.dim() - axis - y.dim())])


def elementwise(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """Return a function of two tensors that takes fluid's `axis` and `act`."""

    def applied(x: Tensor, y: Tensor, axis: int = -1) -> Tensor:
        return function(x, aligned(x, y, axis))

    return acting(applied)


def chosen(above: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the greater or the less of two, and NaN for one; of equal ones the second takes the gradient."""
    return lambda x, y: torch.where(above(x, y) | torch.isnan(x), x, y)


for _name, _function in (
    ("add", torch.add),
    ("sub", torch.sub),
    ("mul", torch.mul),
    ("div", quotient),
    ("floordiv", quotient),
    ("mod", remainder),
    ("max", chosen(torch.gt)),
    ("min", chosen(torch.lt)),
    ("pow", power),
):
    row(f"elementwise_{_name}")(elementwise(_function))


def compared(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """Return a comparison, or logic, that writes into a tensor where one is given."""

    def written(x: Tensor, y: Tensor, out: Tensor | None = None) -> Tensor:
        found = function(x, y)
        return found if out is None else out.copy_(found)

    return written


for _name, _torch in (
    ("equal", torch.eq),
    ("not_equal", torch.ne),
    ("less_than", torch.lt),
    ("less_equal", torch.le),
    ("greater_than", torch.gt),
    ("greater_equal", torch.ge),
):
    row(_name, cond="out")(compared(_torch))
row("elementwise_equal")(torch.eq)
for _name in ("and", "or", "xor"):
    row(f"logical_{_name}")(compared(getattr(torch, f"logical_{_name}")))


@row("logical_not")
def logical_not(x: Tensor, out: Tensor | None = None) -> Tensor:
    """Return the opposite of booleans."""
    return torch.logical_not(x) if out is None else out.copy_(torch.logical_not(x))


@row("isfinite")
def isfinite(x: Tensor) -> Tensor:
    """Return whether all values are finite, in shape (1,)."""
    return torch.isfinite(x).all().reshape(1)


@row("has_inf")
def has_inf(x: Tensor) -> Tensor:
    """Return whether a value is infinite, in shape (1,)."""
    return torch.isinf(x).any().reshape(1)


@row("has_nan")
def has_nan(x: Tensor) -> Tensor:
    """Return whether a value is no number, in shape (1,)."""
    return torch.isnan(x).any().reshape(1)


@row("clip")
@row("clamp")
def clip(x: Tensor, min: float | None = None, max: float | None = None) -> Tensor:
    """Limit values to [min, max]."""
    # as fluid's, the gradient is 0 at the limits themselves
    limited = torch.clamp(x, min, max)
    inside = torch.ones_like(x, dtype=torch.bool)
    if min is not None:
        inside = inside & (x > min)
    if max is not None:
        inside = inside & (x < max)
    return torch.where(inside, x, limited.detach())


@row("scale")
def scale(x: Tensor, scale: Any = 1.0, bias: float = 0.0, bias_after_scale: bool = True, act: Any = None) -> Tensor:
    """Return `scale * x + bias`, or `scale * (x + bias)`."""
    return scaled(x, scale, bias, bias_after_scale, act=act)


@acting
def scaled(x: Tensor, factor: Any, bias: float, bias_after_scale: bool) -> Tensor:
    """See `scale`."""
    whole = not (x.is_floating_point() or x.is_complex())
    if not isinstance(factor, torch.Tensor):
        factor = int(factor) if whole else single(factor)
    bias = int(bias) if whole else single(bias)
    found: Tensor = factor * x + bias if bias_after_scale else factor * (x + bias)
    return found


@row("sums", input="")
@row("sum", x="")
def sums(input: Any, out: Tensor | None = None) -> Tensor:
    """Return the sum of a list of tensors."""
    found = torch.stack(list(input)).sum(0) if isinstance(input, (list, tuple)) else input.clone()
    return found if out is None else out.copy_(found)


@row("addcmul")
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, value: float = 1.0) -> Tensor:
    """Return `input + value * tensor1 * tensor2`."""
    return input + tensor1 * tensor2 * value
