"""The OneFlow front end: any output padding, negative padding too; channels last in the function only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....frontends import oneflow
from .base import Form, InProcess, Traced, load, own_layout, pads_of
from .limits import ASYMMETRIC, CHANNELS_LAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..cases import Case
    from ..data import Array, Operands

LIMITS = (ASYMMETRIC,)
DTYPES = ("float16", "bfloat16", "float32", "float64")


def run_layer(case: Case, operands: Operands, make: Callable[..., Any] = oneflow.nn.ConvTranspose3d) -> Traced:
    """Run a case through `nn.ConvTranspose3d`, or a class with its API."""
    geometry = case.geometry()
    layer = make(
        case.in_channels,
        case.out_channels,
        case.kernel_size,
        case.stride,
        pads_of(case),
        geometry.output_padding,
        case.groups,
        case.bias,
        geometry.dilation,
    )
    layer = layer.to(getattr(oneflow, case.dtype))
    load(layer, "load_state_dict", case, operands, lambda values: leaf(values, case))
    input = leaf(operands.input, case)
    return Traced(layer(input), input, layer.weight, layer.bias)


def run_function(case: Case, operands: Operands) -> Traced:
    """Run a case through `nn.functional.conv_transpose3d`."""
    geometry = case.geometry()
    last = case.data_format == "NDHWC"
    input = leaf(own_layout(operands.input, case), case)
    weight = leaf(operands.weight, case)
    bias = None if operands.bias is None else leaf(operands.bias, case)
    output = oneflow.nn.functional.conv_transpose3d(
        input,
        # channels last is the layout of the weight as well: (in, kD, kH, kW, out / groups)
        weight.movedim(1, -1) if last else weight,
        bias,
        stride=case.stride,
        padding=pads_of(case),
        output_padding=geometry.output_padding,
        groups=case.groups,
        dilation=geometry.dilation,
        data_format="channels_last" if last else "channels_first",
    )
    return Traced(output, input, weight, bias, channels_last=last)


def leaf(values: Array, case: Case) -> oneflow.Tensor:
    """Return a OneFlow tensor that records gradients."""
    return oneflow.tensor(values, dtype=getattr(oneflow, case.dtype), requires_grad=True)


SUBJECT = InProcess(
    "oneflow",
    {
        "layer": Form(run_layer, (*LIMITS, CHANNELS_LAST), DTYPES),
        "functional": Form(run_function, LIMITS, DTYPES),
    },
)
