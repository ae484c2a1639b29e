"""Paddle's folders: a binary tensor per file, named after the parameter, or one file of all; and a program, or none."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import CheckpointError
from .listing import Entry, Listing
from .oneflow import PICKLE, inside
from .paddle_binary import PRODUCER, read_tensor
from .program import PROGRAM, is_program, saved_order, starts_tensors
from .source import Source

if TYPE_CHECKING:
    import torch

FILES = 100_000


def read_persistables(folder: Path) -> Listing:
    """List a folder of one tensor per file, as `save_persistables` and `save_inference_model` write it."""
    listing = Listing("paddle-persistables", PRODUCER)
    found = _content(folder)
    for path in found.tensors:
        listing.tensors[path.relative_to(folder).as_posix()] = _entry(folder, path)
    if not listing.tensors:
        msg = f"{folder}: no checkpoint: neither OneFlow's pickled_data nor Paddle's tensors are in it."
        if found.programs:
            others = ", ".join(path.name for path in found.others[:4]) or "nothing"
            msg = (
                f"{folder}: {found.programs[0].name} is a program of Paddle; beside it stand no tensors, but {others}. "
                f"Name the file of its parameters."
            )
        raise CheckpointError(msg)
    return listing


def combined_in(folder: Path) -> Path | None:
    """Return the one file that stands beside a program in a folder, which holds all parameters."""
    if os.path.lexists(folder / PICKLE):
        return None
    found = _content(folder)
    if not found.programs or len(found.tensors) != 1:
        return None
    return inside(folder, *found.tensors[0].relative_to(folder).parts)


@dataclass(slots=True)
class _Content:
    """What is in a folder: programs, tensors, and what is neither."""

    programs: list[Path] = field(default_factory=list)
    tensors: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)


def _content(folder: Path) -> _Content:
    """Tell files apart by how they start; without a program, all of them have to be tensors."""
    found = _Content()
    for count, path in enumerate(sorted(_files(folder))):
        if count >= FILES:
            msg = f"{folder}: has more than {FILES} files."
            raise CheckpointError(msg)
        with Source(path) as source:
            is_one = path.name == PROGRAM or is_program(source)
            kind = found.programs if is_one else found.tensors if starts_tensors(source) else found.others
        kind.append(path)
    if found.others:
        # beside a program stand settings of servers and the like; but what the program names has to be a tensor
        named = {name for program in found.programs for name in saved_order(program)}
        wanted = {path for path in found.others if not found.programs or path.relative_to(folder).as_posix() in named}
        found.tensors = sorted([*found.tensors, *wanted])
        found.others = [path for path in found.others if path not in wanted]
    return found


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
        if not starts_tensors(source):
            msg = (
                "no tensor of Paddle, as each file of such a folder is. If it is a checkpoint of its own, name it, and "
                "not the folder; else move it away."
            )
            raise source.error(msg)
        entry, end = read_tensor(source, 0)
        if end != source.size:
            msg = (
                f"{source.size - end} bytes follow the tensor. A file of several tensors is read by itself, with the "
                f"program beside it: name it."
            )
            raise source.error(msg)

    def load() -> torch.Tensor:
        with Source(path) as file:
            return read_tensor(file, 0)[0].load()

    return Entry(entry.dtype, entry.shape, load)
