"""Indices of `paddle.Tensor`: negative steps, arrays, and values of any kind to be written."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ....backend import OperatorTypeError
from ...tensor import plain
from ..names import NAMES
from ..tensor import Tensor
from ..values import refuse_leaf

__all__ = ["add"]

_get: Any = torch.Tensor.__getitem__
_set: Any = torch.Tensor.__setitem__


def get(self: Any, item: Any) -> Any:
    """Return what an index names; a slice with a negative step is a copy, backwards, which is not written into."""
    try:
        item, backwards = _read(item)
        if not backwards:
            return _get(self, item)
        found = _get(_reversed(self, item, backwards), item)
        if not torch.compiler.is_compiling() and not any(isinstance(part, (list, torch.Tensor)) for part in item):
            # a view there: what would write through it is refused (values.refuse_leaf)
            found._backwards = True
        return found
    except (IndexError, TypeError, RuntimeError) as error:
        NAMES.again(f"the index {item!r}", error)


def put(self: Any, item: Any, value: Any) -> None:
    """Write a number, a tensor or an array to where an index says."""
    refuse_leaf(self)
    try:
        item, backwards = _read(item)
        value = _written(value, self)
        if backwards:
            # the places by their numbers, found by reading
            places = torch.reshape(torch.arange(torch.Tensor.numel(self)), list(self.shape))
            item = torch.unravel_index(_get(_reversed(places, item, backwards), item), tuple(self.shape))
        _set(self, item, value)
    except (IndexError, TypeError, RuntimeError) as error:
        NAMES.again(f"the index {item!r}", error)


def _read(item: Any) -> tuple[Any, list[tuple[int, slice]]]:
    """Return an index that torch takes, and the slices with negative steps, by their places in it."""
    if isinstance(item, (int, torch.Tensor)):
        return item, []
    parts = list(item) if isinstance(item, tuple) else [item]
    backwards = []
    for position, part in enumerate(parts):
        if isinstance(part, slice) and part.step is not None and part.step < 0:
            backwards.append((position, part))
            parts[position] = slice(None)
        elif isinstance(part, np.ndarray):
            parts[position] = torch.from_numpy(np.array(part))
        elif isinstance(part, list):
            parts[position] = torch.as_tensor(part)
    return tuple(parts), backwards


def _reversed(tensor: Any, item: tuple[Any, ...], backwards: list[tuple[int, slice]]) -> Any:
    """Return the tensor with the axes of some parts of an index replaced by what their slices take."""
    takes = [_axes_of(part) for part in item]
    for position, cut in backwards:
        axis = sum(takes[:position])
        if Ellipsis in [part for part in item[:position] if part is Ellipsis]:
            axis += tensor.dim() - sum(takes)
        places = torch.arange(*cut.indices(tensor.shape[axis]))
        tensor = torch.index_select(tensor, axis, places)
    return tensor


def _axes_of(part: Any) -> int:
    """Return how many axes a part of an index names."""
    if part is None or part is Ellipsis or isinstance(part, bool):
        return 0
    return part.dim() if isinstance(part, torch.Tensor) and part.dtype in (torch.bool, torch.uint8) else 1


def _written(value: Any, target: torch.Tensor) -> Any:
    """Return what is to be written, as a number or a tensor of the target's dtype."""
    if isinstance(value, (bool, int, float, complex)):
        return value if target.dtype.is_floating_point or target.dtype.is_complex else int(value.real)
    if isinstance(value, torch.Tensor):
        return torch.Tensor.to(plain(value), target.dtype)
    if not isinstance(value, (np.ndarray, np.generic)):
        msg = (
            f"Value type error. The assign value allows Tensor, numpy.ndarray, integer, float, complex or bool, but "
            f"received {type(value).__name__}. Convert it with paddle.to_tensor()."
        )
        raise OperatorTypeError(msg)
    return torch.as_tensor(np.array(value)).to(target.dtype)


def add() -> None:
    """Give the class its indices."""
    Tensor.__getitem__ = get  # type: ignore[method-assign]
    Tensor.operators[:0] = [(_get, get), (_set, put)]
