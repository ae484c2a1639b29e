"""Mirrors `paddle.nn.functional`: its transposed convolution of volumes; `paddle` fills in the rows' functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import torch
from torch.overrides import handle_torch_function, has_torch_function_unary

from ....backend import ConvTranspose3dSpec, OperatorError, OperatorTypeError
from ....backend.arguments import integer, is_free
from ....backend.caching import remembered
from ....backend.execution.layout import moved
from ...calls import explain_calls
from ...tensor import like, plain, run
from ..size import Size
from ..tensor import Tensor
from .padding import check_data_format, pads_of, same_pads, triple_of

if TYPE_CHECKING:
    from ....backend.arguments import Triple
    from .padding import DataFormat

    def __getattr__(name: str) -> Any: ...


__all__ = ["conv3d_transpose"]

NO_PADS = ((0, 0), (0, 0), (0, 0))


def conv3d_transpose(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
    output_size: Any = None,
    data_format: DataFormat = "NCDHW",
    name: str | None = None,
) -> torch.Tensor:
    """Apply a 3-D transposed convolution; same arguments, in the same order, as Paddle's function.

    Args:
        x: the volumes.
        weight: the kernel, not flipped; its layout is the same for both data formats.
        bias: one value per output channel, or one for all, or None. Default: None.
        stride: one int or three, 1 and above. Default: 1.
        padding: what to cut from each side of the full result. One int, three, six (low and high per axis), or five
            pairs in the order of `data_format`, 0 and above; `'VALID'` cuts nothing; `'SAME'` cuts what a convolution
            of an input of this size would add, and sets dilation to 1. Default: 0.
        output_padding: voxels added to the high side, 0..max(stride, dilation) - 1: one int or three. Default: 0.
        groups: a divisor of the input channels. Default: 1.
        dilation: one int or three, 1 and above. Default: 1.
        output_size: the spatial size wanted, one int or three, from the size without output padding to `stride - 1`
            voxels more per axis; not together with `output_padding`. Default: None.
        data_format: `'NCDHW'` or `'NDHWC'`, of input and output. Default: `'NCDHW'`.
        name: the name of the result, where that is a Paddle tensor. Default: None.

    Shape:
        - x: `(N, C_in, D, H, W)` or `(N, D, H, W, C_in)`
        - weight: `(C_in, C_out / groups, kD, kH, kW)`
        - bias: `(C_out,)`
        - output: `(N, C_out, D_out, H_out, W_out)` or `(N, D_out, H_out, W_out, C_out)`, where
          `D_out = (D - 1) * stride - pad_low - pad_high + dilation * (kD - 1) + 1 + output_padding`

    Raises:
        ValueError: a value or shape is illegal.
        TypeError: an argument is of the wrong type (mostly a ValueError too).

    Example:
        >>> from fourfold.frontends import paddle
        >>> x, weight = paddle.to_tensor([[[[[1.0, 2.0, 3.0]]]]]), paddle.to_tensor([[[[[1.0, 1.0, 1.0]]]]])
        >>> paddle.nn.functional.conv3d_transpose(x, weight, stride=[1, 1, 2]).flatten().tolist()
        [1.0, 1.0, 3.0, 2.0, 5.0, 3.0, 3.0]
        >>> paddle.nn.functional.conv3d_transpose(x, weight, stride=[1, 1, 2], padding="SAME").flatten().tolist()
        [1.0, 3.0, 2.0, 5.0, 3.0]
    """
    if not isinstance(x, torch.Tensor) and has_torch_function_unary(x):
        # symbolic tracing (torch.fx) sees one call of this function
        return handle_torch_function(
            conv3d_transpose,
            (x,),
            x,
            weight,
            bias=bias,
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            groups=groups,
            dilation=dilation,
            output_size=output_size,
            data_format=data_format,
            name=name,
        )
    check_data_format(data_format)
    volume, weight, bias = _plain_or_same(x), _plain_or_same(weight), _plain_or_same(bias)
    _check_volume("x", volume)
    _check_volume("weight", weight)
    if name is not None and not isinstance(name, str):
        msg = f"name={name!r} is a {type(name).__name__}; it must be a str or None."
        raise TypeError(msg)
    if output_size is not None:
        if not isinstance(output_padding, int) or isinstance(output_padding, bool) or output_padding != 0:
            msg = (
                f"output_padding option is mutually exclusive with output_size; given are output_padding="
                f"{output_padding!r} and output_size={output_size!r}. Leave one out."
            )
            raise ValueError(msg)
        output_size = _wanted(output_size)
    channel_last = data_format == "NDHWC"
    if channel_last:
        volume = moved(volume, -1, 1)
    size = cast("Triple", tuple(volume.shape[2:]))
    in_channels, per_group, *kernel_size = weight.shape
    if volume.shape[1] != in_channels:
        msg = (
            f"The number of input channels should be equal to filter channels for Op(conv_transpose); x of shape "
            f"{list(x.shape)} has {volume.shape[1]} in data_format={data_format!r}, weight of shape "
            f"{list(weight.shape)} has {in_channels}. Check data_format, or build the layer for these channels."
        )
        raise OperatorError(msg)
    spec = spec_of(
        in_channels,
        per_group * integer(groups, "groups"),
        kernel_size,
        stride,
        padding,
        output_padding,
        dilation,
        groups,
        data_format,
        size if isinstance(padding, str) else None,
    )
    if output_size is not None:
        _check_output_size(spec, size, output_size)
    output = run(volume, weight, _one_per_channel(bias, spec.out_channels), spec, output_size=output_size)
    output = like(moved(output, 1, -1) if channel_last else output, x)
    if name is not None and isinstance(output, Tensor):
        output.name = name
    return output


@remembered
def spec_of(
    in_channels: int,
    out_channels: int,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    dilation: Any,
    groups: Any,
    data_format: str,
    input_size: Triple | None = None,
) -> ConvTranspose3dSpec:
    """Return the operator that Paddle's arguments describe.

    `padding='SAME'` depends on `input_size`; without one its pads are left at zero.
    """
    groups = integer(groups, "groups")
    if groups < 1:
        msg = f"groups={groups}: The groups of conv3d_transpose should not be zero. Use 1 for a dense convolution."
        raise OperatorError(msg)
    if in_channels % groups:
        msg = (
            f"The number of input channels must be divisible by Attr(groups). Received: number of channels"
            f"({in_channels}), groups({groups}). Choose a divisor of it."
        )
        raise OperatorError(msg)
    pads = pads_of(padding, data_format)
    spec = ConvTranspose3dSpec(
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=tuple(kernel_size),
        stride=triple_of(stride, "stride"),
        padding=NO_PADS if pads is None else pads,
        output_padding=triple_of(output_padding, "output_padding"),
        dilation=triple_of(dilation, "dilation"),
        groups=groups,
    )
    if pads is None:
        pads = NO_PADS if input_size is None else same_pads(input_size, spec.kernel_size, spec.stride)
        return replace(spec, padding=pads, dilation=(1, 1, 1))
    return spec


def _check_volume(name: str, value: Any) -> None:
    if not isinstance(value, torch.Tensor):
        msg = (
            f"conv3d_transpose(): argument '{name}' must be Tensor, but got {type(value).__name__}. "
            f"Convert it with to_tensor()."
        )
        raise OperatorTypeError(msg)
    if value.dim() != 5:
        remedy = "Add a batch axis with unsqueeze(0)." if value.dim() == 4 and name == "x" else "Reshape it."
        msg = f"Input {name} should be 5D tensor, but received {name} with the shape of {Size(value.shape)}. {remedy}"
        raise OperatorError(msg)


def _plain_or_same(value: Any) -> Any:
    # looking at a plain tensor costs a tenth of looking at a subclass
    return plain(value) if isinstance(value, torch.Tensor) else value


def _wanted(output_size: Any) -> Triple:
    # an array is spelled out here, but a tensor would tie the shape to its values
    if not is_free(output_size) and (
        isinstance(output_size, (str, torch.Tensor)) or not _is_number_or_items(output_size)
    ):
        msg = (
            f"output_size should be int, or list, tuple of ints; {output_size!r} is a {type(output_size).__name__}. "
            f"Give (D_out, H_out, W_out)."
        )
        raise ValueError(msg)
    return cast("Triple", tuple(triple_of(output_size, "output_size")))


def _is_number_or_items(value: Any) -> bool:
    if isinstance(value, int) or hasattr(value, "__index__"):
        return True
    return hasattr(value, "__iter__") and getattr(value, "ndim", 1) != 0


def _check_output_size(spec: ConvTranspose3dSpec, size: Triple, wanted: Triple) -> None:
    try:
        spec.output_padding_for(size, wanted)
    except OperatorError as error:
        least, _ = spec.output_size_range(size)
        if any(value < low for value, low in zip(wanted, least, strict=True)):
            phrase = "should not be less than the inferred output size"
        else:
            phrase = "should be less than inferred size + stride"
        msg = f"output_size of Op(ConvTransposeOp) {phrase}. {error}"
        raise OperatorError(msg) from error


def _one_per_channel(bias: Any, out_channels: int) -> Any:
    if isinstance(bias, torch.Tensor) and bias.dim() < 2 and bias.numel() == 1:
        return bias.reshape(1).expand(out_channels)
    return bias


explain_calls(globals())
