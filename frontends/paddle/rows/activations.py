"""Rows of activations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError
from ...names import reads
from ..dtype import dtype_name
from ..names import NAMES
from ..nn.mapped import is_channel_last, mapped
from ..static.executor import trained_by_run
from ..values import refuse_leaf, single
from .operands import SINGLE, is_whole

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["prelu"]

fn = NAMES.function


def here(name: str) -> str:
    """Return the recorded name of a function of `nn.functional`."""
    return f"nn.functional.{name}"


fn(here("relu"), torch.relu)
fn(here("sigmoid"), torch.sigmoid)
NAMES.functions(F, "relu6 mish hardswish glu", "nn.functional.")
fn(here("celu"), F.celu, alpha=SINGLE)
fn(here("elu"), F.elu, alpha=SINGLE)
fn(here("hardtanh"), F.hardtanh, min=reads(single, "min_val"), max=reads(single, "max_val"))
fn(here("softplus"), torch._C._nn.softplus)
fn(here("gelu"), torch._C._nn.gelu, approximate=reads(lambda how: "tanh" if how in (True, "tanh") else "none"))
fn(here("log_sigmoid"), torch._C._nn.log_sigmoid)
fn(here("swish"), torch._C._nn.silu)
fn(here("softshrink"), torch._C._nn.softshrink, threshold=reads(single, "lambd"))


def silu(x: Tensor, inplace: bool = False) -> Tensor:
    """Return `x * sigmoid(x)`, or write it into `x`."""
    if not inplace:
        return torch._C._nn.silu(x)
    refuse_leaf(x)
    return torch.Tensor.copy_(x, torch._C._nn.silu(x.clone()))  # whose gradient needs what is overwritten


def softmax(x: Tensor, axis: int = -1, dtype: torch.dtype | None = None) -> Tensor:
    """Return shares that sum to 1 along an axis."""
    return torch.softmax(x, axis, dtype)


def softmax_of_torch(
    input: Tensor, dim: int | None = None, dtype: torch.dtype | None = None, *, out: Any = None
) -> Tensor:
    """Softmax in torch's words; without an axis along the one that torch once chose: 0 of 0, 1 and 3 axes, else 1."""
    axis = (0 if input.dim() in (0, 1, 3) else 1) if dim is None else dim
    return torch.softmax(input, axis, dtype, out=out)


def log_softmax(x: Tensor, axis: int = -1, dtype: torch.dtype | None = None) -> Tensor:
    """Return the logarithms of shares that sum to 1 along an axis."""
    return torch.log_softmax(x, axis, dtype)


def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Multiply what is below zero; the gradient at zero is 1, where torch's is the slope."""
    if is_whole(x):
        msg = f"leaky_relu takes floating-point numbers, not {dtype_name(x.dtype)}. Convert x with astype('float32')."
        raise RuntimeError(msg)
    return torch.where(x < 0, x * negative_slope, x)


@trained_by_run
def rrelu(x: Tensor, lower: float = 0.125, upper: float = 1 / 3, training: bool = True) -> Tensor:
    """Multiply what is below zero by drawn slopes, in training, or by the middle of their range."""
    if training:
        return torch.where(x < 0, torch.rrelu(x, lower, upper, training), x)
    return leaky_relu(x, single((lower + upper) / 2))


def softsign(x: Tensor) -> Tensor:
    """Return `x / (1 + |x|)`."""
    return x / (1 + torch.abs(x))


def hardshrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Return what is at least `threshold` from zero, and zeros elsewhere."""
    return torch.where(torch.abs(x) >= threshold, x, 0.0)


def selu(x: Tensor, scale: float = 1.0507009873554805, alpha: float = 1.6732632423543772) -> Tensor:
    """Return `scale * x` above zero, and `scale * alpha * (exp(x) - 1)` below."""
    found = scale * torch.where(x > 0, x, alpha * torch.expm1(torch.clamp(x, max=0)))
    if x.dtype is torch.float64:
        # the release's gradient below zero is what comes out plus `scale * alpha`, a product in float32
        finite = torch.clamp(x, -1e30, 0)
        found = found + (single(scale * alpha) - scale * alpha) * (finite - torch.Tensor.detach(finite))
    return found


def tanhshrink(x: Tensor) -> Tensor:
    """Return `x - tanh(x)`."""
    return x - torch.tanh(x)


def hardsigmoid(x: Tensor, slope: float = 0.1666667, offset: float = 0.5) -> Tensor:
    """Return `slope * x + offset`, cut to [0, 1]."""
    return torch.clamp(x * slope + offset, 0, 1)


def thresholded_relu(x: Tensor, threshold: float = 1.0, value: float = 0.0) -> Tensor:
    """Return what is above the threshold, and `value` elsewhere."""
    return torch.where(x > threshold, x, value)


def maxout(x: Tensor, groups: int, axis: int = 1) -> Tensor:
    """Return the greatest of each group of channels."""
    if x.dim() != 4:
        msg = f"x's dims should be 4, but received x's dims is: {x.dim()}."
        raise ValueError(msg)
    # not amax: of equal ones the first alone takes the gradient
    return torch.max(torch.unflatten(x, axis, (x.shape[axis] // groups, groups)), axis % x.dim() + 1)[0]


def prelu(x: Tensor, weight: Tensor, data_format: str = "NCHW") -> Tensor:
    """Multiply what is below zero by `weight`: one number, or one per channel."""
    return mapped(F.prelu, x, weight, channel_last=is_channel_last(data_format, "prelu"))


def swiglu(x: Tensor, y: Any = None) -> Tensor:
    """Return `silu(x) * y`; without `y`, of the two halves of the last axis."""
    if y is None and x.dim() and x.shape[-1] % 2:
        msg = f"The last dim of Input(X) should be exactly divided by 2; x is {list(x.shape)}. Give `y` beside it."
        raise OperatorError(msg)
    gate, values = torch.chunk(x, 2, -1) if y is None else (x, y)
    return torch._C._nn.silu(gate) * values


fn("softmax", softmax_of_torch)
fn(here("silu"), silu)
fn(here("softmax"), softmax)
fn(here("log_softmax"), log_softmax)
fn(here("hardshrink"), hardshrink)
fn(here("selu"), selu, scale=SINGLE, alpha=SINGLE)
fn(here("softsign"), softsign)
fn(here("tanhshrink"), tanhshrink)
fn(here("hardsigmoid"), hardsigmoid, slope=SINGLE, offset=SINGLE)
fn(here("thresholded_relu"), thresholded_relu)
fn(here("maxout"), maxout)
fn(here("prelu"), prelu)
fn(here("swiglu"), swiglu)
fn(here("leaky_relu"), leaky_relu)
fn(here("rrelu"), rrelu, lower=SINGLE, upper=SINGLE)
