"""The tensors of a pickle's NumPy arrays: one for each array, however many names it has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from .listing import Entry, check_count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .source import Source
    from .values import Array

# Beyond the bytes of the file: NumPy's pickles hold the contents of each array by itself.
SHARED = 1 << 24


class Arrays:
    """The entries of the arrays of one file, which together may be no larger than the file.

    Many arrays of the same contents, and slices that are the same array, are small in a file and large in memory.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.entries: dict[int, ArrayEntry] = {}
        self.nbytes = 0

    def entry(self, array: Array) -> ArrayEntry:
        """Return the entry of an array: the same one each time."""
        found = self.entries.get(id(array))
        if found is None:
            array.check()
            found = self.entries[id(array)] = ArrayEntry(array.dtype, array.shape, self.source, array)
            self._count(found)
            check_count(self.source, len(self.entries))
        return found

    def joined(self, arrays: Sequence[Array], shape: tuple[int, ...]) -> Entry:
        """Return the entry of a tensor whose elements are those of arrays, one after the other."""
        parts = [ArrayEntry(array.dtype, array.shape, self.source, array) for array in arrays]
        whole = sum(math.prod(part.shape) for part in parts)
        if any(part.dtype != parts[0].dtype for part in parts) or whole != math.prod(shape):
            msg = f"slices hold {whole} elements of {parts[0].dtype}; the shape {shape} has {math.prod(shape)}."
            raise self.source.error(msg)
        found = JoinedEntry(parts[0].dtype, shape, parts)
        self._count(found)
        return found

    def _count(self, entry: Entry) -> None:
        self.nbytes += entry.nbytes
        if self.nbytes > self.source.size + SHARED:
            msg = (
                f"its arrays take {self.nbytes} bytes or more, and the file has {self.source.size}: "
                "they share contents, as those that frameworks write never do."
            )
            raise self.source.error(msg)


@dataclass(slots=True, eq=False)
class ArrayEntry(Entry):
    """An array of a pickle."""

    source: Source
    array: Array

    @property
    def path(self) -> Path:
        """The pickle."""
        return self.source.path

    def read(self) -> torch.Tensor:
        """Read its contents."""
        return self.array.load(self.source)


@dataclass(slots=True, eq=False)
class JoinedEntry(Entry):
    """A tensor in slices."""

    parts: list[ArrayEntry]

    @property
    def path(self) -> Path:
        """The pickle."""
        return self.parts[0].path

    def read(self) -> torch.Tensor:
        """Read slice by slice."""
        target, start = torch.empty(self.shape, dtype=self.dtype), 0
        for part in self.parts:
            count = math.prod(part.shape)
            target.view(-1)[start : start + count] = part.read().reshape(-1)
            start += count
        return target
