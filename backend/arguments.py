"""Turn what callers write (`2`, `[2, 2, 2]`, NumPy integers) into the triples of a spec, or say what is wrong."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from .errors import OperatorError, OperatorTypeError

Triple: TypeAlias = tuple[int, int, int]
Pads: TypeAlias = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
IntOrTriple: TypeAlias = int | Sequence[int]
IntOrPads: TypeAlias = int | Sequence[int] | Sequence[Sequence[int]]

AXES = ("depth", "height", "width")

# torch's kernels narrow these arguments to 32-bit integers without a check: stride=2**32 arrives as 0.
LARGEST = 2**31 - 1


def integer(value: Any, name: str, largest: int = LARGEST) -> int:
    """Return `value` as an int; bools and floats are refused, NumPy integers are not.

    >>> integer(3, "groups")
    3
    """
    if isinstance(value, bool):
        msg = f"{name}={value!r} is a bool; it must be an integer. Write the number."
        raise OperatorTypeError(msg)
    try:
        number = operator.index(value)
    except TypeError:
        msg = f"{name}={value!r} is a {type(value).__name__}; it must be an integer. Convert it with int() first."
        raise OperatorTypeError(msg) from None
    if not -largest <= number <= largest:
        power = largest.bit_length()
        msg = f"{name}={value!r} is out of range; legal values are within +-(2**{power} - 1). Use a smaller value."
        raise OperatorError(msg)
    return number


def triple(value: Any, name: str) -> Triple:
    """Return three ints, one per axis (depth, height, width); one int stands for all three.

    >>> triple(2, "stride"), triple([1, 2, 2], "stride")
    ((2, 2, 2), (1, 2, 2))
    """
    if not _is_sequence(value):
        number = integer(value, name)
        return (number, number, number)
    items = list(value)
    if len(items) != 3:
        msg = (
            f"{name}={value!r} has {len(items)} elements; it must be one integer or three "
            f"(depth, height, width). Give one value per axis."
        )
        raise OperatorError(msg)
    depth, height, width = (integer(item, name) for item in items)
    return (depth, height, width)


def pads(value: Any, name: str = "padding") -> Pads:
    """Return a (low, high) pair per axis from one int, three ints or three pairs.

    >>> pads(1), pads((0, 1, 2)), pads(((0, 1), (0, 0), (2, 1)))
    (((1, 1), (1, 1), (1, 1)), ((0, 0), (1, 1), (2, 2)), ((0, 1), (0, 0), (2, 1)))
    """
    if _is_sequence(value):
        items = list(value)
        if any(_is_sequence(item) for item in items):
            if len(items) != 3 or not all(_is_sequence(item) and len(list(item)) == 2 for item in items):
                msg = (
                    f"{name}={value!r} is nested but not three (low, high) pairs. "
                    f"Give one pair per axis: ((d, d), (h, h), (w, w))."
                )
                raise OperatorError(msg)
            depth, height, width = ((integer(low, name), integer(high, name)) for low, high in items)
            return (depth, height, width)
    depth_, height_, width_ = triple(value, name)
    return ((depth_, depth_), (height_, height_), (width_, width_))


def check_range(values: Triple, name: str, low: int, remedy: str) -> None:
    """Raise unless every value is at least `low`, naming the axis."""
    for axis, value in zip(AXES, values, strict=True):
        if value < low:
            msg = f"{name}={values} is {value} along {axis}; legal values there are {low} and above. {remedy}"
            raise OperatorError(msg)


def _is_sequence(value: Any) -> bool:
    # 0-d arrays and tensors are iterable types that cannot be iterated: they count as numbers.
    # Tuples of types, not unions, here and in the front ends: dynamo of torch 2.4 does not trace those.
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes)) and getattr(value, "ndim", 1) != 0
