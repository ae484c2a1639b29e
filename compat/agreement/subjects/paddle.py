"""The Paddle front end: layer, function and the static function that makes its own parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....frontends import paddle
from ..cases import is_symmetric
from .base import Form, InProcess, Traced, load, own_layout, pads_of
from .limits import (
    BEYOND_STRIDE,
    BEYOND_STRIDE_AND_DILATION,
    NEGATIVE_OUTPUT_PADDING,
    NEGATIVE_PADDING,
    UNBATCHED,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..cases import Case
    from ..data import Array, Operands

LIMITS = (UNBATCHED, NEGATIVE_PADDING, NEGATIVE_OUTPUT_PADDING, BEYOND_STRIDE_AND_DILATION)
DTYPES = ("float16", "bfloat16", "float32", "float64")


def padding_of(case: Case) -> Any:
    """Return the padding of a case in the form that Paddle's users would write."""
    if isinstance(case.padding, str):
        return case.padding
    if is_symmetric(case):
        return list(pads_of(case))
    pairs = [list(pair) for pair in case.padding]
    if case.data_format == "NDHWC":
        return [[0, 0], *pairs, [0, 0]]
    return [pad for pair in pairs for pad in pair]


def run_layer(case: Case, operands: Operands, make: Callable[..., Any] = paddle.nn.Conv3DTranspose) -> Traced:
    """Run a case through `nn.Conv3DTranspose`, or a class with its API."""
    layer = make(
        case.in_channels,
        case.out_channels,
        list(case.kernel_size),
        stride=list(case.stride),
        padding=padding_of(case),
        output_padding=list(case.output_padding),
        dilation=list(case.dilation),
        groups=case.groups,
        bias_attr=None if case.bias else False,
        data_format=case.data_format,
    ).to(dtype=case.dtype)
    load(layer, "set_state_dict", case, operands, lambda values: leaf(values, case))
    input = leaf(own_layout(operands.input, case), case)
    output = layer(input) if case.output_size is None else layer(input, output_size=list(case.output_size))
    return Traced(output, input, layer.weight, layer.bias, case.data_format == "NDHWC")


def run_function(case: Case, operands: Operands) -> Traced:
    """Run a case through `nn.functional.conv3d_transpose`."""
    input, weight = leaf(own_layout(operands.input, case), case), leaf(operands.weight, case)
    bias = None if operands.bias is None else leaf(operands.bias, case)
    size: dict[str, Any] = {"output_padding": list(case.output_padding)}
    if case.output_size is not None:
        size = {"output_size": list(case.output_size)}
    output = paddle.nn.functional.conv3d_transpose(
        input,
        weight,
        bias,
        stride=list(case.stride),
        padding=padding_of(case),
        groups=case.groups,
        dilation=list(case.dilation),
        data_format=case.data_format,
        **size,
    )
    return Traced(output, input, weight, bias, case.data_format == "NDHWC")


def run_static(case: Case, operands: Operands) -> Traced:
    """Run a case through `static.nn.conv3d_transpose`, which has output_size but no output_padding."""
    program = paddle.static.Program()
    input = leaf(own_layout(operands.input, case), case)
    assign = paddle.nn.initializer.Assign
    with paddle.static.program_guard(program):
        output = paddle.static.nn.conv3d_transpose(
            input,
            case.out_channels,
            output_size=list(case.geometry().output_size),
            filter_size=list(case.kernel_size),
            padding=padding_of(case),
            stride=list(case.stride),
            dilation=list(case.dilation),
            groups=case.groups,
            param_attr=paddle.ParamAttr(initializer=assign(operands.weight)),
            bias_attr=False if operands.bias is None else paddle.ParamAttr(initializer=assign(operands.bias)),
            data_format=case.data_format,
        )
    weight, *bias = program.all_parameters()
    return Traced(output, input, weight, bias[0] if bias else None, case.data_format == "NDHWC")


def leaf(values: Array, case: Case) -> paddle.Tensor:
    """Return a Paddle tensor that records gradients."""
    return paddle.to_tensor(values, dtype=case.dtype, stop_gradient=False)


SUBJECT = InProcess(
    "paddle",
    {
        "layer": Form(run_layer, LIMITS, DTYPES),
        "functional": Form(run_function, LIMITS, DTYPES),
        "static": Form(run_static, (*LIMITS, BEYOND_STRIDE), DTYPES),
    },
)
