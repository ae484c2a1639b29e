"""The MegEngine front end: NumPy in and out, a 6-D weight where there are groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....frontends import megengine
from .base import Form, InProcess, Traced, load, pads_of
from .limits import ASYMMETRIC, BEYOND_STRIDE, CHANNELS_LAST, NEGATIVE_OUTPUT_PADDING, NEGATIVE_PADDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..cases import Case
    from ..data import Operands

LIMITS = (ASYMMETRIC, NEGATIVE_PADDING, NEGATIVE_OUTPUT_PADDING, BEYOND_STRIDE, CHANNELS_LAST)
DTYPES = ("float16", "float32")


def run_layer(case: Case, operands: Operands, make: Callable[..., Any] = megengine.module.ConvTranspose3d) -> Traced:
    """Run a case through `module.ConvTranspose3d`, or a class with its API."""
    geometry = case.geometry()
    layer = make(
        case.in_channels,
        case.out_channels,
        case.kernel_size,
        case.stride,
        pads_of(case),
        geometry.output_padding,
        geometry.dilation,
        case.groups,
        case.bias,
    )
    # loading takes the dtype of the arrays
    load(layer, "load_state_dict", case, operands, lambda values: values)
    input = megengine.Parameter(operands.input)
    return Traced(layer(input), input, layer.weight, layer.bias)


def run_function(case: Case, operands: Operands) -> Traced:
    """Run a case through `functional.conv_transpose3d`."""
    geometry = case.geometry()
    input_channels, output_channels, *kernel = case.weight_shape
    shape = (
        (case.groups, input_channels // case.groups, output_channels, *kernel)
        if case.groups > 1
        else (input_channels, output_channels, *kernel)
    )
    input = megengine.Parameter(operands.input)
    weight = megengine.Parameter(operands.weight.reshape(shape))
    bias = None if operands.bias is None else megengine.Parameter(operands.bias.reshape(1, -1, 1, 1, 1))
    output = megengine.functional.conv_transpose3d(
        input,
        weight,
        bias,
        stride=case.stride,
        padding=pads_of(case),
        output_padding=geometry.output_padding,
        dilation=geometry.dilation,
        groups=case.groups,
    )
    return Traced(output, input, weight, bias)


SUBJECT = InProcess(
    "megengine",
    {"layer": Form(run_layer, LIMITS, DTYPES), "functional": Form(run_function, LIMITS, DTYPES)},
)
