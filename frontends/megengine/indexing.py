"""Indices as MegEngine reads them: torch's, and negative steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ...backend import OperatorError
from ..tensor import plain

__all__ = ["picked", "written"]


class PlaceError(OperatorError, IndexError):
    """An index that the tensor does not have, or that cannot be read."""


def picked(tensor: torch.Tensor, index: Any) -> torch.Tensor:
    """Return a plain view or copy of what an index picks."""
    flipped, places = _read(plain(tensor), index)
    try:
        return flipped[places]
    except IndexError as error:
        msg = f"index {index!r} of a tensor of shape {tuple(tensor.shape)}: {error}. Correct it."
        raise PlaceError(msg) from error


def written(tensor: torch.Tensor, index: Any, value: torch.Tensor) -> torch.Tensor:
    """Return a plain tensor that has other values where an index says."""
    source = plain(tensor)
    flipped, places = _read(source, index)
    result = torch.clone(flipped)
    try:
        result[places] = plain(value).to(device=result.device, dtype=result.dtype)
    except (IndexError, RuntimeError) as error:
        msg = (
            f"cannot copy tensor with shape {tuple(value.shape)} to index {index!r} of shape {tuple(source.shape)}: "
            f"{error}. Reshape it, or correct the index."
        )
        raise PlaceError(msg) from error
    return torch.flip(result, _flips(source, index)) if flipped is not source else result


def _read(source: torch.Tensor, index: Any) -> tuple[torch.Tensor, Any]:
    """Return the tensor with the axes reversed that have negative steps, and the index into it."""
    items = _expanded(source, index)
    flips = _flips(source, index)
    places: list[Any] = []
    axis = 0
    for item in items:
        if isinstance(item, slice):
            places.append(_slice(item, tuple(source.shape)[axis]))
        else:
            places.append(_place(item))
        axis += _width(item)
    return (torch.flip(source, flips) if flips else source), tuple(places)


def _flips(source: torch.Tensor, index: Any) -> list[int]:
    axis, found = 0, []
    for item in _expanded(source, index):
        if isinstance(item, slice) and item.step is not None and int(item.step) < 0:
            found.append(axis)
        axis += _width(item)
    return found


def _expanded(source: torch.Tensor, index: Any) -> list[Any]:
    """Return one item for each axis that is indexed, the ellipsis as full slices."""
    if not source.dim():
        msg = "a tensor without axes cannot be indexed. Use item(), or reshape(-1)."
        raise PlaceError(msg)
    items = list(index) if isinstance(index, tuple) else [index]
    dots = [place for place, item in enumerate(items) if item is Ellipsis]
    if len(dots) > 1:
        msg = "only one ellipsis is allowed in an index. Write the others as ':'."
        raise PlaceError(msg)
    width = sum(_width(item) for item in items if item is not Ellipsis)
    if width > source.dim():
        msg = f"{width} indices for a tensor of {source.dim()} axes, shape {tuple(source.shape)}. Leave some out."
        raise OperatorError(msg)
    if dots:
        items[dots[0] : dots[0] + 1] = [slice(None)] * (source.dim() - width)
    return items


def _width(item: Any) -> int:
    """Return how many axes an item of an index stands for."""
    if item is None or isinstance(item, (bool, np.bool_)):
        return 0
    if isinstance(item, (torch.Tensor, np.ndarray)) and item.dtype in (torch.bool, np.dtype(bool)):
        return len(item.shape)
    return 1


def _slice(item: slice, size: int) -> slice:
    step = 1 if item.step is None else int(item.step)
    if step == 0:
        msg = "a slice of step 0; legal are all others."
        raise OperatorError(msg)
    if any(each is not None and int(each) < -size for each in (item.start, item.stop)):
        msg = f"slice {item} begins or ends before an axis of {size} elements; legal are {-size} and above."
        raise PlaceError(msg)
    found = range(size)[slice(*(None if each is None else int(each) for each in (item.start, item.stop, step)))]
    if step > 0:
        return slice(found.start, max(found.start, found.stop), step)
    # in the reversed axis
    return slice(size - 1 - found.start, max(size - 1 - found.start, size - 1 - found.stop), -step)


def _place(item: Any) -> Any:
    if item is None or isinstance(item, (bool, np.bool_)):
        return item if item is None else bool(item)
    if isinstance(item, torch.Tensor) and not item.is_floating_point():
        return plain(item) if item.dtype == torch.bool else plain(item).long()
    if isinstance(item, (list, tuple, np.ndarray)):
        array = np.array(item)
        if array.dtype.kind in "iub":
            return torch.as_tensor(array if array.dtype.kind == "b" else array.astype("int64"))
    elif hasattr(item, "__index__") and not isinstance(item, torch.Tensor):
        return int(item)
    msg = f"index {item!r}: legal are integers, slices, None, ..., and lists, arrays or tensors of integers or bools."
    raise OperatorError(msg)
