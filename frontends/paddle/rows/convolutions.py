"""Rows of convolutions; transposed ones are written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch.nn.functional as F

from ....backend import OperatorError, convolution
from ....backend.arguments import is_free
from ..names import NAMES
from ..nn.mapped import mapped
from ..nn.padding import same_pads_of
from ..static.graph import recording
from .windows import along, channels_last, pads_along, several

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["convolved"]

fn = NAMES.function
CONVOLVE: dict[int, Any] = {1: F.conv1d, 2: F.conv2d, 3: convolution.conv3d}


@recording
def convolved(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    data_format: str = "NCHW",
    *,
    count: int,
) -> Tensor:
    """Apply a convolution.

    Args:
        x: `(N, C_in, ...)`, or the channels last.
        weight: `(C_out, C_in / groups, ...)`, for both data formats.
        bias: `(C_out,)`, or None. Default: None.
        stride: one int or one for each axis, 1 and above. Default: 1.
        padding: one int, one or two for each axis (low and high), or pairs of all axes in the order of `data_format`,
            0 and above; 'VALID': none; 'SAME': what gives `ceil(size / stride)`, and dilation 1. Default: 0.
        dilation: one int or one for each axis, 1 and above. Default: 1.
        groups: a divisor of both channel counts. Default: 1.
        data_format: order of the axes of input and output.
        count: how many axes there are beside batch and channels.

    Raises:
        ValueError: a form of padding, or the data format, is illegal.

    >>> import torch
    >>> convolved(torch.ones(1, 1, 5, 5), torch.ones(1, 1, 3, 3), stride=2, padding="SAME", count=2).shape
    torch.Size([1, 1, 3, 3])
    """
    last = channels_last(data_format, count, f"conv{count}d")
    strides, dilations = several(stride, count, "stride"), several(dilation, count, "dilation")
    pads: Any = pads_along(padding, count, last=last)
    if x.dim() != count + 2:
        msg = f"Input x should be {count + 2}D tensor, but received x with the shape of {list(x.shape)}. Reshape it."
        raise OperatorError(msg)
    channels, sizes = x.shape[-1 if last else 1], x.shape[1:-1] if last else x.shape[2:]
    if channels != weight.shape[1] * groups:
        msg = (
            f"The channel of input must be divisible by groups, and number of filter channels should be the input's "
            f"by groups: x has {channels}, weight {weight.shape[1]}, groups={groups}."
        )
        raise OperatorError(msg)
    if pads == "SAME":
        pads, dilations = list(map(same_pads_of, sizes, weight.shape[2:], strides)), [1] * count
    elif pads == "VALID":
        pads = [(0, 0)] * count

    convolve = CONVOLVE[count]

    def computed(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        sides = [side for pair in reversed(pads) for side in pair]
        # a graph may leave sizes free, and with them the pads of 'SAME'
        if not any(map(is_free, sides)) and all(low == high for low, high in pads):
            return convolve(x, weight, bias, strides, [low for low, _ in pads], dilations, groups)
        return convolve(F.pad(x, sides), weight, bias, strides, [0] * count, dilations, groups)

    return mapped(computed, x, weight, bias, channel_last=last)


fn("conv1d", along(convolved, 1))
fn("conv2d", along(convolved, 2))
fn("conv3d", along(convolved, 3))
