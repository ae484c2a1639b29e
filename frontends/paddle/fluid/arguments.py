"""What fluid accepts for sizes and padding, and the filter size that an output size needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....backend import ConvTranspose3dSpec
from ....backend.arguments import integer
from ..nn.padding import triple_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....backend.arguments import Pads, Triple

__all__ = ["check_name", "explicit_pads", "filter_size_for", "spatial"]


def check_name(name: Any) -> None:
    """Raise unless `name` is None or can begin the names of parameters.

    Raises:
        TypeError: it is not a str.
        ValueError: it is empty.
    """
    if name is not None and not isinstance(name, str):
        msg = f"name={name!r} is a {type(name).__name__}; it must be a str or None."
        raise TypeError(msg)
    if name == "":
        msg = "name can not be empty str; leave it out to have one generated."
        raise ValueError(msg)


def spatial(value: Any, name: str) -> list[int]:
    """Return three ints, one per axis (depth, height, width); one int stands for all three.

    Raises:
        ValueError: neither an integer nor three of them.

    >>> spatial(2, "stride"), spatial((1, 2, 2), "stride")
    ([2, 2, 2], [1, 2, 2])
    """
    if isinstance(value, str):
        msg = f"The {name}'s length must be 3. Received: {value}, a string. Give one int, or three of them."
        raise ValueError(msg)
    return triple_of(value, name)


def explicit_pads(padding: Any, data_format: str) -> Pads:
    """Return (low, high) per axis from the numeric forms of padding that `layers.conv3d_transpose` takes.

    Args:
        padding: one int, three, six `[d_lo, d_hi, h_lo, h_hi, w_lo, w_hi]`, or five pairs in the order of
            `data_format`, of which those of batch and channel are zero. Negative ones add zeros to the output.
        data_format: 'NCDHW' or 'NDHWC'.

    Raises:
        ValueError: any other form, or a non-zero pair for batch or channel.

    >>> explicit_pads([0, 1, 2, 2, 0, 0], "NCDHW")
    ((0, 1), (2, 2), (0, 0))
    >>> explicit_pads([[0, 0], [0, 1], [2, 2], [0, 0], [0, 0]], "NDHWC")
    ((0, 1), (2, 2), (0, 0))
    """
    if (
        isinstance(padding, (list, tuple))
        and len(padding) == 5
        and all(isinstance(pair, (list, tuple)) for pair in padding)
    ):
        first = 2 if data_format == "NCDHW" else 1
        if any(any(pair) for pair in [*padding[:first], *padding[first + 3 :]]):
            msg = (
                f"Non-zero padding({padding}) in the batch or channel dimensions is not supported. "
                f"The order of the pairs is that of data_format={data_format!r}."
            )
            raise ValueError(msg)
        padding = [pad for pair in padding[first : first + 3] for pad in pair]
    if isinstance(padding, (list, tuple)) and len(padding) == 6:
        top, bottom, up, down, left, right = (integer(pad, "padding") for pad in padding)
        return ((top, bottom), (up, down), (left, right))
    depth, height, width = spatial(padding, "padding")
    return ((depth, depth), (height, height), (width, width))


def filter_size_for(
    output_size: Sequence[int], input_size: Triple, *, stride: Any, padding: Any, dilation: Any
) -> list[int]:
    """Return the filter size with which an input of `input_size` gives `output_size`.

    It solves `ConvTranspose3dSpec.output_size` for the kernel, rounding down:
    `(output_size - output size with a kernel of 1) // dilation + 1` per axis. Where dilation leaves a remainder of
    stride or more, no kernel gives that size, and the operator refuses it.

    Args:
        output_size: wanted, (depth, height, width).
        input_size: likewise.
        stride: as in `ConvTranspose3dSpec`.
        padding: likewise.
        dilation: likewise.

    Raises:
        ValueError: no kernel is that small.

    >>> filter_size_for((7, 9, 11), (3, 4, 5), stride=2, padding=1, dilation=2)
    [3, 3, 3]
    """
    point = ConvTranspose3dSpec(
        in_channels=1, out_channels=1, kernel_size=1, stride=stride, padding=padding, dilation=dilation
    )
    smallest = point.output_size(input_size)
    sizes = [(wanted - least) // d + 1 for wanted, least, d in zip(output_size, smallest, point.dilation, strict=True)]
    if min(sizes) < 1:
        msg = (
            f"Each dimension of shape for Parameter must be greater than 0, but output_size={list(output_size)} needs "
            f"a filter of {sizes} for an input of {list(input_size)}; with these strides and paddings the least "
            f"output_size is {list(smallest)}. Raise output_size, or lower stride."
        )
        raise ValueError(msg)
    return sizes
