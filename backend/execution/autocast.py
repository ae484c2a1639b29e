"""Autocast: the operands of a convolution are cast once, as torch casts them, and nothing within is cast again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable


def without_autocast(
    convolution: Callable[..., torch.Tensor],
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    *arguments: Any,
) -> torch.Tensor:
    """Cast the operands, then call the convolution as if autocast were off."""
    device = input.device.type
    given = cast(input, device), cast(weight, device), None if bias is None else cast(bias, device)
    with torch.autocast(device, enabled=False):
        return convolution(*given, *arguments)


def cast(operand: torch.Tensor, device: str) -> torch.Tensor:
    """Cast an operand of a convolution as torch's autocast does."""
    if operand.dtype is torch.float64 or not operand.dtype.is_floating_point:
        return operand
    return operand.to(torch.get_autocast_dtype(device))
