"""Mirrors `paddle.static.nn`: a call with tensors computes at once, one with `static.data` when it is run."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, cast

import torch

from ....backend import OperatorError
from ....backend.arguments import integer
from ..activation import activation_of
from ..nn import functional
from ..nn.padding import check_data_format, filter_size_for, pads_of, triple_of
from ..size import Size
from .arguments import check_call, create_parameters
from .graph import deferred

if TYPE_CHECKING:
    from ....backend.arguments import Triple
    from ..nn.padding import DataFormat

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
    data_format: DataFormat = "NCDHW",
) -> torch.Tensor:
    """Create or look up a weight and a bias, and apply a 3-D transposed convolution with them.

    The parameters go to `static.default_main_program()`, whose `all_parameters()` an optimizer takes. One that
    `param_attr` or `bias_attr` names is created by the first call and shared by later ones under the same program;
    without a name, every call creates a new one: name them in a training loop.

    Args:
        input: the volumes, or what `static.data` returned: then this is computed by `Executor.run`.
        num_filters: channels of the output, 1 and above.
        output_size: the spatial size wanted, one int or three, from the size without it to `stride - 1` voxels more
            per axis. Default: None, that size.
        filter_size: one int or three, 1 and above. Default: None, the size that gives `output_size`.
        padding: what to cut from each side of the full result. One int, three, six (low and high per axis), or five
            pairs in the order of `data_format`, 0 and above; `'VALID'` cuts nothing; `'SAME'` cuts what a convolution
            of an input of this size would add, and sets dilation to 1. Default: 0.
        stride: one int or three, 1 and above. Default: 1.
        dilation: one int or three, 1 and above. Default: 1.
        groups: a divisor of both channel counts. Default: None, 1.
        param_attr: of the weight: a ParamAttr, an initializer, a regularizer, a name, True or None. Default: None,
            Xavier uniform.
        bias_attr: likewise of the bias; False for no bias. Default: None, zero.
        use_cudnn: False turns cuDNN off while this runs on CUDA. Default: True.
        act: name of an activation, applied after the bias, with the constants of Paddle's operator of that name
            (leaky_relu: 0.02). Default: None.
        name: prefix of generated parameter names: `name.w_0`. Default: None, `conv3d_transpose_` and a number.
        data_format: 'NCDHW' or 'NDHWC', of input and output. Default: 'NCDHW'.

    Shape:
        - input: `(N, C_in, D, H, W)` or `(N, D, H, W, C_in)`
        - output: `(N, num_filters, D_out, H_out, W_out)` or `(N, D_out, H_out, W_out, num_filters)`, where without
          output_size `D_out = (D - 1) * stride - pad_low - pad_high + dilation * (filter_size - 1) + 1`

    Raises:
        ValueError: an argument is out of range, there is no such activation, or a named parameter has another shape.
        TypeError: an argument is of the wrong type.
        AssertionError: `param_attr` is False.

    Example:
        >>> import torch
        >>> from fourfold.frontends.paddle import static
        >>> static.nn.conv3d_transpose(torch.ones(1, 2, 3, 4, 5), 4, output_size=[7, 9, 11], stride=2).shape
        torch.Size([1, 4, 7, 9, 11])
    """
    check_call(input, param_attr, use_cudnn, filter_size, output_size, "Tensor", "to_tensor")
    check_data_format(data_format)
    _check(input, name)
    activate = activation_of(act)
    groups = 1 if groups is None else integer(groups, "groups")
    if groups < 1:
        msg = f"the groups of conv3d_transpose should be greater than 0. Received groups: {groups}. Use 1 for dense."
        raise OperatorError(msg)
    in_channels, *size = input.shape[1:] if data_format == "NCDHW" else (input.shape[4], *input.shape[1:4])
    kernel_size = _filter_size(filter_size, output_size, size, padding, stride, dilation, data_format)
    spec = functional.spec_of(
        in_channels,
        integer(num_filters, "num_filters"),
        kernel_size,
        stride,
        padding,
        0,
        dilation,
        groups,
        data_format,
    )
    weight, bias = create_parameters(spec, input, param_attr, bias_attr, name)
    output = deferred(
        _computed,
        input,
        weight,
        bias,
        use_cudnn=use_cudnn,
        stride=stride,
        padding=padding,
        groups=groups,
        dilation=dilation,
        output_size=output_size,
        data_format=data_format,
    )
    return cast("torch.Tensor", deferred(activate, output))


def _computed(input: torch.Tensor, *parameters: Any, use_cudnn: bool, **options: Any) -> torch.Tensor:
    # entered only to turn cuDNN off: inside, it also overrides the caller's benchmark and deterministic flags
    with contextlib.nullcontext() if use_cudnn else torch.backends.cudnn.flags(enabled=False):
        return functional.conv3d_transpose(input, *parameters, **options)


def _check(input: Any, name: Any) -> None:
    if input.dim() != 5:
        msg = f"Input should be 5D tensor, but received input with the shape of {Size(input.shape)}. Reshape it."
        raise OperatorError(msg)
    if name is not None and not isinstance(name, str):
        msg = f"name={name!r} is a {type(name).__name__}; it must be a str or None."
        raise TypeError(msg)


def _filter_size(
    filter_size: Any, output_size: Any, size: Any, padding: Any, stride: Any, dilation: Any, data_format: str
) -> list[int]:
    if filter_size is not None:
        return triple_of(filter_size, "filter_size")
    return filter_size_for(
        triple_of(output_size, "output_size"),
        cast("Triple", tuple(size)),
        stride=triple_of(stride, "stride"),
        # 'SAME' counts as no padding here, as in Paddle
        padding=pads_of(padding, data_format) or functional.NO_PADS,
        dilation=triple_of(dilation, "dilation"),
    )
