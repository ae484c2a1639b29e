"""Counting the memory that torch takes for tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

if TYPE_CHECKING:
    from collections.abc import Callable


class Allocations(TorchFunctionMode):
    """Adds up, while it is active, the bytes of all tensors that functions make; those on the meta device take none.

    >>> x = torch.ones(4)
    >>> with Allocations() as taken:
    ...     view, copy, none = x[1:], x.clone(), torch.ones(1000, device="meta")
    >>> taken.bytes
    16
    """

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        known = {one.data_ptr() for one in _storages((args, kwargs))}
        result = func(*args, **(kwargs or {}))
        self.bytes += sum(one.nbytes() for one in _storages(result) if one.data_ptr() not in known)
        return result


def _storages(values: Any) -> list[torch.UntypedStorage]:
    tensors = [one for one in tree_leaves(values) if isinstance(one, torch.Tensor) and one.device.type != "meta"]
    return [torch.Tensor.untyped_storage(one) for one in tensors]
