"""What a reader returns: the tensors of a checkpoint by name, none of them read yet."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .errors import CheckpointError, guarded
from .shown import shown

if TYPE_CHECKING:
    from pathlib import Path

    from .source import Bytes, Source

WHOLE_MODEL = "whole model"  # in a listing's metadata: the class of a model that was pickled as an object
FRONT_END = "front end"  # likewise: that of fourfold whose tensors a file of torch.save holds
LARGEST = 1 << 62
AXES = 64
# A tensor takes a kilobyte of memory. Of a file its name and shape take 40 bytes and more, if they are its own.
TENSORS = 10_000
BYTES_PER_TENSOR = 32


@dataclass(slots=True, eq=False)
class Entry(ABC):
    """One tensor in a file. Names that share a tensor have the same entry.

    Attributes:
        dtype: its element type.
        shape: its shape.
    """

    dtype: torch.dtype
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Size in bytes when dense."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    @abstractmethod
    def path(self) -> Path:
        """The file that it is in."""

    @abstractmethod
    def read(self) -> torch.Tensor:
        """Read it; what damage raises comes as it is."""

    def load(self) -> torch.Tensor:
        """Read it.

        Raises:
            CheckpointError: the file is damaged.
        """
        with guarded(self.path):
            return self.read()


class Loaded(dict[Entry, torch.Tensor]):
    """Tensors by entry. What has several names is read once, so that a small file cannot become large."""

    def __missing__(self, entry: Entry) -> torch.Tensor:
        """Read it."""
        self[entry] = tensor = entry.load()
        return tensor


@dataclass(slots=True)
class Listing:
    """The contents of a checkpoint.

    Attributes:
        format: such as `"paddle"`; `load_checkpoint` lists them.
        producer: what wrote it, as far as the file tells.
        tensors: entries by name, in file order.
        protocol: pickle protocol, or None.
        name_table: Paddle's names of parameters by the names of the tensors.
        others: what is no tensor (an epoch, a learning rate), by name.
        metadata: what else the format records about the file, as text.
    """

    format: str
    producer: str
    tensors: dict[str, Entry] = field(default_factory=dict)
    protocol: int | None = None
    name_table: dict[str, str] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)


def checked_shape(value: Any, what: str) -> tuple[int, ...]:
    """Return a shape as a tuple, or raise: whole numbers from 0, at most 64 of them, whose product is a size."""
    if not isinstance(value, (list, tuple)) or len(value) > AXES:
        msg = f"{what}: {shown(value)} is no shape."
        raise CheckpointError(msg)
    if any(type(size) is not int or not 0 <= size < LARGEST for size in value) or math.prod(value) >= LARGEST:
        msg = f"{what}: shape {shown(value)} is not possible."
        raise CheckpointError(msg)
    return tuple(value)


def check_count(source: Source, count: int) -> None:
    """Raise if a file has more tensors than it can describe."""
    if count > TENSORS + source.size // BYTES_PER_TENSOR:
        msg = f"has {count} tensors or more, which are too many for a file of {source.size} bytes."
        raise source.error(msg)


def dense(data: Bytes, dtype: torch.dtype, shape: tuple[int, ...], *, fortran: bool = False) -> torch.Tensor:
    """View bytes as a tensor; `fortran` says that the first axis runs fastest."""
    tensor = torch.from_numpy(data).view(dtype) if data.size else torch.empty(0, dtype=dtype)
    if fortran:
        return tensor.reshape(shape[::-1]).permute(*range(len(shape) - 1, -1, -1)).contiguous()
    return tensor.reshape(shape)


@dataclass(slots=True, eq=False)
class FileEntry(Entry):
    """The raw bytes of a tensor at an offset of a file. They have to be there."""

    source: Source
    offset: int

    def __post_init__(self) -> None:
        self.source.check(self.offset, self.nbytes)

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.source.path

    def read(self) -> torch.Tensor:
        """Read the bytes."""
        data = np.empty(self.nbytes, np.uint8)
        self.source.fill(self.offset, data)
        return dense(data, self.dtype, self.shape)
