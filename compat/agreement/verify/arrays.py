"""Recorded arrays to tensors and back, and nested outputs by name as the recorder names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from ....frontends.tensor import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..bundle import Arrays

Array = npt.NDArray[Any]


def tensor(arrays: Arrays, name: str, device: torch.device | None = None) -> torch.Tensor:
    """Read one recorded array as a tensor of the recorded dtype; bfloat16 is stored as float32."""
    value = torch.from_numpy(arrays[name])
    if arrays.entries[name].framework_dtype == "bfloat16":
        value = value.to(torch.bfloat16)
    return value.to(device)


def array(value: torch.Tensor) -> Array:
    """Copy a tensor to an array; bfloat16 as float32."""
    value = plain(value).detach().cpu().resolve_conj().resolve_neg()
    return np.array((value.float() if value.dtype == torch.bfloat16 else value).numpy())


def dtype_name(value: torch.Tensor) -> str:
    """Return the dtype's name without `torch.`."""
    return str(value.dtype).removeprefix("torch.")


def replace(value: Any, name: str, function: Callable[[str, torch.Tensor], torch.Tensor]) -> Any:
    """Return a nested output with `function(name, tensor)` in place of each tensor.

    Example:
        >>> replace([torch.ones(1), {"a": torch.ones(1)}], "output", lambda name, tensor: name)
        ['output.0', {'a': 'output.1.a'}]
    """
    if isinstance(value, torch.Tensor):
        return function(name, value)
    if isinstance(value, dict):
        return type(value)((key, replace(item, f"{name}.{key}", function)) for key, item in value.items())
    if isinstance(value, list | tuple):
        items = [replace(item, f"{name}.{index}", function) for index, item in enumerate(value)]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value


def tensors(value: Any, name: str = "output") -> dict[str, torch.Tensor]:
    """Return the tensors of a nested output by name."""
    found: dict[str, torch.Tensor] = {}

    def keep(name: str, one: torch.Tensor) -> torch.Tensor:
        found[name] = one
        return one

    replace(value, name, keep)
    return found


def is_view(shape: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether one shape is the other with adjacent axes merged: the same values in the same order.

    Example:
        >>> is_view((2, 4, 16, 4), (2, 4, 4, 4, 4)), is_view((2, 3), (3, 2)), is_view((6,), (3, 2))
        (True, False, True)
    """
    short, long = sorted((shape, other), key=len)
    sizes = list(long)
    for size in short:
        product = 1
        while sizes and (product < size or (product == size and sizes[0] == 1 and len(sizes) > 1)):
            product *= sizes.pop(0)
        if product != size:
            return False
    return all(size == 1 for size in sizes)
