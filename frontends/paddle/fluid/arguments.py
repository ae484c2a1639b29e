"""What fluid accepts for sizes and padding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....backend.arguments import integer
from ..nn.padding import triple_of

if TYPE_CHECKING:
    from ....backend.arguments import Pads

__all__ = ["check_name", "explicit_pads", "spatial"]


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
