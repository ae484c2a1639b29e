"""torch's own operator, plus a crop or zeros where its arguments cannot say what the spec says.

Cost: that of `torch.nn.functional.conv_transpose3d`; one copy of the result more for asymmetric padding, and one of
each operand in half precisions. It is made of differentiable torch operators only, so it is what transforms and
exporters see; what torch computes wrongly is computed otherwise (`faults`), by the operators that record gradients too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..execution.autocast import without_autocast
from ..execution.geometry import window
from ..planning import faults
from ..planning.case import records

if TYPE_CHECKING:
    from ..spec import ConvTranspose3dSpec


def native(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec
) -> torch.Tensor:
    """Compute the output; shapes as in `conv_transpose3d`."""
    dtype = input.dtype
    if input.dim() == 4:
        return native(input.unsqueeze(0), weight, bias, spec).squeeze(0)
    if input.device.type == "cpu":
        if torch.is_autocast_enabled("cpu"):
            return without_autocast(native, input, weight, bias, spec)
        wide = faults.wide(dtype)
        if wide is not dtype:
            bias = None if bias is None else bias.to(wide)
            return native(input.to(wide), weight.to(wide), bias, spec).to(dtype)
    return _torchs(input, weight, bias, spec)


def narrow(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec
) -> torch.Tensor:
    """Compute the output of batched bfloat16 operands as they are, where torch rounds once; without gradients."""
    if not torch._C._get_mkldnn_enabled():
        return native(input, weight, bias, spec)
    return _torchs(input, weight, bias, spec)


def _torchs(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec
) -> torch.Tensor:
    input, weight = _safe(input, weight, spec)
    plan = faults.safe_window(spec, input.shape[-3:]) if records(input, weight, bias) else window(spec)
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
    dtype = input.dtype
    wide = faults.wide(dtype)
    if wide is not dtype and input.device.type == "cpu":
        found = native_gradients(gradient.to(wide), input.to(wide), weight.to(wide), spec, wanted)
        of_input, of_weight = (None if each is None else each.to(dtype) for each in found)
        return of_input, of_weight
    input, weight = _safe(input, weight, spec)
    plan = faults.safe_window(spec, input.shape[-3:])
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


def _safe(input: torch.Tensor, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> tuple[torch.Tensor, torch.Tensor]:
    """Return operands whose strides torch's operator reads rightly."""
    if not faults.is_safe(input, spec):
        input = input.contiguous()
    return input, faults.ordered(weight) if spec.groups > 1 else weight
