"""Turn what callers write (`2`, `[2, 2, 2]`, NumPy integers) into the triples of a spec, or say what is wrong."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import torch

from .errors import OperatorError, OperatorTypeError

Triple: TypeAlias = tuple[int, int, int]
Pads: TypeAlias = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
IntOrTriple: TypeAlias = int | Sequence[int]
IntOrPads: TypeAlias = int | Sequence[int] | Sequence[Sequence[int]]

AXES = ("depth", "height", "width")

# torch's kernels narrow these arguments to 32-bit integers without a check: stride=2**32 arrives as 0.
LARGEST = 2**31 - 1

# dynamo of older ones cannot be asked; what it leaves open counts as known there
_TELLS_FREE_SIZES = tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 8)


def is_free(number: Any) -> bool:
    """Whether a graph that is being traced leaves a number open: a symbol, or a tensor that `torch.jit.trace` records.

    Numbers become free by being derived from the sizes of tensors, or by being inputs of a graph.
    """
    if type(number) is not int:
        return isinstance(number, torch.SymInt) or (
            isinstance(number, torch.Tensor)
            and number.dim() == 0
            and not number.is_floating_point()
            and not torch.compiler.is_compiling()
            and torch._C._get_tracing_state() is not None
        )
    if not (_TELLS_FREE_SIZES and torch.compiler.is_dynamo_compiling()):
        return False
    # to what dynamo traces, a symbol is an int
    from torch.fx.experimental.symbolic_shapes import has_static_value

    return not has_static_value(number)


def integer(value: Any, name: str, largest: int = LARGEST) -> int:
    """Return `value` as an int; bools and floats are refused, NumPy integers are not.

    A number that is free stays free: to look at it would tie the graph to its value.

    >>> integer(3, "groups")
    3
    """
    if isinstance(value, bool):
        msg = f"{name}={value!r} is a bool; it must be an integer. Write the number."
        raise OperatorTypeError(msg)
    if is_free(value):
        free: int = value
        return free
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
