"""Classes and functions with torch's API: our front end, and PyTorch's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....frontends.torch import nn
from ..data import STORAGE
from .base import Form, InProcess, Traced, leaf, load, own_layout, pads_of
from .limits import ASYMMETRIC, BEYOND_STRIDE_AND_DILATION, NEGATIVE_OUTPUT_PADDING, NEGATIVE_PADDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..cases import Case
    from ..data import Operands

LIMITS = (ASYMMETRIC, NEGATIVE_PADDING, NEGATIVE_OUTPUT_PADDING, BEYOND_STRIDE_AND_DILATION)


def subject(name: str, layer: Callable[..., Any], function: Callable[..., Any], *, bitwise: bool) -> InProcess:
    """Make a subject of a class and a function that take torch's arguments."""

    def run_layer(case: Case, operands: Operands) -> Traced:
        geometry = case.geometry()
        module = layer(
            case.in_channels,
            case.out_channels,
            case.kernel_size,
            stride=case.stride,
            padding=pads_of(case),
            output_padding=0 if case.output_size is not None else geometry.output_padding,
            groups=case.groups,
            bias=case.bias,
            dilation=geometry.dilation,
            # float32 is the default, and authors' classes may have no dtype
            **({} if case.dtype == "float32" else {"dtype": getattr(torch, case.dtype)}),
        )
        load(module, "load_state_dict", case, operands, lambda values: leaf(values, case))
        input = leaf(own_layout(operands.input, case), case)
        size = [] if case.output_size is None else [list(case.output_size)]
        last = case.data_format == "NDHWC"
        output = module(input.movedim(-1, 1) if last else input, *size)
        return Traced(output.movedim(1, -1) if last else output, input, module.weight, module.bias, last)

    def run_function(case: Case, operands: Operands) -> Traced:
        geometry = case.geometry()
        input = leaf(own_layout(operands.input, case), case)
        weight = leaf(operands.weight, case)
        bias = None if operands.bias is None else leaf(operands.bias, case)
        last = case.data_format == "NDHWC"
        output = function(
            input.movedim(-1, 1) if last else input,
            weight,
            bias,
            stride=case.stride,
            padding=pads_of(case),
            output_padding=geometry.output_padding,
            groups=case.groups,
            dilation=geometry.dilation,
        )
        return Traced(output.movedim(1, -1) if last else output, input, weight, bias, last)

    dtypes = tuple(STORAGE)
    forms = {"layer": Form(run_layer, LIMITS, dtypes), "functional": Form(run_function, LIMITS, dtypes)}
    return InProcess(name, forms, bitwise=bitwise)


SUBJECT = subject("torch", nn.ConvTranspose3d, nn.functional.conv_transpose3d, bitwise=True)
PYTORCH = subject("PyTorch", torch.nn.ConvTranspose3d, torch.nn.functional.conv_transpose3d, bitwise=False)
