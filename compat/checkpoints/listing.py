"""What a reader returns: the tensors of a checkpoint by name, none of them read yet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .dtypes import swap_bytes
from .errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .source import Bytes, Source

LARGEST = 1 << 62
AXES = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor in a file.

    Attributes:
        dtype: its element type.
        shape: its shape.
        load: reads it.
    """

    dtype: torch.dtype
    shape: tuple[int, ...]
    load: Callable[[], torch.Tensor]

    @property
    def nbytes(self) -> int:
        """Size in bytes when dense."""
        return math.prod(self.shape) * self.dtype.itemsize


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
        msg = f"{what}: {str(value)[:80]} is no shape."
        raise CheckpointError(msg)
    if any(type(size) is not int or not 0 <= size < LARGEST for size in value) or math.prod(value) >= LARGEST:
        msg = f"{what}: shape {str(value)[:80]} is not possible."
        raise CheckpointError(msg)
    return tuple(value)


def dense(data: Bytes, dtype: torch.dtype, shape: tuple[int, ...], *, fortran: bool = False) -> torch.Tensor:
    """View bytes as a tensor; `fortran` says that the first axis runs fastest."""
    tensor = torch.from_numpy(data).view(dtype) if data.size else torch.empty(0, dtype=dtype)
    if fortran:
        return tensor.reshape(shape[::-1]).permute(*range(len(shape) - 1, -1, -1)).contiguous()
    return tensor.reshape(shape)


def file_entry(source: Source, offset: int, dtype: torch.dtype, shape: tuple[int, ...], *, big: bool = False) -> Entry:
    """Return the entry of raw bytes in a file; they have to be there."""
    nbytes = math.prod(shape) * dtype.itemsize
    source.check(offset, nbytes)

    def load() -> torch.Tensor:
        data = np.empty(nbytes, np.uint8)
        source.fill(offset, data)
        if big:
            swap_bytes(data, dtype)
        return dense(data, dtype, shape)

    return Entry(dtype, shape, load)
