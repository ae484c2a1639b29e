"""torch's own operator, plus a crop or zeros where its arguments cannot say what the spec says.

Cost: that of `torch.nn.functional.conv_transpose3d`; one copy of the result more for asymmetric padding. It is made of
differentiable torch operators only, so it is what transforms and exporters see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..caching import remembered
from ..geometry import window
from ..layout import is_channels_last_3d

if TYPE_CHECKING:
    from ..arguments import Triple
    from ..spec import ConvTranspose3dSpec


def native(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec
) -> torch.Tensor:
    """Compute the output; shapes as in `conv_transpose3d`."""
    input = _safe(input, spec)
    plan = window(spec)
    output = torch.nn.functional.conv_transpose3d(
        input,
        weight,
        None if plan.extend else bias,  # the bias covers the zeros too, so there it comes after them
        spec.stride,
        plan.padding,
        plan.output_padding,
        spec.groups,
        spec.dilation,
    )
    if plan.extend:
        output = torch.nn.functional.pad(output, plan.extend)
        if bias is not None:
            output = output + bias.to(output.dtype).reshape(-1, 1, 1, 1)
    if plan.crop:
        output = torch.nn.functional.pad(output, plan.crop)
    return output


def native_gradients(
    gradient: torch.Tensor,
    input: torch.Tensor,
    weight: torch.Tensor,
    spec: ConvTranspose3dSpec,
    wanted: tuple[bool, bool],
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Return the gradients with respect to input and weight, by operators that are differentiable themselves."""
    input = _safe(input, spec)
    plan = window(spec)
    if plan.crop:
        gradient = torch.nn.functional.pad(gradient, tuple(-amount for amount in plan.crop))
    if plan.extend:
        gradient = torch.nn.functional.pad(gradient, tuple(-amount for amount in plan.extend))
    (pad, *pads), (extra, *extras) = plan.padding, plan.output_padding
    if wanted[1] and misread(spec, (input.size(2), input.size(3), input.size(4))):
        gradient = torch.nn.functional.pad(gradient, (0, 0, 0, 0, pad, pad - extra))
        pad = extra = 0
    result = torch.ops.aten.convolution_backward(
        gradient,
        input,
        weight,
        None,
        spec.stride,
        (pad, *pads),
        spec.dilation,
        True,
        (extra, *extras),
        spec.groups,
        (*wanted, False),
    )
    return result[0], result[1]


@remembered
def misread(spec: ConvTranspose3dSpec, size: Triple) -> bool:
    """Whether torch 2.13's weight gradient may be wrong on an input of this size, or corrupt memory.

    oneDNN walks the windows along D. It loses its place where a window reaches beyond the end of the volume while the
    one before it still begins in the padding, and the padding is longer than a stride. Found by comparing all
    kernels from 3 to 7, strides, paddings and depths below 7; this covers all that were wrong, and some that were not.
    """
    plan = window(spec)
    pad, step, reach = plan.padding[0], spec.stride[0], spec.dilation[0] * (spec.kernel_size[0] - 1)
    last = min(size[0] - 1, -(-pad // step))
    length = (size[0] - 1) * step + reach + 1 - 2 * pad + plan.output_padding[0]
    return pad > step and last > 0 and last * step - pad + reach >= length


def is_safe(input: torch.Tensor, spec: ConvTranspose3dSpec) -> bool:
    """Whether torch 2.13's operator may have this input: its weight gradient corrupts memory for some volumes.

    Those are channels-last, with groups and dilation.
    """
    return spec.groups == 1 or max(spec.dilation) == 1 or not is_channels_last_3d(input)


def _safe(input: torch.Tensor, spec: ConvTranspose3dSpec) -> torch.Tensor:
    return input if is_safe(input, spec) else input.contiguous()
