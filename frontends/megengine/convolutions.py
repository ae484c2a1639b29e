"""Rows of convolutions of lines, planes and volumes; the transposed one of volumes is written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...backend import OperatorError, OperatorTypeError
from ...backend.convolution import conv3d as of_volumes
from ..tensor import like, plain
from .arguments import ArgumentError, check_output_padding, numbers
from .casting import shortened
from .names import NAMES
from .operands import common_dtype, tensor_of
from .products import COMPUTE

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function
AXES = {1: "W", 2: "H, W", 3: "D, H, W"}


class ConvolutionModeError(ArgumentError, AttributeError):
    """MegEngine raises an AssertionError in 3-D and an AttributeError else."""


def arranged(input: Tensor, weight: Any, bias: Any, groups: int, rank: int) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return plain operands in torch's layout and one dtype.

    Raises:
        TypeError: an operand is no tensor, or all are integers.
        RuntimeError: one has another number of axes (a ValueError too).
        AssertionError: the weight of a 1-D convolution is grouped.
    """
    kernel = plain(tensor_of(weight, "weight"))
    if rank == 1 and kernel.dim() != 3:
        msg = f"the weight dimension of conv1d should be 3; it is {kernel.dim()}, shape {tuple(kernel.shape)}."
        raise ArgumentError(msg)
    if input.dim() != rank + 2 or kernel.dim() != rank + (2 if groups == 1 or rank == 1 else 3):
        wanted = rank + (2 if groups == 1 else 3)
        msg = (
            f"inp has {input.dim()} axes and weight {kernel.dim()}; with groups={groups} they must have {rank + 2} and "
            f"{wanted}: (N, C_in, {AXES[rank]}) and the kernel{'' if groups == 1 else ' behind an axis of groups'}. "
            f"Reshape them."
        )
        raise OperatorError(msg)
    values = plain(input)
    flat = None if bias is None else torch.flatten(plain(tensor_of(bias, "bias")))
    if groups > 1 and rank > 1:
        kernel = torch.flatten(kernel, 0, 1)
    if not (values.is_floating_point() or kernel.is_floating_point()):
        msg = (
            f"inp is {values.dtype} and weight is {kernel.dtype}; one of them must be floating. Use astype('float32')."
        )
        raise OperatorTypeError(msg)
    if torch.is_autocast_enabled(values.device.type):
        return values, kernel, flat
    if rank < 3:
        values, kernel, *rest = shortened(values, kernel, *([] if flat is None else [flat]))
        flat = rest[0] if rest else None
    dtype = common_dtype([values.dtype, kernel.dtype, *([] if flat is None else [flat.dtype])])
    return values.to(dtype), kernel.to(dtype), None if flat is None else flat.to(dtype)


def check_mode(value: Any) -> None:
    """Check that a convolution is the cross-correlation of neural networks, which MegEngine's only is.

    Raises:
        AssertionError: it is another (an AttributeError too).
    """
    if value not in ("cross_correlation", "CROSS_CORRELATION"):
        msg = f"conv_mode={value!r}; only 'cross_correlation' is legal. Flip the kernel yourself."
        raise ConvolutionModeError(msg)


def convolution(rank: int, compute: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return MegEngine's convolution of that many axes."""

    def convolved(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        conv_mode: Any = "cross_correlation",
    ) -> Tensor:
        check_mode(conv_mode)
        given = arranged(input, weight, bias, groups, rank)
        sizes = numbers(stride, "stride", 1, rank), numbers(padding, "padding", 0, rank)
        return like(compute(*given, *sizes, numbers(dilation, "dilation", 1, rank), groups), input)

    return convolved


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    conv_mode: Any = "cross_correlation",
) -> Tensor:
    """Apply the transposed convolution of planes; the weight is `(C_in, C_out, kH, kW)`, grouped as in 3-D."""
    check_mode(conv_mode)
    given = arranged(input, weight, bias, groups, 2)
    strides, extra = numbers(stride, "stride", 1, 2), numbers(output_padding, "output_padding", -1, 2)
    check_output_padding(extra, strides)
    sides, steps = numbers(padding, "padding", 0, 2), numbers(dilation, "dilation", 1, 2)
    return like(F.conv_transpose2d(*given, strides, sides, extra, groups, steps), input)


fn("functional.conv1d", convolution(1, F.conv1d), compute_mode=COMPUTE)
fn("functional.conv2d", convolution(2, F.conv2d), compute_mode=COMPUTE)
fn("functional.conv3d", convolution(3, of_volumes))
fn("functional.conv_transpose2d", conv_transpose2d, compute_mode=COMPUTE)
