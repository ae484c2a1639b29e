"""Arrays of tensors, which are Python's lists here; those of programs are not served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..static.graph import Variable
from .names import NAMES

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []


def create_array(dtype: Any) -> list[Any]:
    """Return an empty list, of any dtype."""
    del dtype
    return []


def index_of(i: Any, name: str) -> int:
    """Return the number in a tensor of one.

    Raises:
        NotImplementedError: a program will compute it.
        AssertionError: it is no tensor of shape (1,).
    """
    if isinstance(i, Variable):
        msg = f"{name} at what a program will compute is not served here. Keep a list, and a number."
        raise NotImplementedError(msg)
    if not isinstance(i, torch.Tensor) or list(i.shape) != [1]:
        msg = f"The index 'i' in {name} must be a tensor of shape [1]; it is {i!r}."
        raise AssertionError(msg)
    return int(i)


def held(array: Any, name: str) -> list[Any]:
    """Return a list.

    Raises:
        AssertionError: it is none.
    """
    if not isinstance(array, list):
        msg = f"The array in {name} must be a list; it is {array!r}."
        raise AssertionError(msg)
    return array


def array_write(x: Any, i: Any, array: Any = None) -> list[Any]:
    """Put a tensor into a list at a place, or at its end; return the list.

    Raises:
        AssertionError: an argument is of another type, or the place beyond the end.
    """
    if not isinstance(x, (torch.Tensor, Variable)):
        msg = f"The input data 'x' in array_write must be a tensor; it is a {type(x).__name__}."
        raise AssertionError(msg)
    place, written = index_of(i, "array_write"), [] if array is None else held(array, "array_write")
    if place > len(written):
        msg = f"The index i={place} should not be greater than the length of 'array', {len(written)}."
        raise AssertionError(msg)
    if place < len(written):
        written[place] = x
    else:
        written.append(x)
    return written


def array_read(array: Any, i: Any) -> Any:
    """Return the tensor at a place of a list."""
    return held(array, "array_read")[index_of(i, "array_read")]


def array_length(array: Any) -> int:
    """Return how many tensors a list holds."""
    return len(held(array, "array_length"))


def tensor_array_to_tensor(input: Any, axis: int = 1, use_stack: bool = False) -> tuple[Tensor, Tensor]:
    """Return what a list of tensors gives along an axis, and their sizes there."""
    tensors = held(input, "tensor_array_to_tensor")
    joined = NAMES.get("layers.stack" if use_stack else "layers.concat")(tensors, axis=axis)
    sizes = NAMES.get("dygraph.to_variable")(np.array([int(each.shape[axis]) for each in tensors]))
    return joined, sizes


for _function in (create_array, array_read, array_length):
    NAMES.function(f"layers.{_function.__name__}", _function)
NAMES.function("layers.array_write", array_write, x="")
NAMES.function("layers.tensor_array_to_tensor", tensor_array_to_tensor, input="")
