"""The function `paddle.fluid.layers.conv3d_transpose`, which makes its own parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ....backend import ConvTranspose3dSpec
from ....backend.arguments import integer
from ....backend.execution.layout import moved
from ...calls import explain_calls
from ..nn.padding import filter_size_for
from ..static.arguments import check_call, create_parameters
from ..static.graph import deferred
from . import operator
from .activations import activation
from .arguments import check_name, explicit_pads, spatial

if TYPE_CHECKING:
    import torch

    from ....backend.arguments import Triple

__all__ = ["conv3d_transpose"]


def conv3d_transpose(
    input: torch.Tensor,
    num_filters: int,
    output_size: Any = None,
    filter_size: Any = None,
    padding: Any = 0,
    stride: Any = 1,
    dilation: Any = 1,
    groups: int | None = None,
    param_attr: Any = None,
    bias_attr: Any = None,
    use_cudnn: bool = True,
    act: str | None = None,
    name: str | None = None,
    data_format: str = "NCDHW",
) -> torch.Tensor:
    """Create or look up a weight and a bias, and apply a 3-D transposed convolution with them.

    The parameters go to `fluid.default_main_program()`, whose `all_parameters()` an optimizer takes. One that
    `param_attr` or `bias_attr` names is created by the first call and shared by later ones under the same program;
    without a name, every call creates a new one. `dygraph.guard()` opens a program of its own.

    Args:
        input: the volumes, or what `fluid.data` returned: then this is computed by `Executor.run`.
        num_filters: channels of the output.
        output_size: one int or three: the size wanted, from the size without it to `stride - 1` more per axis.
            Default: None, that size.
        filter_size: one int or three. Default: None, the size that gives `output_size`.
        padding: what to cut from each side of the full result. One int, three, six (low and high per axis), or five
            pairs in the order of `data_format`; a negative one adds zeros. `'VALID'` cuts nothing; `'SAME'` cuts what
            a convolution of an input of this size would add, and sets dilation to 1. Default: 0.
        stride: one int or three, 1 and above. Default: 1.
        dilation: one int or three, 1 and above. Default: 1.
        groups: a divisor of both channel counts. Default: None, 1.
        param_attr: of the weight: a ParamAttr, an initializer, a regularizer, a name, True or None. Default: None,
            Xavier uniform.
        bias_attr: likewise of the bias; False for no bias. Default: None, zero.
        use_cudnn: False turns cuDNN off while this runs on CUDA. Default: True.
        act: name of an activation (`fluid.activations.ACTIVATIONS`), applied after the bias. Default: None.
        name: prefix of the parameters' names. Default: None, `conv3d_transpose_` and a number.
        data_format: 'NCDHW' or 'NDHWC', of input and output. Default: 'NCDHW'.

    Shape:
        - input: `(N, C_in, D, H, W)` or `(N, D, H, W, C_in)`
        - output: `(N, num_filters, D_out, H_out, W_out)` or `(N, D_out, H_out, W_out, num_filters)`, where without
          output_size `D_out = (D - 1) * stride - pad_low - pad_high + dilation * (filter_size - 1) + 1`

    Raises:
        ValueError: an argument is out of range or of a wrong form, or a named parameter has another shape or
            dtype.
        TypeError: an argument is of the wrong type.
        AssertionError: `param_attr` is False.
        EnforceNotMet: input and arguments do not fit, or there is no such activation.

    Example:
        >>> import numpy
        >>> from fourfold.frontends.paddle import fluid
        >>> x = fluid.dygraph.to_variable(numpy.ones((1, 2, 3, 4, 5), "float32"))
        >>> fluid.layers.conv3d_transpose(x, 4, output_size=[7, 9, 11], stride=2).shape
        [1, 4, 7, 9, 11]
    """
    check_call(input, param_attr, use_cudnn, filter_size, output_size, "Variable", "fluid.dygraph.to_variable")
    if data_format not in ("NCDHW", "NDHWC"):
        msg = (
            f"Param(data_format) of Op(fluid.layers.conv3d_transpose) got wrong value: received {data_format!r} but "
            f"only NCDHW or NDHWC supported."
        )
        raise ValueError(msg)
    check_name(name)
    operator.check_input(input)
    apply = activation(act)
    volume = moved(input, -1, 1) if data_format == "NDHWC" else input
    wanted = None if output_size is None else spatial(output_size, "output_size")
    spec = _spec(volume, num_filters, wanted, filter_size, padding, stride, dilation, groups, data_format)
    weight, bias = create_parameters(spec, _floating(volume), param_attr, bias_attr, name)
    output = operator.conv3d_transpose(
        volume,
        weight,
        bias,
        stride=spec.stride,
        padding="SAME" if _is_same(padding) else spec.padding,
        dilation=spec.dilation,
        groups=spec.groups,
        output_size=wanted,
        use_cudnn=use_cudnn,
    )
    if data_format == "NDHWC":
        output = moved(output, 1, -1)
    return output if apply is None else cast("torch.Tensor", deferred(apply, output))


def _spec(
    volume: torch.Tensor,
    num_filters: int,
    output_size: list[int] | None,
    filter_size: Any,
    padding: Any,
    stride: Any,
    dilation: Any,
    groups: int | None,
    data_format: str,
) -> ConvTranspose3dSpec:
    size = cast("Triple", tuple(volume.shape[2:]))
    strides, dilations = spatial(stride, "stride"), spatial(dilation, "dilation")
    if isinstance(padding, str):
        if padding.upper() not in ("SAME", "VALID"):
            msg = f"Unknown padding: '{padding}'. It can only be 'SAME' or 'VALID', or numbers."
            raise ValueError(msg)
        padding = 0
    pads = explicit_pads(padding, data_format)
    if filter_size is None:
        kernel = filter_size_for(output_size or [], size, stride=strides, padding=pads, dilation=dilations)
    else:
        kernel = spatial(filter_size, "conv3d_transpose.filter_size")
    return ConvTranspose3dSpec(
        in_channels=volume.shape[1],
        out_channels=integer(num_filters, "num_filters"),
        kernel_size=kernel,
        stride=strides,
        padding=pads,
        dilation=dilations,
        groups=1 if groups is None else integer(groups, "groups"),
    )


def _is_same(padding: Any) -> bool:
    return isinstance(padding, str) and padding.upper() == "SAME"


def _floating(volume: torch.Tensor) -> torch.Tensor:
    if not volume.is_floating_point():
        msg = (
            f"Can not create parameter with default initializer when dtype is not float type; input is "
            f"{volume.dtype}. Convert it with astype('float32')."
        )
        raise TypeError(msg)
    return volume


explain_calls(globals())
