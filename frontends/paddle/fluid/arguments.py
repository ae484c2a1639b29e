"""What fluid accepts for sizes and padding, turned into what the engine's spec takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ....backend import ConvTranspose3dSpec

if TYPE_CHECKING:
    from ....backend.arguments import Pads, Triple

__all__ = ["filter_size_for", "pads_of", "spatial"]


def spatial(value: Any, name: str) -> list[int]:
    """Return three ints, one per axis; fluid takes one Python int or an iterable of three integers.

    Raises:
        ValueError: anything else, a NumPy scalar included, as in fluid.

    >>> spatial(2, "stride"), spatial((1, 2, 2), "stride")
    ([2, 2, 2], [1, 2, 2])
    """
    return _integers(value, 3, name)


def _integers(value: Any, count: int, name: str) -> list[int]:
    if isinstance(value, int) and not isinstance(value, bool):
        return [value] * count
    if not isinstance(value, Iterable) or isinstance(value, bytes) or getattr(value, "ndim", 1) == 0:
        msg = (
            f"The {name}'s type must be list or tuple. Received: {value!r}, a {type(value).__name__}. "
            f"Give one int, or {count} of them."
        )
        raise ValueError(msg)
    items = list(value)
    if len(items) != count:
        msg = f"The {name}'s length must be {count}. Received: {value}. Give one int, or {count} of them."
        raise ValueError(msg)
    for item in items:
        if isinstance(item, bool) or not isinstance(item, int | np.integer):
            msg = (
                f"The {name}'s type must be a list or tuple of {count} {int}. Received: {value} "
                f"including element {item!r} of type {type(item)}. Convert it with int()."
            )
            raise ValueError(msg)
    return [int(item) for item in items]


def pads_of(padding: Any, data_format: str) -> Pads:
    """Return (low, high) per axis from the explicit forms of padding that `layers.conv3d_transpose` takes.

    Args:
        padding: one int, three, six `[d_lo, d_hi, h_lo, h_hi, w_lo, w_hi]`, or five pairs in the order of
            `data_format`, of which those of batch and channel are zero. Negative ones add zeros to the output.
        data_format: 'NCDHW' or 'NDHWC'.

    Raises:
        ValueError: any other form, or a non-zero pair for batch or channel.

    >>> pads_of([0, 1, 2, 2, 0, 0], "NCDHW"), pads_of([[0, 0], [0, 1], [2, 2], [0, 0], [0, 0]], "NDHWC")
    (((0, 1), (2, 2), (0, 0)), ((0, 1), (2, 2), (0, 0)))
    """
    if isinstance(padding, list | tuple) and len(padding) == 5 and all(isinstance(p, list | tuple) for p in padding):
        pairs = [_integers(pair, 2, "padding") for pair in padding]
        first = 2 if data_format == "NCDHW" else 1
        if any(any(pair) for pair in pairs[:first] + pairs[first + 3 :]):
            msg = (
                f"Non-zero padding({padding}) in the batch or channel dimensions is not supported. "
                f"The order is that of data_format={data_format}."
            )
            raise ValueError(msg)
        padding = [pad for pair in pairs[first : first + 3] for pad in pair]
    if isinstance(padding, list | tuple) and len(padding) == 6:
        top, bottom, up, down, left, right = _integers(padding, 6, "padding")
        return ((top, bottom), (up, down), (left, right))
    depth, height, width = spatial(padding, "padding")
    return ((depth, depth), (height, height), (width, width))


def filter_size_for(
    output_size: Triple | list[int], input_size: Triple, *, stride: Any, padding: Any, dilation: Any
) -> list[int]:
    """Return the filter size with which an input of `input_size` gives `output_size`.

    It solves `ConvTranspose3dSpec.output_size` for the kernel, rounding down:
    `(output_size - output size with a kernel of 1) // dilation + 1` per axis. Where dilation leaves a remainder of
    stride or more, no kernel gives that size, and the operator refuses it.

    Args:
        output_size: wanted, (depth, height, width).
        input_size: likewise.
        stride, padding, dilation: as in `ConvTranspose3dSpec`.

    Raises:
        ValueError: no kernel is that small.

    >>> filter_size_for((7, 9, 11), (3, 4, 5), stride=2, padding=1, dilation=2)
    [3, 3, 3]
    """
    point = ConvTranspose3dSpec(
        in_channels=1, out_channels=1, kernel_size=1, stride=stride, padding=padding, dilation=dilation
    )
    smallest = point.output_size(input_size)
    sizes = [
        (wanted - least) // d + 1 for wanted, least, d in zip(output_size, smallest, point.dilation, strict=True)
    ]
    if min(sizes) < 1:
        msg = (
            f"Each dimension of shape for Parameter must be greater than 0, but output_size={list(output_size)} needs "
            f"a filter of {sizes} for an input of {list(input_size)}; with these strides and paddings the least "
            f"output_size is {list(smallest)}. Raise output_size, or lower stride."
        )
        raise ValueError(msg)
    return sizes
