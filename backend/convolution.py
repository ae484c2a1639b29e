"""The ordinary 3-D convolution of the front ends: torch's own, around its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .arguments import triple
from .distributed.detection import is_sharded
from .errors import OperatorError
from .execution.autocast import without_autocast
from .execution.layout import is_channels_last_3d
from .planning import faults

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .arguments import Pads


def conv3d(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    groups: int,
) -> torch.Tensor:
    """Return what `torch.nn.functional.conv3d` should: half precisions are summed in float32 and rounded once.

    Example:
        >>> taps = torch.tensor([4e4, 4e4, -4e4], dtype=torch.float16).reshape(1, 1, 1, 1, 3)
        >>> volume = torch.ones(1, 1, 1, 1, 3, dtype=torch.float16)
        >>> conv3d(volume, taps, None, (1, 1, 1), (0, 0, 0), (1, 1, 1), 1).item()
        40000.0
    """
    if is_sharded(input, weight):
        return convolve(input, weight, bias, stride, padding, dilation, groups)
    if input.dim() == 4 and weight.dim() == 5:
        return conv3d(input.unsqueeze(0), weight, bias, stride, padding, dilation, groups).squeeze(0)
    dtype = input.dtype
    if input.device.type == "cpu":
        if torch.is_autocast_enabled("cpu"):
            return without_autocast(conv3d, input, weight, bias, stride, padding, dilation, groups)
        wide = faults.wide(dtype)
        if wide is not dtype and weight.dtype is dtype:
            bias = None if bias is None else bias.to(wide)
            return conv3d(input.to(wide), weight.to(wide), bias, stride, padding, dilation, groups).to(dtype)
    if input.dim() != 5 or weight.dim() != 5:  # torch says what is wrong
        return torch.nn.functional.conv3d(input, weight, bias, stride, padding, dilation, groups)
    if groups > 1:
        weight = faults.ordered(weight)
        if max(dilation) > 1 and is_channels_last_3d(input):
            input = input.contiguous()
    if faults.misreads_convolution(input.size(2), weight.size(2), stride[0], padding[0], dilation[0]):
        input = torch.nn.functional.pad(input, (0, 0, 0, 0, padding[0], padding[0]))
        padding = (0, *padding[1:])
    return torch.nn.functional.conv3d(input, weight, bias, stride, padding, dilation, groups)


def convolve(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> torch.Tensor:
    """Return the convolution of a volume that processes share; `padding` may be "same" or "valid", as torch's may."""
    from .distributed.convolution import conv3d as of_shards

    steps, holes = triple(stride, "stride"), triple(dilation, "dilation")
    pads: list[tuple[int, int]]
    if padding == "same":
        if steps != (1, 1, 1):
            msg = f"padding='same' is not supported with stride={steps}; use stride=1, or give the padding in numbers."
            raise OperatorError(msg)
        spans = [hole * (taps - 1) for hole, taps in zip(holes, weight.shape[2:], strict=True)]
        pads = [(span // 2, span - span // 2) for span in spans]
    else:
        pads = [(each, each) for each in triple(0 if padding == "valid" else padding, "padding")]
    sides: Pads = (pads[0], pads[1], pads[2])
    return of_shards(conv3d, input, weight, bias, steps, sides, holes, groups)
