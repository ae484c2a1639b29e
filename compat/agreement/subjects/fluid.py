"""The fluid front ends: the documented layer, the released one, and the function, which makes its own parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....frontends.paddle import fluid, fluid_1_8
from .base import Form, InProcess, Traced, load, own_layout, pads_of
from .limits import (
    ASYMMETRIC,
    BEYOND_STRIDE,
    CHANNELS_LAST,
    NEGATIVE_OUTPUT_PADDING,
    OUTPUT_PADDING,
    UNBATCHED,
)
from .paddle import padding_of

if TYPE_CHECKING:
    import torch

    from ..cases import Case
    from ..data import Array, Operands

LIMITS = (UNBATCHED, NEGATIVE_OUTPUT_PADDING, BEYOND_STRIDE)
LAYER_LIMITS = (*LIMITS, ASYMMETRIC, CHANNELS_LAST)


class Keeping(fluid.initializer.NumpyArrayInitializer):
    """Give a parameter its values and remember it: the function returns its parameters to nobody."""

    parameter: torch.Tensor

    def __call__(self, param: torch.Tensor, block: None = None) -> torch.Tensor:
        """Fill the parameter."""
        self.parameter = super().__call__(param, block)
        return self.parameter


def run_documented(case: Case, operands: Operands) -> Traced:
    """Run a case through the documented `fluid.dygraph.Conv3DTranspose`, which takes output_size at construction."""
    geometry = case.geometry()
    layer = fluid.dygraph.Conv3DTranspose(
        num_channels=case.in_channels,
        num_filters=case.out_channels,
        filter_size=case.kernel_size,
        output_size=geometry.output_size if any(geometry.output_padding) else None,
        padding=pads_of(case),
        stride=case.stride,
        dilation=geometry.dilation,
        groups=case.groups,
        bias_attr=None if case.bias else False,
        dtype=case.dtype,
    )
    return _run_layer(layer, case, operands)


def run_released(case: Case, operands: Operands) -> Traced:
    """Run a case through the `Conv3DTranspose` of 1.8.5: padding before stride, and a bias only if asked for."""
    layer = fluid_1_8.dygraph.Conv3DTranspose(
        case.in_channels,
        case.out_channels,
        case.kernel_size,
        pads_of(case),
        case.stride,
        case.geometry().dilation,
        case.groups,
        bias_attr=case.bias,
        dtype=case.dtype,
    )
    return _run_layer(layer, case, operands)


def run_function(case: Case, operands: Operands) -> Traced:
    """Run a case through `fluid.layers.conv3d_transpose`."""
    geometry = case.geometry()
    with fluid.dygraph.guard():
        input = leaf(own_layout(operands.input, case))
        weight = Keeping(operands.weight)
        bias = None if operands.bias is None else Keeping(operands.bias)
        output = fluid.layers.conv3d_transpose(
            input,
            case.out_channels,
            output_size=list(geometry.output_size) if any(geometry.output_padding) else None,
            filter_size=list(case.kernel_size),
            padding=padding_of(case),
            stride=list(case.stride),
            dilation=list(case.dilation),
            groups=case.groups,
            param_attr=weight,
            bias_attr=False if bias is None else bias,
            data_format=case.data_format,
        )
    return Traced(
        output, input, weight.parameter, None if bias is None else bias.parameter, case.data_format == "NDHWC"
    )


def leaf(values: Array) -> Any:
    """Return a fluid variable that records gradients."""
    variable = fluid.dygraph.to_variable(values)
    variable.stop_gradient = False
    return variable


def _run_layer(layer: Any, case: Case, operands: Operands) -> Traced:
    load(layer, "set_dict", case, operands, lambda values: values)
    with fluid.dygraph.guard():
        input = leaf(operands.input)
        return Traced(layer(input), input, layer.weight, layer.bias)


DOCUMENTED = InProcess("fluid", {"layer": Form(run_documented, LAYER_LIMITS), "functional": Form(run_function, LIMITS)})
RELEASED = InProcess("fluid_1_8", {"layer": Form(run_released, (*LAYER_LIMITS, OUTPUT_PADDING))})
