"""Paddle's `save_persistables` folders: a binary tensor per file, named after the parameter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import CheckpointError
from .listing import Entry, Listing
from .oneflow import inside
from .paddle_binary import PRODUCER, read_tensor
from .program import PROGRAM
from .source import Source

if TYPE_CHECKING:
    import torch

FILES = 100_000


def read_persistables(folder: Path) -> Listing:
    """List a folder; a program beside the tensors (`__model__`) is left aside."""
    listing = Listing("paddle-persistables", PRODUCER)
    for count, path in enumerate(sorted(_files(folder))):
        if count >= FILES:
            msg = f"{folder}: has more than {FILES} files."
            raise CheckpointError(msg)
        name = path.relative_to(folder).as_posix()
        if name != PROGRAM:
            listing.tensors[name] = _entry(folder, path)
    if not listing.tensors:
        msg = f"{folder}: no checkpoint: neither OneFlow's pickled_data nor Paddle's tensors are in it."
        raise CheckpointError(msg)
    return listing


def combined_in(folder: Path) -> Path | None:
    """Return the one file that stands beside a program in a folder, which holds all parameters."""
    if not (folder / PROGRAM).is_file():
        return None
    files = [path for path in _files(folder) if path.name != PROGRAM]
    return inside(folder, *files[0].relative_to(folder).parts) if len(files) == 1 else None


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for root, _, names in os.walk(folder):
        found += [Path(root) / name for name in names]
        if len(found) > FILES:
            break
    return found


def _entry(folder: Path, path: Path) -> Entry:
    inside(folder, *path.relative_to(folder).parts)
    with Source(path) as source:
        entry, end = read_tensor(source, 0)
        if end != source.size:
            msg = f"{source.size - end} bytes follow the tensor."
            raise source.error(msg)

    def load() -> torch.Tensor:
        with Source(path) as file:
            return read_tensor(file, 0)[0].load()

    return Entry(entry.dtype, entry.shape, load)
