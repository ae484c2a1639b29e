"""Paddle's `save_persistables` folders: a binary tensor per file, named after the parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import CheckpointError
from .listing import Entry, Listing
from .paddle_binary import PRODUCER, read_tensor
from .program import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from .opened import Folder

Parts = tuple[str, ...]

FILES = 100_000


def read_persistables(folder: Folder, files: list[Parts]) -> Listing:
    """List a folder of files; a program beside the tensors (`__model__`) is left aside."""
    listing = Listing("paddle-persistables", PRODUCER)
    if len(files) > FILES:
        msg = f"{folder.path}: has more than {FILES} files."
        raise CheckpointError(msg)
    for parts in files:
        if parts != (PROGRAM,):
            listing.tensors["/".join(parts)] = _entry(folder, parts)
    if not listing.tensors:
        msg = f"{folder.path}: no checkpoint: neither OneFlow's pickled_data nor Paddle's tensors are in it."
        raise CheckpointError(msg)
    return listing


def combined_in(files: list[Parts]) -> Parts | None:
    """Return the one of a folder's files that stands beside a program, which holds all parameters."""
    if (PROGRAM,) not in files:
        return None
    others = [parts for parts in files if parts[-1] != PROGRAM]
    return others[0] if len(others) == 1 else None


def _entry(folder: Folder, parts: Parts) -> PersistableEntry:
    with folder.source(*parts) as source:
        entry, end = read_tensor(source, 0)
        if end != source.size:
            msg = f"{source.size - end} bytes follow the tensor."
            raise source.error(msg)
    return PersistableEntry(entry.dtype, entry.shape, folder, parts)


@dataclass(slots=True, eq=False)
class PersistableEntry(Entry):
    """The tensor that a file of a folder holds."""

    folder: Folder
    parts: Parts

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder.path.joinpath(*self.parts)

    def read(self) -> torch.Tensor:
        """Read the file, which has to be as it was."""
        with self.folder.source(*self.parts) as source:
            entry, _ = read_tensor(source, 0)
            if (entry.dtype, entry.shape) != (self.dtype, self.shape):
                msg = "it was replaced while it was read: read it again."
                raise source.error(msg)
            return entry.read()
