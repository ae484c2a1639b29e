"""MegEngine's spellings of sizes and devices, and the errors that MegEngine raises for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

import numpy as np
import torch

from ...backend import OperatorError, OperatorTypeError
from ...backend.arguments import AXES, integer

if TYPE_CHECKING:
    from ...backend.arguments import Triple

Size: TypeAlias = SupportsIndex | float | Sequence[SupportsIndex | float]


class ArgumentError(OperatorError, AssertionError):
    """An illegal value that MegEngine meets with an assertion: an AssertionError, ValueError and RuntimeError."""


def axis_of(axis: Any, rank: int) -> int:
    """Return an axis counted from the front.

    Raises:
        RuntimeError: there is none such (an AssertionError, ValueError and IndexError too).
    """
    number = integer(axis, "axis")
    if not -rank <= number < rank:
        msg = f"axis={axis} of {rank} axes; legal are {-rank} to {rank - 1}. Correct it."
        raise AxisError(msg)
    return number % rank


class AxisError(ArgumentError, IndexError):
    """An axis that the tensor does not have."""


def triple(value: Any, name: str, least: int) -> Triple:
    """Return three ints of `least` and above; one number stands for all three, and `2.0` for `2`.

    >>> triple(2, "stride", 1), triple([1, 2.0, 3], "stride", 1)
    ((2, 2, 2), (1, 2, 3))
    """
    depth, height, width = numbers(value, name, least, 3)
    return depth, height, width


def numbers(value: Any, name: str, least: int, rank: int) -> tuple[int, ...]:
    """Return as many ints as there are axes, each of `least` and above; one number stands for all.

    >>> numbers(2, "stride", 1, 2)
    (2, 2)
    """
    axes = AXES[-rank:]
    if isinstance(value, str) or not (hasattr(value, "__len__") and getattr(value, "ndim", 1) != 0):
        values = (_whole(value, name),) * rank
    elif len(value) != rank:
        msg = (
            f"{name}={value!r} has {len(value)} elements (tuple len is not equal to n: {value}); legal are one number "
            f"or {rank}, ({', '.join(axes)}). Give one value per axis."
        )
        raise ArgumentError(msg)
    else:
        values = tuple(_whole(item, name) for item in value)
    for axis, item in zip(axes, values, strict=True):
        if item < least:
            msg = (
                f"{name}={value!r} is {item} along {axis} (invalid value: {values}); "
                f"legal values there are {least} and above. Correct the argument."
            )
            raise ArgumentError(msg)
    return values


def sizes(shape: Any) -> list[int]:
    """Return a shape as a list of ints: one number, or several in a sequence, an array or a tensor.

    >>> sizes(3), sizes((2, 3.0)), sizes(np.array([2, -1]))
    ([3], [2, 3], [2, -1])
    """
    if isinstance(shape, (torch.Tensor, np.ndarray)):
        shape = shape.tolist()
    return [_whole(size, "shape") for size in (shape if isinstance(shape, Sequence) else [shape])]


def check_output_padding(output_padding: tuple[int, ...], stride: tuple[int, ...]) -> None:
    """Raise unless each output padding is below the stride of its axis, which is MegEngine's limit."""
    for axis, (name, extra, step) in enumerate(zip(AXES[-len(stride) :], output_padding, stride, strict=True)):
        if not 0 <= extra < step:
            msg = (
                f"output_padding={output_padding} is {extra} along {name}; output_padding[{axis}] should be 0 or above "
                f"and less than stride[{axis}]: legal values there are 0..{step - 1}, whatever the dilation. "
                f"Lower it, or raise stride={stride}."
            )
            raise ArgumentError(msg)


def device_of(device: Any) -> torch.device | None:
    """Return torch's device for MegEngine's name (`'xpux'`, `'cpu0'`, `'gpu1:0'`) or torch's own; None stays None.

    `'xpux'`, MegEngine's default device, is torch's default device. All `'cpuN'` are torch's one CPU.

    >>> device_of("cpu0"), device_of("gpu1:0"), device_of("cuda:1")
    (device(type='cpu'), device(type='cuda', index=1), device(type='cuda', index=1))
    """
    if device is None or isinstance(device, torch.device):
        return device
    match = re.fullmatch(r"(xpu|cpu|gpu)(\d+|x)(?::0)?", device) if isinstance(device, str) else None
    if match is None:
        try:
            return torch.device(device)
        except (RuntimeError, TypeError) as error:
            msg = (
                f"device={device!r}: invalid device name. Legal are MegEngine's ('xpux', 'cpu0', 'gpu0', 'gpu1:0', "
                f"always stream 0) and torch's ('cpu', 'cuda:0', ...). To change the dtype, use astype()."
            )
            raise OperatorError(msg) from error
    kind, index = match.groups()
    if kind == "cpu":
        return torch.device("cpu")
    if kind == "xpu" and (index == "x" or not torch.cuda.is_available()):
        return torch.empty(0).device if index == "x" else torch.device("cpu")
    return torch.device("cuda") if index == "x" else torch.device("cuda", int(index))


def _whole(value: Any, name: str) -> int:
    # the release cuts 3.7 down to 3; only floats that lose nothing are taken here
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    elif isinstance(value, (float, np.floating)):
        msg = f"{name}={value!r} is not a whole number; it must be one. Round it yourself, for example with int()."
        raise OperatorTypeError(msg)
    return integer(value, name)
