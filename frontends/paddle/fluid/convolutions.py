"""Convolutions and transposed convolutions of images, as functions of what is learned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch.nn.functional as F

from ...tensor import plain
from ..nn.initializer import Normal
from .activations import acting
from .windows import convolved, dilations_of, is_last, sides_of, sizes_of, with_channels_second

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["channels_by", "convolution", "convolved_back", "size_back", "spread"]


convolution = acting(convolved)


def spread(taps: Any, channels: int) -> Normal:
    """Return how weights of convolutions begin: with a variance of 2 by the values that go into one."""
    return Normal(0.0, math.sqrt(2 / (math.prod(taps) * channels)))


def channels_by(input: Any, data_format: str = "NCHW") -> int:
    """Return the number of channels."""
    return int(input.shape[-1] if is_last(data_format) else input.shape[1])


@acting
def convolved_back(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int | None = None,
    output_size: Any = None,
    data_format: str = "NCHW",
) -> Tensor:
    """Apply a 2-D transposed convolution with a weight `(C_in, C_out / groups, kH, kW)`."""
    strides, dilations = sizes_of(stride, 2, "stride"), dilations_of(dilation, 2, padding)

    def applied(x: Tensor) -> Tensor:
        sides = sides_of(padding, data_format, x.shape[2:], weight.shape[2:], strides)
        full = F.conv_transpose2d(
            x, plain(weight), None, strides, 0, [step - 1 for step in strides], groups or 1, dilations
        )
        # with the most that output_size may ask for, cut to what it does ask for
        found = full
        for axis, ((low, high), step) in enumerate(zip(sides, strides, strict=True)):
            least = full.shape[axis + 2] - (step - 1) - low - high
            want = least if output_size is None else sizes_of(output_size, 2, "output_size")[axis]
            if not least <= want < least + step:
                msg = f"output_size {want} of axis {axis} should be {least} to {least + step - 1}."
                raise ValueError(msg)
            found = found.narrow(axis + 2, low, want)
        return found if bias is None else found + plain(bias).reshape([-1, 1, 1])

    return with_channels_second(applied, input, data_format)


def size_back(
    input: Any, filter_size: Any, output_size: Any, padding: Any, stride: Any, dilation: Any, data_format: str
) -> Any:
    """Return the size of the filter, or the one by which the output gets the size that is wanted.

    Raises:
        ValueError: neither size is given.
    """
    if filter_size is not None:
        return filter_size
    if output_size is None:
        msg = "output_size must be set when filter_size is None"
        raise ValueError(msg)
    size = list(input.shape[1:3] if is_last(data_format) else input.shape[2:])
    wanted, steps = sizes_of(output_size, 2, "output_size"), sizes_of(stride, 2, "stride")
    sides, holes = sides_of(padding, data_format, size, [1, 1], steps), sizes_of(dilation, 2, "dilation")
    return [
        (want - (have - 1) * step + low + high - 1) // hole + 1
        for want, have, step, (low, high), hole in zip(wanted, size, steps, sides, holes, strict=True)
    ]
