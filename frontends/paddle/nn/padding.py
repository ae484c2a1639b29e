"""What Paddle accepts for sizes and padding, and the rule behind `padding='SAME'`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
import torch

from ....backend import ConvTranspose3dSpec, OperatorTypeError
from ....backend.arguments import integer, is_free

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....backend.arguments import Pads, Triple

__all__ = ["DataFormat", "check_data_format", "filter_size_for", "pads_of", "same_pads", "same_pads_of", "triple_of"]

DataFormat: TypeAlias = Literal["NCDHW", "NDHWC"]
DATA_FORMATS = get_args(DataFormat)


def check_data_format(data_format: Any) -> None:
    """Raise ValueError unless it is 'NCDHW' or 'NDHWC'."""
    if data_format not in DATA_FORMATS:
        msg = (
            f"Attr(data_format) should be 'NCDHW' or 'NDHWC'. Received Attr(data_format): {data_format!r}. "
            f"The layer's weight is the same for both."
        )
        raise ValueError(msg)


def triple_of(value: Any, name: str) -> list[int]:
    """Return three ints, one per axis (depth, height, width); one int stands for all three.

    Raises:
        ValueError: neither an integer nor three of them.

    >>> triple_of(2, "stride"), triple_of((1, 2, 2), "stride")
    ([2, 2, 2], [1, 2, 2])
    """
    if _is_integer(value):
        return [integer(value, name)] * 3
    items = _items(value, name)
    if len(items) != 3:
        msg = (
            f"The {name}'s length must be 3. Received: {value!r}. Give one int, or one per axis (depth, height, width)."
        )
        raise ValueError(msg)
    return [integer(item, name) for item in items]


def pads_of(padding: Any, data_format: str) -> Pads | None:
    """Return the (low, high) pads per axis, or None for `'SAME'`, which depends on the input.

    Args:
        padding: 'SAME' or 'VALID' in any case, one int, three, six `[d_lo, d_hi, h_lo, h_hi, w_lo, w_hi]`, or five
            pairs in the order of `data_format`, of which those of batch and channel are zero.
        data_format: 'NCDHW' or 'NDHWC'.

    Raises:
        ValueError: any other form, or a negative pad.

    >>> pads_of(1, "NCDHW"), pads_of("same", "NCDHW")
    (((1, 1), (1, 1), (1, 1)), None)
    >>> pads_of([0, 1, 2, 2, 0, 0], "NCDHW") == pads_of([[0, 0], [0, 1], [2, 2], [0, 0], [0, 0]], "NDHWC")
    True
    """
    if isinstance(padding, str):
        if padding.upper() not in ("SAME", "VALID"):
            msg = f"Unknown padding: '{padding}'. It can only be 'SAME' or 'VALID', or numbers."
            raise ValueError(msg)
        return None if padding.upper() == "SAME" else ((0, 0), (0, 0), (0, 0))
    flat = _flat(padding, data_format)
    if min(flat) < 0:
        msg = (
            f"Invalid padding, all value should be larger than or equal to 0, but received: {padding!r}. "
            f"Crop or pad the output instead."
        )
        raise ValueError(msg)
    top, bottom, up, down, left, right = flat
    return ((top, bottom), (up, down), (left, right))


def same_pads(input_size: Triple, kernel_size: Triple, stride: Triple) -> Pads:
    """Return the pads that Paddle's operator takes for 'SAME', which also sets its dilation to 1.

    They are those of the convolution of an input of this size, and come from the input's size, not the output's: an
    input of 3 with stride 2 gives 5, not 6. Where a graph leaves the size free, so are they, unless every size gives
    the same.

    >>> same_pads((3, 4, 5), (3, 3, 3), (2, 2, 1))
    ((1, 1), (0, 1), (1, 1))
    """
    depth, height, width = map(same_pads_of, input_size, kernel_size, stride)
    return (depth, height, width)


def same_pads_of(size: int, kernel_size: int, stride: int) -> tuple[int, int]:
    """Return those of `same_pads` along one axis."""
    total = _same_total(size, kernel_size, stride)
    return (total // 2, total - total // 2)  # the smaller half before


def _same_total(size: int, kernel_size: int, stride: int) -> int:
    # total = max((ceil(n / s) - 1) * s + k - n, 0), where (ceil(n / s) - 1) * s is n - 1 less its remainder
    if stride == 1 or kernel_size == 1:
        return kernel_size - 1
    total = kernel_size - 1 - (size - 1) % stride
    return total if kernel_size >= stride else _or_zero(total)


def _or_zero(number: Any) -> Any:
    return number.clamp(min=0) if isinstance(number, torch.Tensor) else torch.sym_max(number, 0)  # type: ignore[no-untyped-call]


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


def _flat(padding: Any, data_format: str) -> list[int]:
    if _is_integer(padding):
        return [integer(padding, "padding")] * 6
    items = _items(padding, "padding")
    if len(items) == 5 and all(isinstance(item, (list, tuple)) for item in items):
        if any(len(item) != 2 for item in items):
            msg = f"padding={padding!r} holds an item that is no (low, high) pair; give two ints per axis."
            raise AssertionError(msg)
        pairs = [[integer(pad, "padding") for pad in item] for item in items]
        first = 2 if data_format == "NCDHW" else 1
        if any(any(pair) for pair in pairs[:first] + pairs[first + 3 :]):
            msg = (
                f"Non-zero padding({padding!r}) in the batch or channel dimensions is not supported. "
                f"The order of the pairs is that of data_format={data_format!r}."
            )
            raise ValueError(msg)
        return [pad for pair in pairs[first : first + 3] for pad in pair]
    if len(items) not in (3, 6) or not all(_is_integer(item) for item in items):
        msg = (
            f"In valid padding: {padding!r}. Give 'SAME', 'VALID', one int, 3 ints (depth, height, width), 6 ints "
            f"(low and high of each) or 5 (low, high) pairs in the order of data_format={data_format!r}."
        )
        raise ValueError(msg)
    pads = [integer(item, "padding") for item in items]
    return pads if len(pads) == 6 else [pads[0], pads[0], pads[1], pads[1], pads[2], pads[2]]


def _is_integer(value: Any) -> bool:
    # a bool is one to Python; integer() then refuses it and says why
    return isinstance(value, (int, np.integer)) or is_free(value)


def _items(value: Any, name: str) -> list[Any]:
    if isinstance(value, (str, bytes)):
        msg = f"{name}={value!r} is a string; it must be an int or a list of ints."
        raise OperatorTypeError(msg)
    try:
        return list(value)
    except TypeError:
        msg = (
            f"The {name}'s type must be list or tuple. Received: {value!r}, a {type(value).__name__}. "
            f"Give an int, or a list of ints."
        )
        raise ValueError(msg) from None
