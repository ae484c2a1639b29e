"""What the pickle machine makes of a file: names of globals, pieces of the file, arrays not read yet, plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .dtypes import swap_bytes
from .errors import CheckpointError
from .listing import dense

if TYPE_CHECKING:
    from .source import Source


@dataclass(frozen=True, slots=True)
class Global:
    """The name of a global. It is never imported."""

    module: str
    name: str
    text: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", f"{self.module}.{self.name}")

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True, eq=False)
class Piece:
    """A long string of bytes that stays in the file; with `latin1`, stored as UTF-8 text of Latin-1 characters."""

    offset: int
    length: int
    text: bool = False
    latin1: bool = False


class OrderedMap(dict[Any, Any]):
    """Stands for `collections.OrderedDict`."""


@dataclass(slots=True, eq=False)
class Instance:
    """An object of a class that is not rebuilt: what it was made of, as plain data."""

    kind: Global
    arguments: tuple[Any, ...] = ()
    state: Any = None


@dataclass(slots=True, eq=False)
class Dtype:
    """A NumPy dtype: an element type and its byte order."""

    torch: torch.dtype
    big: bool = False


@dataclass(slots=True, eq=False)
class Array:
    """A NumPy array whose contents may still be in the file."""

    dtype: torch.dtype = torch.uint8
    shape: tuple[int, ...] = ()
    data: bytes | Piece | None = None
    big: bool = False
    fortran: bool = False

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return math.prod(self.shape) * self.dtype.itemsize

    def check(self) -> None:
        """Raise unless the contents can have the size that the shape says."""
        if isinstance(self.data, Piece):
            least, most = self.data.length // 2 if self.data.latin1 else self.data.length, self.data.length
        else:
            least = most = len(self.data or b"")
        if not least <= self.nbytes <= most:
            msg = f"an array of shape {self.shape} takes {self.nbytes} bytes, but the file holds {most} for it."
            raise CheckpointError(msg)

    def load(self, source: Source) -> torch.Tensor:
        """Read it into memory of its own."""
        target = np.empty(self.nbytes, np.uint8)
        if not isinstance(self.data, Piece):
            target[:] = np.frombuffer(self.data or b"", np.uint8)
        elif self.data.latin1:
            source.fill_latin1(self.data.offset, self.data.length, target)
        else:
            source.fill(self.data.offset, target)
        if self.big:
            swap_bytes(target, self.dtype)
        return dense(target, self.dtype, self.shape, fortran=self.fortran)


@dataclass(frozen=True, slots=True)
class StorageKey:
    """A torch storage that the pickle refers to."""

    dtype: torch.dtype | None  # None: untyped, counted in bytes
    key: str
    count: int


@dataclass(slots=True, eq=False)
class View:
    """A torch tensor: a strided view of a storage, of whose numbers it may be the conjugates or the negatives."""

    storage: StorageKey
    dtype: torch.dtype
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    conj: bool = False
    neg: bool = False


@dataclass(slots=True)
class Pickle:
    """One pickle of a file.

    Attributes:
        value: what it holds.
        protocol: its protocol.
        end: where in the file it ends.
        operations: how many it took.
        size: of the file in bytes.
        globals: those that it names.
    """

    value: Any
    protocol: int
    end: int
    operations: int
    size: int
    globals: set[str] = field(default_factory=set)
