"""The engine itself, without a front end: it can say everything, so every front end is compared with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....backend import ConvTranspose3dSpec, conv_transpose3d
from ..data import STORAGE
from .base import Form, InProcess, Traced, leaf, own_layout

if TYPE_CHECKING:
    from ..cases import Case
    from ..data import Operands


def function(case: Case, operands: Operands) -> Traced:
    """Run a case through `fourfold.backend.conv_transpose3d`."""
    geometry = case.geometry()
    # an extra cell on the high side is one less cut from it: this way any output padding is legal
    padding = [
        (low, high - extra) for (low, high), extra in zip(geometry.padding, geometry.output_padding, strict=True)
    ]
    spec = ConvTranspose3dSpec(
        in_channels=case.in_channels,
        out_channels=case.out_channels,
        kernel_size=case.kernel_size,
        stride=case.stride,
        padding=padding,
        dilation=geometry.dilation,
        groups=case.groups,
    )
    input = leaf(own_layout(operands.input, case), case)
    weight = leaf(operands.weight, case)
    bias = None if operands.bias is None else leaf(operands.bias, case)
    last = case.data_format == "NDHWC"
    output = conv_transpose3d(input.movedim(-1, 1) if last else input, weight, bias, spec)
    return Traced(output.movedim(1, -1) if last else output, input, weight, bias, channels_last=last)


SUBJECT = InProcess("engine", {"function": Form(function, dtypes=tuple(STORAGE))})
