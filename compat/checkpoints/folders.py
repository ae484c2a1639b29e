"""Folders of one tensor per file (fluid's save_persistables), and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .errors import CheckpointError
from .listing import Entry, Listing
from .oneflow import PICKLE
from .paddle_binary import PRODUCER, read_tensor
from .program import PROGRAM, is_program, saved_order, starts_tensors
from .safetensors import is_safetensors
from .shown import visible

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from .opened import Folder
    from .source import Source

Parts = tuple[str, ...]

FILES = 100_000
SHOWN = 5


@dataclass(slots=True)
class Content:
    """What is in a folder: programs, tensors, and what is neither."""

    programs: list[Parts] = field(default_factory=list)
    tensors: list[Parts] = field(default_factory=list)
    others: list[Parts] = field(default_factory=list)

    @property
    def combined(self) -> Parts | None:
        """The one file that stands beside a program, which holds all parameters."""
        return self.tensors[0] if self.programs and len(self.tensors) == 1 else None


def content_of(folder: Folder) -> Content:
    """Tell files apart by how they start; without a program, all of them have to be tensors.

    Raises:
        CheckpointError: there are too many of them, or none of a checkpoint that is a folder.
    """
    found = Content()
    files = folder.files(FILES)
    if len(files) > FILES:
        msg = f"{folder.path}: has more than {FILES} files."
        raise CheckpointError(msg)
    for parts in files:
        with folder.source(*parts) as source:
            is_one = parts[-1] == PROGRAM or is_program(source)
            kind = found.programs if is_one else found.tensors if starts_tensors(source) else found.others
        kind.append(parts)
    if not found.programs and not found.tensors:
        raise CheckpointError(_no_checkpoint(folder, found.others))
    if found.others:
        # beside a program stand settings of servers and the like; but what the program names has to be a tensor
        named = {name for program in found.programs for name in saved_order(folder.source(*program))}
        wanted = {parts for parts in found.others if not found.programs or "/".join(parts) in named}
        found.tensors = sorted([*found.tensors, *wanted])
        found.others = [parts for parts in found.others if parts not in wanted]
    return found


def _no_checkpoint(folder: Folder, files: list[Parts]) -> str:
    """Say that a folder is none, and which checkpoints are in it."""
    inside = {parts[:-1] for parts in files if parts[-1] == PICKLE and parts[:-1]}
    found = ["/".join(parts) for parts in sorted(inside)]
    for parts in files:
        if not inside.intersection(parts[:count] for count in range(1, len(parts))):
            with folder.source(*parts) as source:
                if _starts_checkpoint(source):
                    found.append("/".join(parts))
    which = "It holds no file that begins as one either."
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        which = f"Name one of those in it: {', '.join(visible(name, 80) for name in found[:SHOWN])}{more}."
    elif not files:
        which = "It is empty."
    return f"{folder.path}: no checkpoint: neither OneFlow's pickled_data nor Paddle's tensors are in it. {which}"


def _starts_checkpoint(source: Source) -> bool:
    """Whether a file begins as a pickle, a zip archive or a safetensors file does."""
    head = source.read(0, min(source.size, 4))
    return head[:1] == b"\x80" or head == b"PK\x03\x04" or is_safetensors(source)


def read_persistables(folder: Folder, content: Content) -> Listing:
    """List a folder of one tensor per file, as `save_persistables` and `save_inference_model` write it."""
    listing = Listing("paddle-persistables", PRODUCER)
    for parts in content.tensors:
        listing.tensors["/".join(parts)] = _entry(folder, parts)
    if not listing.tensors:
        others = ", ".join(parts[-1] for parts in content.others[:4]) or "nothing"
        msg = (
            f"{folder.path}: {content.programs[0][-1]} is a program of Paddle; beside it stand no tensors, but "
            f"{others}. Name the file of its parameters."
        )
        raise CheckpointError(msg)
    return listing


def _entry(folder: Folder, parts: Parts) -> PersistableEntry:
    with folder.source(*parts) as source:
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
