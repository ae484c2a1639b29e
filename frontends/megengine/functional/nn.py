"""Mirrors `megengine.functional.nn`: the transposed convolution; rows make the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import ConvTranspose3dSpec, OperatorError, OperatorTypeError
from ....backend.arguments import integer
from ....backend.caching import remembered
from ...calls import explain_calls
from ...tensor import like, plain, run
from ..arguments import check_output_padding, triple

if TYPE_CHECKING:
    from ..arguments import Size

__all__ = ["conv_transpose3d"]


def conv_transpose3d(
    inp: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> torch.Tensor:
    """Apply a 3-D transposed convolution; same arguments, in the same order, as MegEngine's function.

    Operands of different dtypes are promoted as in MegEngine: to the widest floating dtype among them, in which an
    integer operand counts as float32. Under `torch.autocast` the autocast dtype decides.

    Args:
        inp: the volume.
        weight: the kernel, not flipped; 6-D if and only if `groups` is above 1.
        bias: one value per output channel, or None.
        stride: one number or three, 1 and above.
        padding: one number or three, 0 and above: voxels cut from both sides of the output.
        output_padding: one number or three, 0..stride - 1: voxels added to the high side of the output.
        dilation: one number or three, 1 and above.
        groups: a divisor of both channel counts.

    Shape:
        - inp: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`
        - weight: `(C_in, C_out, kD, kH, kW)`, or `(groups, C_in / groups, C_out / groups, kD, kH, kW)`
        - bias: `(1, C_out, 1, 1, 1)` or `(C_out, 1, 1, 1)`
        - output: `(N, C_out, D_out, H_out, W_out)` or `(C_out, D_out, H_out, W_out)`

    Raises:
        AssertionError: a size is illegal (a ValueError and RuntimeError too).
        RuntimeError: a shape does not fit (a ValueError too).
        TypeError: an operand is not a tensor, or input and weight are both integers.

    Example:
        >>> import torch
        >>> inp, weight = torch.randn(4, 5, 5, 5), torch.randn(2, 2, 3, 3, 3, 3)
        >>> conv_transpose3d(inp, weight, stride=2, output_padding=1, groups=2).shape
        torch.Size([6, 12, 12, 12])
    """
    groups = integer(groups, "groups")
    if not isinstance(weight, torch.Tensor):
        msg = f"weight is a {type(weight).__name__}; it must be a tensor. Convert it with megengine.tensor()."
        raise OperatorTypeError(msg)
    if not isinstance(inp, torch.Tensor):
        msg = f"inp is a {type(inp).__name__}; py_apply expects tensor as inputs. Convert it with megengine.tensor()."
        raise OperatorTypeError(msg)
    kernel = _dense(plain(weight), groups)
    spec = _operator(tuple(kernel.shape), stride, padding, output_padding, dilation, groups)
    operands = _promote(plain(inp), kernel, _per_channel(bias, spec.out_channels))
    return like(run(*operands, spec), inp)


@remembered
def _operator(
    weight_shape: tuple[int, ...], stride: Size, padding: Size, output_padding: Size, dilation: Size, groups: int
) -> ConvTranspose3dSpec:
    strides, extra = triple(stride, "stride", 1), triple(output_padding, "output_padding", -1)
    check_output_padding(extra, strides)
    return ConvTranspose3dSpec(
        in_channels=weight_shape[0],
        out_channels=weight_shape[1] * groups,
        kernel_size=weight_shape[2:],
        stride=strides,
        padding=triple(padding, "padding", 0),
        output_padding=extra,
        dilation=triple(dilation, "dilation", 1),
        groups=groups,
    )


def _dense(weight: torch.Tensor, groups: int) -> torch.Tensor:
    """View MegEngine's weight in torch's layout, (C_in, C_out / groups, kD, kH, kW)."""
    if groups < 1:
        msg = f"groups={groups} is not legal; it must be 1 and above. Use 1 for a dense convolution."
        raise OperatorError(msg)
    kind, layout = (
        ("dense", "(in_channels, out_channels, kD, kH, kW)")
        if groups == 1
        else ("group", "(groups, in_channels // groups, out_channels // groups, kD, kH, kW)")
    )
    if weight.dim() != (5 if groups == 1 else 6):
        msg = (
            f"bad filter ndim for {kind} convolution: weight has {weight.dim()} dimensions, shape "
            f"{tuple(weight.shape)}; with groups={groups} it must be {layout}. Reshape it."
        )
        raise OperatorError(msg)
    if groups == 1:
        return weight
    if weight.shape[0] != groups:
        msg = (
            f"weight of shape {tuple(weight.shape)} has {weight.shape[0]} groups; groups={groups} was given, and "
            f"the layout is {layout}. Make the two equal."
        )
        raise OperatorError(msg)
    return weight.flatten(0, 1)


def _per_channel(bias: Any, out_channels: int) -> torch.Tensor | None:
    if bias is None:
        return None
    if not isinstance(bias, torch.Tensor):
        msg = f"bias is a {type(bias).__name__}; it must be a tensor or None. Convert it with megengine.tensor()."
        raise OperatorTypeError(msg)
    values: torch.Tensor = plain(bias)
    if tuple(values.shape) not in ((1, out_channels, 1, 1, 1), (out_channels, 1, 1, 1)):
        msg = (
            f"bias has shape {tuple(values.shape)}; legal are {(1, out_channels, 1, 1, 1)} and "
            f"{(out_channels, 1, 1, 1)}, one value per output channel. Reshape it, or add other shapes to the output."
        )
        raise OperatorError(msg)
    return values.flatten()


def _promote(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    operands = [input, weight] if bias is None else [input, weight, bias]
    if len({operand.dtype for operand in operands}) == 1 and input.is_floating_point():
        return input, weight, bias
    if not any(operand.is_floating_point() or operand.is_complex() for operand in (input, weight)):
        msg = (
            f"input is {input.dtype} and weight is {weight.dtype}; one of them must be floating. "
            f"Convert one with astype('float32')."
        )
        raise OperatorTypeError(msg)
    if torch.is_autocast_enabled(input.device.type):
        return input, weight, bias
    common = input.dtype
    for operand in operands:
        exact = operand.is_floating_point() or operand.is_complex()
        common = torch.promote_types(common, operand.dtype if exact else torch.float32)
    return input.to(common), weight.to(common), None if bias is None else bias.to(common)


explain_calls(globals())
