"""torch's own operator, plus a crop or zeros where its arguments cannot say what the spec says.

Cost: that of `torch.nn.functional.conv_transpose3d`; one copy of the result more for asymmetric padding. It is made of
differentiable torch operators only, so it is what transforms, compilers and exporters see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..geometry import window
from ..layout import is_channels_last_3d

if TYPE_CHECKING:
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
    result = torch.ops.aten.convolution_backward(
        gradient,
        input,
        weight,
        None,
        spec.stride,
        plan.padding,
        spec.dilation,
        True,
        plan.output_padding,
        spec.groups,
        (*wanted, False),
    )
    return result[0], result[1]


def _safe(input: torch.Tensor, spec: ConvTranspose3dSpec) -> torch.Tensor:
    """Keep channels-last volumes from torch 2.13's weight gradient with groups and dilation: it corrupts memory."""
    if spec.groups > 1 and max(spec.dilation) > 1 and is_channels_last_3d(input):
        return input.contiguous()
    return input
