"""Memory for large results that was written before: a fresh mapping costs a page fault per 4 KiB, as much as the sums.

A storage is used again when nothing refers to it but this module: no tensor, no view, no NumPy array, no graph. torch
counts these references itself; nothing is guessed. It is as large as the result, to the byte: what is saved to a file
is the storage, and values of another result must not leave with it. What is kept at all, lent or idle, is limited.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import torch

from ..forking import ForkSafeLock

if TYPE_CHECKING:
    from collections.abc import Sequence

# Below it the C library reuses memory itself.
SMALLEST = 4 * 2**20


class _Kept(NamedTuple):
    storage: torch.UntypedStorage
    address: int
    size: int


class Recycler:
    """Lends memory for tensors and takes it back, up to `limit` bytes in all.

    Example:
        >>> recycler = Recycler(limit=2**26)
        >>> first = recycler.empty((1, 4, 64, 64, 256), torch.float32)
        >>> address = first.data_ptr()
        >>> view = first[0]
        >>> del first
        >>> recycler.empty((1, 4, 64, 64, 256), torch.float32).data_ptr() == address  # the view is still there
        False
        >>> del view
        >>> recycler.clear()
        >>> recycler.bytes
        0
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: list[_Kept] = []  # the longest unused first
        self._recent: deque[int] = deque(maxlen=16)  # sizes asked for: those that never come back are not kept
        self.lock = ForkSafeLock()

    def empty(self, shape: Sequence[int], dtype: torch.dtype, *, channels_last: bool = False) -> torch.Tensor:
        """Return an uninitialised CPU tensor (N, C, D, H, W), stored in that order or with the channels last."""
        layout = torch.channels_last_3d if channels_last else torch.contiguous_format
        size = math.prod(shape) * dtype.itemsize
        if not SMALLEST <= size <= self.limit or _count is None:
            return torch.empty(shape, dtype=dtype, device="cpu", memory_format=layout)
        stride = torch.empty(shape, dtype=dtype, device="meta", memory_format=layout).stride()
        with self.lock:
            storage = self._take(size)
            tensor = torch.empty(0, dtype=dtype, device="cpu")
            return tensor.set_(storage, 0, tuple(shape), stride)

    def clear(self) -> None:
        """Keep nothing; what is lent belongs to its tensors alone."""
        with self.lock:
            self._kept.clear()

    @property
    def bytes(self) -> int:
        """Bytes that are kept, lent or idle."""
        with self.lock:
            return sum(kept.size for kept in self._kept)

    def _take(self, size: int) -> torch.UntypedStorage:
        found: torch.UntypedStorage | None = None
        others = []
        for kept in self._kept:
            # resize_() and share_memory_() put other memory under a storage: it is its tensors' then
            if kept.storage.nbytes() != kept.size or kept.storage.data_ptr() != kept.address:
                continue
            if found is None and kept.size == size and _is_idle(kept):
                found = kept.storage
            else:
                others.append(kept)
        if found is None:
            found = _allocate(size)
        # two of a size: one is computed while the last one is still in use; more belong to their tensors alone
        same = [kept for kept in others if kept.size == size]
        if len(same) > 1:
            others.remove(same[0])
        total = size + sum(kept.size for kept in others)
        self._recent.append(size)
        while total > min(self.limit, 5 * max(self._recent) // 2):
            total -= others.pop(0).size
        self._kept = [*others, _Kept(found, found.data_ptr(), size)]
        return found


_count = getattr(torch._C, "_storage_Use_Count", None)


def _allocate(size: int) -> torch.UntypedStorage:
    return torch.empty(size, dtype=torch.uint8, device="cpu").untyped_storage()


def _references(kept: _Kept) -> int:
    return sys.getrefcount(kept.storage)


def _is_idle(kept: _Kept) -> bool:
    return _count is not None and _count(kept.storage._cdata) == 1 and _references(kept) <= _ALONE


def _alone() -> int:
    """Count the references to a storage that only its record holds."""
    return _references(_Kept(_allocate(0), 0, 0))


_ALONE = _alone()


class Scratch(threading.local):
    """Memory for intermediate results, the same for every slab of a thread: what the C library gets back faults anew.

    Example:
        >>> scratch = Scratch()
        >>> first = scratch.empty("sums", (2, 3), torch.zeros(()))
        >>> first.data_ptr() == scratch.empty("sums", (3, 2), torch.zeros(())).data_ptr()
        True
    """

    def __init__(self) -> None:
        self._kept: dict[str, torch.Tensor] = {}

    def empty(
        self, name: str, shape: Sequence[int], like: torch.Tensor, dtype: torch.dtype | None = None
    ) -> torch.Tensor:
        """Return an uninitialised tensor, valid until its name is asked for again; of the dtype of `like`, or given."""
        size, dtype = math.prod(shape), dtype or like.dtype
        kept = self._kept.get(name)
        if kept is None or kept.numel() < size or kept.dtype != dtype or kept.device != like.device:
            kept = torch.empty(size, dtype=dtype, device=like.device)
            self._kept[name] = kept
        return kept[:size].view(tuple(shape))


def own(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor as one that is no view, in a storage of its size.

    Autograd forbids in-place changes of views made behind its back, and files hold the whole storage.
    """
    if tensor.untyped_storage().nbytes() != tensor.numel() * tensor.element_size():
        return tensor.clone()
    if not tensor._is_view():
        return tensor
    result = torch.empty(0, dtype=tensor.dtype, device=tensor.device)
    return result.set_(tensor.untyped_storage(), tensor.storage_offset(), tensor.shape, tensor.stride())


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 8 * 2**30


# At most 1 GiB, or a sixteenth of the machine's memory.
recycler = Recycler(limit=min(2**30, _physical_memory() // 16))
