"""Convolutions, pools and sizes of images and volumes, in fluid's words; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import convolution
from ....backend.arguments import is_free
from ....backend.execution.layout import moved
from ...tensor import like, plain
from ..nn.padding import same_pads_of
from .names import row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__ = ["adaptive_pool", "convolved", "dilations_of", "is_last", "pooled", "sides_of", "sizes_of"]


def is_last(data_format: str) -> bool:
    """Return whether the channels are the last axis."""
    return data_format in ("NLC", "NHWC", "NDHWC")


def sizes_of(value: Any, axes: int, name: str) -> list[int]:
    """Return one number per axis; one stands for all.

    Raises:
        ValueError: there are neither one nor as many as axes.
    """
    numbers = [value] * axes if not isinstance(value, (list, tuple)) else list(value)
    if len(numbers) != axes or not all(isinstance(number, int) for number in numbers):
        msg = f"The {name}'s length must be {axes}. Received: {value}. Give one int, or {axes} of them."
        raise ValueError(msg)
    return numbers


def sides_of(
    padding: Any, data_format: str, size: Sequence[int], kernel: Sequence[int], stride: Sequence[int]
) -> list[tuple[int, int]]:
    """Return what is added before and after each axis.

    Args:
        padding: one number, one per axis, one per side, pairs in the order of `data_format`, 'SAME' or 'VALID'.
        data_format: such as 'NCHW'.
        size: of the input, which 'SAME' needs.
        kernel: likewise.
        stride: likewise.

    Raises:
        ValueError: any other form.
    """
    axes = len(kernel)
    if isinstance(padding, str):
        if padding.upper() not in ("SAME", "VALID"):
            msg = f"Unknown padding: '{padding}'. It can only be 'SAME' or 'VALID', or numbers."
            raise ValueError(msg)
        if padding.upper() == "VALID":
            return [(0, 0)] * axes
        return list(map(same_pads_of, size, kernel, stride))
    if isinstance(padding, (list, tuple)) and padding and isinstance(padding[0], (list, tuple)):
        first = 1 if is_last(data_format) else 2
        outside = [pair for place, pair in enumerate(padding) if not first <= place < first + axes]
        if any(number for pair in outside for number in pair):
            msg = f"Non-zero padding({padding}) in the batch or channel dimensions is not supported."
            raise ValueError(msg)
        return [(pair[0], pair[1]) for pair in padding[first : first + axes]]
    if isinstance(padding, (list, tuple)) and len(padding) == 2 * axes and axes > 1:
        return [(padding[at], padding[at + 1]) for at in range(0, 2 * axes, 2)]
    return [(number, number) for number in sizes_of(padding, axes, "padding")]


def dilations_of(dilation: Any, axes: int, padding: Any) -> list[int]:
    """Return the dilation of each axis of a convolution; 'SAME' makes it 1."""
    dilations = sizes_of(dilation, axes, "dilation")
    return [1] * axes if isinstance(padding, str) and padding.upper() == "SAME" else dilations


def with_channels_second(
    function: Callable[..., Tensor], x: Tensor, data_format: str, *operands: Any, **options: Any
) -> Tensor:
    """Call a function that takes the channels second on a tensor that may have them last."""
    volume = plain(x)
    last = is_last(data_format)
    found = function(moved(volume, -1, 1) if last else volume, *operands, **options)
    return like(moved(found, 1, -1) if last else found, x)


def added(x: Tensor, sides: Sequence[tuple[int, int]], value: float = 0.0) -> Tensor:
    """Put a value around a tensor."""
    if not are_some(sides):
        return x
    return F.pad(x, [number for pair in reversed(sides) for number in pair], value=value)


def are_some(sides: Sequence[tuple[int, int]]) -> bool:
    """Return whether anything is added; it may be where a graph leaves the size free."""
    return any(is_free(number) or number for pair in sides for number in pair)


_CONVOLUTIONS: dict[int, Callable[..., Tensor]] = {1: F.conv1d, 2: F.conv2d, 3: convolution.conv3d}


def convolved(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int | None = None,
    data_format: str = "NCHW",
) -> Tensor:
    """Convolve with a weight `(C_out, C_in / groups, ...)`.

    Raises:
        ValueError: an argument has a wrong form.
    """
    axes = weight.dim() - 2
    strides, dilations = sizes_of(stride, axes, "stride"), dilations_of(dilation, axes, padding)
    convolve = _CONVOLUTIONS[axes]
    learned = plain(weight), None if bias is None else plain(bias)

    def applied(volume: Tensor) -> Tensor:
        sides = sides_of(padding, data_format, volume.shape[2:], learned[0].shape[2:], strides)
        if all(not is_free(low) and not is_free(high) and low == high for low, high in sides):
            return convolve(volume, *learned, strides, [low for low, _ in sides], dilations, groups or 1)
        return convolve(added(volume, sides), *learned, strides, [0] * axes, dilations, groups or 1)

    return with_channels_second(applied, input, data_format)


def pooled(
    input: Tensor,
    axes: int,
    pool_size: Any = -1,
    pool_type: str = "max",
    pool_stride: Any = 1,
    pool_padding: Any = 0,
    global_pooling: bool = False,
    ceil_mode: bool = False,
    exclusive: bool = True,
    data_format: str = "NCHW",
) -> Tensor:
    """Return the greatest values, or the means, of windows.

    Raises:
        ValueError: an argument is illegal.
    """
    check_type(pool_type)
    if not global_pooling and pool_size == -1:
        msg = "When Attr(global_pooling) is False, Attr(pool_size) must be passed: an int or one per axis."
        raise ValueError(msg)

    def applied(volume: Tensor) -> Tensor:
        size = list(volume.shape[2:])
        if global_pooling:
            return windowed(volume, size, [1] * axes, [(0, 0)] * axes, pool_type, False, exclusive)
        kernel, strides = sizes_of(pool_size, axes, "pool_size"), sizes_of(pool_stride, axes, "pool_stride")
        sides = sides_of(pool_padding, data_format, size, kernel, strides)
        return windowed(volume, kernel, strides, sides, pool_type, ceil_mode, exclusive)

    return with_channels_second(applied, input, data_format)


_MAXIMA = {2: F.max_pool2d, 3: F.max_pool3d}
_MEANS = {2: F.avg_pool2d, 3: F.avg_pool3d}


def windowed(
    x: Tensor,
    kernel: list[int],
    stride: list[int],
    sides: list[tuple[int, int]],
    pool_type: str,
    ceil_mode: bool,
    exclusive: bool,
) -> Tensor:
    """Pool; what is added beside the volume is never the greatest, and `exclusive` leaves it out of means."""
    axes = len(kernel)
    if ceil_mode:
        # as many windows as begin inside, whatever they reach: torch leaves out those that begin in what is added
        sides = [
            (low, high + (-(size + low + high - taps)) % step)
            for size, taps, step, (low, high) in zip(x.shape[2:], kernel, stride, sides, strict=True)
        ]
    if pool_type == "max":
        return _MAXIMA[axes](added(x, sides, float("-inf")), kernel, stride)
    means = _MEANS[axes](added(x, sides), kernel, stride)
    if not exclusive or not are_some(sides):
        return means
    inside = _MEANS[axes](added(torch.ones_like(x[:1, :1]), sides), kernel, stride)
    return means / inside


def adaptive_pool(input: Tensor, axes: int, pool_size: Any, pool_type: str = "max") -> Tensor:
    """Return the greatest values, or the means, of as many windows as `pool_size` says."""
    check_type(pool_type)
    size = sizes_of(pool_size, axes, "pool_size")
    maxima: Any = {2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}
    means: Any = {2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}
    return like((maxima if pool_type == "max" else means)[axes](plain(input), size), input)


def check_type(pool_type: Any) -> None:
    """Raise ValueError for another pool than 'max' and 'avg'."""
    if pool_type not in ("max", "avg"):
        msg = f"Unknown Attr(pool_type): {pool_type!r}. It can only be 'max' or 'avg'."
        raise ValueError(msg)


def pool(axes: int) -> Callable[..., Tensor]:
    """Return the pool of so many axes."""

    def pool_of(
        input: Tensor,
        pool_size: Any = -1,
        pool_type: str = "max",
        pool_stride: Any = 1,
        pool_padding: Any = 0,
        global_pooling: bool = False,
        ceil_mode: bool = False,
        exclusive: bool = True,
        data_format: str = "NCHW",
    ) -> Tensor:
        windows = (pool_size, pool_type, pool_stride, pool_padding, global_pooling, ceil_mode, exclusive, data_format)
        return pooled(input, axes, *windows)

    return pool_of


row("pool2d")(pool(2))
row("pool3d")(pool(3))


@row("adaptive_pool2d")
def adaptive_pool2d(input: Tensor, pool_size: Any, pool_type: str = "max") -> Tensor:
    """Pool images to a size."""
    return adaptive_pool(input, 2, pool_size, pool_type)


@row("adaptive_pool3d")
def adaptive_pool3d(input: Tensor, pool_size: Any, pool_type: str = "max") -> Tensor:
    """Pool volumes to a size."""
    return adaptive_pool(input, 3, pool_size, pool_type)
