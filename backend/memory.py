"""Memory for large results that was written before: a fresh mapping costs a page fault per 4 KiB, as much as the sums.

A buffer is lent as a torch tensor. It comes back when nothing refers to its storage any more: no tensor, no view, no
NumPy array. That is known from Python's own reference counts, never guessed.
"""

from __future__ import annotations

import math
import mmap
import weakref
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

# Below it the C library reuses memory itself.
SMALLEST = 4 * 2**20
_PAGE = 2 * 2**20


class _Block:
    """Anonymous private pages, aligned so that the kernel can use 2 MiB ones."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.pages = mmap.mmap(-1, size + _PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        whole = np.frombuffer(self.pages, np.uint8)
        self.start = -whole.ctypes.data % _PAGE
        if hasattr(mmap, "MADV_HUGEPAGE"):
            try:
                self.pages.madvise(mmap.MADV_HUGEPAGE, 0, len(self.pages))
            except OSError:
                pass  # a kernel without transparent huge pages


class Recycler:
    """Lends buffers and keeps those that came back, up to `limit` bytes.

    Example:
        >>> recycler = Recycler(limit=2**26)
        >>> first = recycler.empty((1, 4, 64, 64, 256), torch.float32)
        >>> address = first.data_ptr()
        >>> view = first[0]
        >>> del first
        >>> recycler.empty((1, 4, 64, 64, 256), torch.float32).data_ptr() == address  # the view is still there
        False
        >>> del view
        >>> recycler.empty((1, 4, 64, 64, 256), torch.float32).data_ptr() == address
        True
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        # Appending to and popping from a deque are atomic; a lock could be asked for again by the garbage collector,
        # which runs the callbacks below inside any allocation.
        self._idle: deque[_Block] = deque()
        self._lent: dict[int, weakref.ref[object]] = {}

    def empty(self, shape: Sequence[int], dtype: torch.dtype, *, channels_last: bool = False) -> torch.Tensor:
        """Return an uninitialised CPU tensor (N, C, D, H, W), stored in that order or with the channels last."""
        count = math.prod(shape)
        size = count * dtype.itemsize
        layout = torch.channels_last_3d if channels_last else torch.contiguous_format
        if size < SMALLEST or not hasattr(mmap, "MAP_ANONYMOUS"):
            return torch.empty(shape, dtype=dtype, memory_format=layout)
        size = -(-size // _PAGE) * _PAGE
        block = self._take(size)
        if block is None:
            try:
                block = _Block(size)
            except (OSError, MemoryError):
                self.clear()
                return torch.empty(shape, dtype=dtype, memory_format=layout)
        # a fresh object for every loan: the tensor's storage holds it, and its end is the loan's end
        owner = np.frombuffer(block.pages, np.uint8, count=size, offset=block.start)
        key = id(block)
        self._lent[key] = weakref.ref(owner, lambda _, block=block: self._return(block))  # type: ignore[misc]
        stride = torch.empty(shape, dtype=dtype, device="meta", memory_format=layout).stride()
        return own(torch.frombuffer(owner, dtype=dtype, count=count).as_strided(tuple(shape), stride))

    def clear(self) -> None:
        """Give the idle buffers back to the system."""
        self._idle.clear()

    @property
    def idle_bytes(self) -> int:
        """Bytes that are kept and not lent."""
        return sum(block.size for block in tuple(self._idle))

    def _return(self, block: _Block) -> None:
        self._lent.pop(id(block), None)
        if block.size <= self.limit:
            self._idle.append(block)

    def _take(self, size: int) -> _Block | None:
        """Take an idle buffer of nearly that size; drop the longest idle ones above the limit."""
        found: _Block | None = None
        kept = 0
        for _ in range(len(self._idle)):
            try:
                block = self._idle.pop()  # the newest first
            except IndexError:
                break
            if found is None and size <= block.size <= size + size // 8:
                found = block
            elif kept + block.size <= self.limit:
                kept += block.size
                self._idle.appendleft(block)
        return found


def own(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor as one that is no view: autograd lets nobody change a view in place that it did not see made."""
    if not tensor._is_view():
        return tensor
    result = torch.empty(0, dtype=tensor.dtype)
    return result.set_(tensor.untyped_storage(), tensor.storage_offset(), tensor.shape, tensor.stride())


def _physical_memory() -> int:
    try:
        import os

        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 8 * 2**30


# An eighth of the machine's memory, 2 GiB at most, may lie idle.
recycler = Recycler(limit=min(2 * 2**30, _physical_memory() // 8))
