"""Rows of convolutions; those along three axes, and transposed, are written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch.nn.functional as F

from ....backend import OperatorError
from ..names import NAMES
from ..nn import convolution
from ..nn.mapped import mapped
from .windows import Windows, along, channels_last, pads_along, several

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["convolved"]

fn = NAMES.function
CONVOLVE = {1: F.conv1d, 2: F.conv2d}


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
    count: int = 2,
) -> Tensor:
    """Apply a convolution along one or two axes; arguments as in `conv3d`."""
    last = channels_last(data_format, count, f"conv{count}d")
    strides, dilations = several(stride, count, "stride"), several(dilation, count, "dilation")
    pads: Any = pads_along(padding, count, last=last)
    if x.dim() != count + 2:
        msg = f"Input x should be {count + 2}D tensor, but received x with the shape of {list(x.shape)}. Reshape it."
        raise OperatorError(msg)
    channels, sizes = x.shape[-1 if last else 1], [int(size) for size in list(x.shape)[1 if last else 2 :][:count]]
    if channels != weight.shape[1] * groups:
        msg = (
            f"The channel of input must be divisible by groups, and number of filter channels should be the input's "
            f"by groups: x has {channels}, weight {weight.shape[1]}, groups={groups}."
        )
        raise OperatorError(msg)
    kernel = [int(size) for size in list(weight.shape)[2:]]
    if pads == "SAME":
        pads, dilations = Windows(sizes, kernel, strides, pads, False).pads, [1] * count
    elif pads == "VALID":
        pads = [(0, 0)] * count

    def computed(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if all(low == high for low, high in pads):
            return CONVOLVE[count](x, weight, bias, strides, [low for low, _ in pads], dilations, groups)
        wide = F.pad(x, [side for pair in reversed(pads) for side in pair])
        return CONVOLVE[count](wide, weight, bias, strides, 0, dilations, groups)

    return mapped(computed, x, weight, bias, channel_last=last)


fn("conv1d", along(convolved, 1))
fn("conv2d", along(convolved, 2))
fn("conv3d", convolution.conv3d)
