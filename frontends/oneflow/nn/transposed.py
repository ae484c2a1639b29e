"""The 3-D transposed convolution, as `oneflow.nn.functional` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch.overrides import handle_torch_function, has_torch_function_unary

from ....backend import ConvTranspose3dSpec, OperatorError, OperatorTypeError
from ....backend.arguments import integer, triple
from ....backend.caching import remembered
from ....backend.execution.layout import moved
from ...calls import explain_calls
from ...tensor import like, plain, run

if TYPE_CHECKING:
    from ....backend.arguments import IntOrTriple, Triple

__all__ = ["conv_transpose3d"]


def conv_transpose3d(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: IntOrTriple = 1,
    padding: IntOrTriple = 0,
    output_padding: IntOrTriple = 0,
    groups: int = 1,
    dilation: IntOrTriple = 1,
    data_format: str = "channels_first",
) -> torch.Tensor:
    """Apply a 3-D transposed convolution; same arguments, in the same order, as OneFlow's function.

    Args:
        input: the volume, batched or not. A plain torch tensor gives a plain torch tensor.
        weight: the kernel, not flipped.
        bias: one value per output channel, or None. Default: None.
        stride: one int or three, 1 and above. Default: 1.
        padding: one int or three: voxels cut from both sides of the full result; a negative one adds zeros.
            Default: 0.
        output_padding: one int or three, of any size: voxels added to the high side of the output. They continue
            the full result and are zero past its end; a negative one crops. Default: 0.
        groups: a divisor of both channel counts. Default: 1.
        dilation: one int or three, 1 and above. Default: 1.
        data_format: `'channels_first'` or `'channels_last'`, for input, weight and output alike.

    Shape:
        - input: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`; channels last, `(N, D, H, W, C_in)` or `(D, H, W, C_in)`
        - weight: `(C_in, C_out / groups, kD, kH, kW)`; channels last, `(C_in, kD, kH, kW, C_out / groups)`
        - bias: `(C_out,)`
        - output: `(N, C_out, D_out, H_out, W_out)`; channels last, `(N, D_out, H_out, W_out, C_out)`; without N where
          the input has none

    Raises:
        RuntimeError: a value or shape is illegal, or the output would be empty (a ValueError too).
        TypeError: an argument is of the wrong type, or dtypes differ outside autocast.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> x, w = flow.randn(2, 4, 5, 5, 5), flow.randn(4, 3, 3, 3, 3)
        >>> conv_transpose3d(x, w, stride=2, output_padding=4).shape
        oneflow.Size([2, 3, 15, 15, 15])
    """
    if has_torch_function_unary(input) and not isinstance(input, torch.Tensor):
        # symbolic tracing (torch.fx) sees one call of this function
        return handle_torch_function(
            conv_transpose3d,
            (input,),
            input,
            weight,
            bias,
            stride,
            padding,
            output_padding,
            groups,
            dilation,
            data_format,
        )
    values, kernel = plain(input), plain(weight)
    _check_operand("input", values, "(N, C_in, D, H, W) or (C_in, D, H, W)", (4, 5))
    _check_operand("weight", kernel, "(in_channels, out_channels / groups, kD, kH, kW)", (5,))
    if data_format == "channels_last":
        values, kernel = moved(values, -1, -4), moved(kernel, -1, 1)
    elif data_format != "channels_first":
        msg = f"data_format={data_format!r} is not legal; use 'channels_first' or 'channels_last'."
        raise OperatorError(msg)
    groups = _positive(groups)
    in_channels, group_channels, *kernel_size = kernel.shape
    spec = specify(in_channels, group_channels * groups, kernel_size, stride, padding, output_padding, groups, dilation)
    _check_output(spec, cast("Triple", tuple(values.shape[-3:])))
    output = run(values, kernel, bias, spec)
    return like(moved(output, -4, -1) if data_format == "channels_last" else output, input)


@remembered
def specify(
    in_channels: int,
    out_channels: int,
    kernel_size: IntOrTriple,
    stride: IntOrTriple,
    padding: IntOrTriple,
    output_padding: IntOrTriple,
    groups: int,
    dilation: IntOrTriple,
) -> ConvTranspose3dSpec:
    """Return the operator that OneFlow's arguments describe.

    The engine takes an output padding of 0..max(stride, dilation) - 1; the rest of it moves the high pad.
    """
    steps, spreads = triple(stride, "stride"), triple(dilation, "dilation")
    cuts, wishes = triple(padding, "padding"), triple(output_padding, "output_padding")
    pads, extras = [], []
    for cut, wanted, step, spread in zip(cuts, wishes, steps, spreads, strict=True):
        extra = min(max(wanted, 0), max(step, spread, 1) - 1)
        pads.append((cut, cut - (wanted - extra)))
        extras.append(extra)
    return ConvTranspose3dSpec(
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=kernel_size,
        stride=steps,
        padding=pads,
        output_padding=extras,
        dilation=spreads,
        groups=groups,
    )


def _check_operand(name: str, value: Any, layout: str, dimensions: tuple[int, ...]) -> None:
    if not isinstance(value, torch.Tensor):
        msg = f"argument '{name}' must be tensor, not {type(value)}. Convert it with oneflow.tensor()."
        raise OperatorTypeError(msg)
    if value.dim() not in dimensions:
        msg = (
            f"{name} has {value.dim()} dimensions, shape {tuple(value.shape)} (5 vs {value.dim()}); "
            f"legal are {layout}. Reshape it."
        )
        raise OperatorError(msg)


def _positive(groups: Any) -> int:
    number = integer(groups, "groups")
    if number < 1:
        msg = f"groups={number} is not legal; it must be 1 and above. Use 1 for a dense convolution."
        raise OperatorError(msg)
    return number


def _check_output(spec: ConvTranspose3dSpec, size: Triple) -> None:
    if not _may_vanish(spec):
        return  # asking for the real size would tie a trace to it
    output_size = spec.output_size(size)
    if min(output_size) < 1:
        msg = (
            f"Given input size per channel: {size}. Calculated output size per channel: {output_size}. "
            f"Output size is too small; it must be 1 and above. Reduce padding, or enlarge the input."
        )
        raise OperatorError(msg)


@remembered
def _may_vanish(spec: ConvTranspose3dSpec) -> bool:
    return min(spec.output_size((1, 1, 1))) < 1


explain_calls(globals())
