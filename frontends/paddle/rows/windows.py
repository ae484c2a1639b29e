"""What Paddle accepts for sizes and paddings along any number of axes, and where windows lie."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from ....backend import OperatorError, OperatorTypeError
from ..nn.mapped import CHANNEL_LAST

__all__ = ["Windows", "along", "channels_last", "check_sizes", "pads_along", "several"]

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = {1: ("NCL", "NLC"), 2: ("NCHW", "NHWC"), 3: ("NCDHW", "NDHWC")}


def check_sizes(**sizes: list[int]) -> None:
    """Raise unless the sizes that a convolution divides by, by their names, are 1 and above.

    Raises:
        ValueError: one is not.
    """
    for name, values in sizes.items():
        if min(values) < 1:
            shown = values[0] if len(values) == 1 else values
            msg = f"{name}={shown} is not legal; it must be 1 and above. Correct the argument."
            raise ValueError(msg)


def several(value: Any, count: int, name: str) -> list[int]:
    """Return one int for each axis; one stands for all.

    Raises:
        ValueError: neither an integer nor as many as there are axes.

    >>> several(2, 3, "stride"), several((1, 2), 2, "stride")
    ([2, 2, 2], [1, 2])
    """
    if hasattr(value, "__index__"):
        return [int(value)] * count
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        msg = f"The {name}'s type must be list or tuple. Received: {value!r}. Give an int, or a list of {count}."
        raise OperatorTypeError(msg)
    items = list(value)
    if len(items) == 1:
        items = items * count
    if len(items) != count or not all(hasattr(item, "__index__") for item in items):
        msg = f"The {name}'s length must be {count}. Received: {value!r}. Give one int, or one for each axis."
        raise OperatorError(msg)
    return [int(item) for item in items]


def along(function: Callable[..., Any], count: int, **fixed: Any) -> Callable[..., Any]:
    """Return a function for so many axes, with some arguments fixed."""
    given = {"count": count, **fixed}

    @functools.wraps(function)
    def computed(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **given, **kwargs)

    signature = inspect.signature(function)
    left = [each for each in signature.parameters.values() if each.name not in given]
    computed.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
    return computed


def channels_last(data_format: Any, count: int, name: str) -> bool:
    """Return whether the channels are the last axis.

    Raises:
        ValueError: it is no format of so many axes.
    """
    if data_format not in FORMATS[count]:
        legal = " or ".join(map(repr, FORMATS[count]))
        msg = f"Attr(data_format) of {name} should be {legal}. Received Attr(data_format): {data_format!r}."
        raise ValueError(msg)
    return data_format in CHANNEL_LAST


def pads_along(padding: Any, count: int, *, last: bool) -> list[tuple[int, int]] | str:
    """Return (low, high) for each axis; 'SAME' or 'VALID' in capitals, which depend on the sizes.

    Args:
        padding: that, one int, one or two for each axis, or pairs of all axes in the order of the data format.
        count: how many axes there are beside batch and channels.
        last: whether the channels are the last axis.

    Raises:
        ValueError: any other form, or a negative pad.

    >>> pads_along(1, 2, last=False), pads_along([0, 1, 2, 2], 2, last=False)
    ([(1, 1), (1, 1)], [(0, 1), (2, 2)])
    """
    if isinstance(padding, str):
        if padding.upper() not in ("SAME", "VALID"):
            msg = f"Unknown padding: '{padding}'. It can only be 'SAME' or 'VALID', or numbers."
            raise ValueError(msg)
        return padding.upper()
    items = [padding] * count if hasattr(padding, "__index__") else list(padding)
    if len(items) == count + 2 and all(isinstance(item, (list, tuple)) for item in items):
        first = 1 if last else 2
        pairs = [(int(low), int(high)) for low, high in items]
        if any(any(pair) for pair in pairs[:first] + pairs[first + count :]):
            msg = f"Non-zero padding({padding}) in the batch or channel dimensions is not supported."
            raise ValueError(msg)
        pairs = pairs[first : first + count]
    elif not all(hasattr(item, "__index__") for item in items) or len(items) not in (1, count, 2 * count):
        msg = (
            f"In valid padding: {padding!r}. Give 'SAME', 'VALID', one int, {count} or {2 * count} ints, or pairs of "
            f"all axes."
        )
        raise OperatorError(msg)
    elif len(items) == 2 * count and count > 0 and len(items) != 1:
        pairs = [(int(items[2 * axis]), int(items[2 * axis + 1])) for axis in range(count)]
    else:
        pairs = [(int(item), int(item)) for item in (items * count if len(items) == 1 else items)]
    if any(pad < 0 for pair in pairs for pad in pair):
        msg = f"Invalid padding, all value should be larger than or equal to 0, but received: {padding!r}."
        raise ValueError(msg)
    return pairs


class Windows:
    """Where the windows of a pool lie.

    Args:
        sizes: of the input, along each axis.
        kernel_size: of the windows.
        stride: from one to the next.
        padding: (low, high) of each axis, 'SAME' or 'VALID'.
        ceil_mode: whether the last may end outside.

    Raises:
        ValueError: `ceil_mode` with 'VALID'.
    """

    def __init__(
        self, sizes: list[int], kernel_size: list[int], stride: list[int], padding: Any, ceil_mode: bool
    ) -> None:
        self.sizes, self.kernel_size, self.stride, self.ceil_mode = sizes, kernel_size, stride, ceil_mode
        if padding == "SAME":
            # total = (ceil(n / s) - 1) * s + k - n, the smaller half before
            totals = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(sizes, kernel_size, stride, strict=True)]
            padding = [(total // 2, total - total // 2) for total in totals]
        elif padding == "VALID":
            if ceil_mode:
                msg = 'When Attr(pool_padding) is "VALID", Attr(ceil_mode) must be False. Received ceil_mode: True.'
                raise ValueError(msg)
            padding = [(0, 0)] * len(sizes)
        self.pads: list[tuple[int, int]] = padding
        self.counts = [
            (n + low + high - k + (s - 1 if ceil_mode else 0)) // s + 1
            for n, k, s, (low, high) in zip(sizes, kernel_size, stride, padding, strict=True)
        ]

    @property
    def plain(self) -> bool:
        """Whether torch's own pools place them so: equal sides of half a window at most, none outside.

        Without padding, windows that overlap or touch begin inside, so that torch's `ceil_mode` is this one. Sizes
        are looked at last: a graph may leave them free.
        """
        if self.ceil_mode and not any(map(any, self.pads)):
            touching = zip(self.stride, self.kernel_size, strict=True)
            return all(step <= size for step, size in touching)
        equal = all(low == high and 2 * low <= k for (low, high), k in zip(self.pads, self.kernel_size, strict=True))
        return equal and (not self.ceil_mode or self._are_inside())

    def _are_inside(self) -> bool:
        return all(
            (count - 1) * s + k <= n + low + high
            for count, s, k, n, (low, high) in zip(
                self.counts, self.stride, self.kernel_size, self.sizes, self.pads, strict=True
            )
        )

    def around(self) -> list[int]:
        """Return what to add on each side so that the windows fill what is there, last axis first, as torch pads."""
        sides = []
        for count, s, k, n, (low, _) in zip(
            self.counts, self.stride, self.kernel_size, self.sizes, self.pads, strict=True
        ):
            sides.append([low, (count - 1) * s + k - n - low])
        return [side for pair in reversed(sides) for side in pair]

    def counted(self, *, exclusive: bool) -> list[list[int]]:
        """Return how many values each window has along each axis; with `exclusive`, without the padding."""
        found = []
        for count, s, k, n, (low, _) in zip(
            self.counts, self.stride, self.kernel_size, self.sizes, self.pads, strict=True
        ):
            starts = [index * s - low for index in range(count)]
            if exclusive:
                found.append([max(min(start + k, n) - max(start, 0), 0) for start in starts])
            else:
                # the low side counts for both, as in the release
                found.append([max(min(start + k, n + low) - start, 0) for start in starts])
        return found
