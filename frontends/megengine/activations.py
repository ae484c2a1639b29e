"""Rows of activations, and of the functions of networks that are nearly elementwise: linear, embedding, dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F

from ...backend import OperatorError
from ..names import reads
from ..tensor import like, plain
from .arguments import ArgumentError
from .casting import shortened
from .elementwise import of_class, refuse, unary
from .names import NAMES
from .operands import operands, promoted, tensor_of
from .products import COMPUTE, matmul

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def of_floats(x: Tensor) -> Tensor:
    """Return float32 of integers."""
    return x if x.is_floating_point() else x.float()


def rectified(x: Tensor) -> Tensor:
    """Return the larger of `x` and 0."""
    return torch.relu(x)


def rectified_to_six(x: Tensor) -> Tensor:
    """Clip to [0, 6], without gradients at the ends."""
    return F.relu6(x) if x.is_floating_point() else torch.clamp(x, 0, 6)


def leaky(input: Any, negative_slope: float = 0.01) -> Tensor:
    """Multiply what is below zero by `negative_slope`."""
    (value,) = operands(input)
    if value.dtype == torch.bool:
        refuse(value.dtype, leaky)
    value = of_floats(value)
    return of_class(kinked(value, negative_slope), input)


def kinked(x: Tensor, slope: Any) -> Tensor:
    """Multiply what is below zero; at zero the gradient is 1, as MegEngine's is."""
    return torch.where(torch.ge(x, 0), x, torch.mul(x, slope))


ANY = reads(lambda inp: inp)
fn("functional.relu", unary(rectified))
fn("functional.relu6", unary(rectified_to_six))
fn("functional.leaky_relu", leaky, inp=ANY)
fn("functional.sigmoid", unary(torch.sigmoid, ints=False))
fn("functional.silu", unary(F.silu, ints=False))
fn("functional.gelu", unary(F.gelu, ints=False))
fn("functional.hswish", unary(F.hardswish, ints=False))
fn("functional.hsigmoid", unary(lambda x: F.hardsigmoid(of_floats(x)), wide=True))
fn("functional.softplus", unary(lambda x: F.softplus(of_floats(x)), wide=True), inp=ANY)
fn("functional.logsigmoid", unary(lambda x: F.logsigmoid(of_floats(x)), wide=True), inp=ANY)


def prelu(x: Any, y: Any) -> Tensor:
    """Multiply what is below zero by `y`, which broadcasts: `(1,)`, or `(1, C, 1, 1)` for `(N, C, H, W)`."""
    values, slope = operands(plain(tensor_of(x, "x")), plain(tensor_of(y, "y")))
    return like(kinked(values, slope), x)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return `input` times the transposed weight `(out, in)`, plus the bias `(out,)`.

    Raises:
        TypeError: an operand is no tensor.
    """
    product = matmul(plain(input), plain(tensor_of(weight, "weight")), transpose_b=True)
    if bias is not None:
        product = torch.add(*promoted([product, *shortened(plain(tensor_of(bias, "bias")))]))
    return like(product, input)


def embedding(
    input: Any, weight: Tensor, padding_idx: Any = None, max_norm: Any = None, norm_type: Any = None
) -> Tensor:
    """Return rows of the weight, by index, a tensor or an array.

    Raises:
        ValueError: an argument that MegEngine does not support either (a RuntimeError too).
        RuntimeError: the indices are no integers.
    """
    if (padding_idx, max_norm, norm_type) != (None, None, None):
        msg = "Not support padding_idx, max_norm or norm_type, as in MegEngine; legal is None. Leave them out."
        raise OperatorError(msg)
    if isinstance(input, np.ndarray):
        input = torch.as_tensor(input, device=weight.device)
    if tensor_of(input).is_floating_point():
        msg = f"indices of {input.dtype}; they must be integers. Use astype('int32')."
        raise OperatorError(msg)
    return like(F.embedding(plain(input), plain(tensor_of(weight, "weight"))), weight)


def dropout(input: Tensor, drop_prob: float, training: bool = True) -> Tensor:
    """Set elements to zero with probability `drop_prob`, 0 to below 1, and scale the others by `1 / (1 - drop_prob)`.

    Raises:
        AssertionError: the probability is out of range (a ValueError and RuntimeError too).
    """
    if not 0 <= drop_prob < 1:
        msg = f"drop_prob={drop_prob}; legal are 0 to below 1. Lower it."
        raise ArgumentError(msg)
    return F.dropout(input, drop_prob, training) if training and drop_prob else input


fn("functional.prelu", prelu)
fn("functional.linear", linear, compute_mode=COMPUTE)
fn("functional.embedding", embedding, inp=ANY)
fn("functional.dropout", dropout)
