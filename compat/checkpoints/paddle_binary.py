"""Paddle's binary tensors: one per file in a `save_persistables` folder, or several after one another in one."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from .dtypes import BY_PADDLE
from .listing import FileEntry, Listing, checked_shape
from .program import names_of
from .protobuf import description

if TYPE_CHECKING:
    from .listing import Entry
    from .source import Source

LOD_LEVELS = 16
DESCRIPTION = 1 << 12
TENSORS = 1_000_000
PRODUCER = "Paddle (save_persistables, save_vars, save_inference_model, or use_binary_format)"


def read_binary(source: Source, order: list[str] | None) -> Listing:
    """List a file of one tensor, named after the file, or of several, whose names are not in it."""
    listing = Listing("paddle-binary", PRODUCER)
    entries = read_tensors(source)
    names, told_by = names_of(source, [entry.shape for entry in entries], order)
    if names is None and len(entries) == 1:
        names = [source.path.name]
    else:
        listing.metadata["names"] = told_by
    listing.tensors.update(zip(names or map(str, range(len(entries))), entries, strict=True))
    return listing


def read_tensors(source: Source) -> list[Entry]:
    """Return the tensors of a file in its order."""
    entries: list[Entry] = []
    offset = 0
    while offset < source.size:
        entry, offset = read_tensor(source, offset)
        entries.append(entry)
        if len(entries) > TENSORS:
            msg = f"holds more than {TENSORS} tensors."
            raise source.error(msg)
    return entries


def read_tensor(source: Source, offset: int) -> tuple[Entry, int]:
    """Return the tensor at an offset, and where it ends."""
    version, levels = struct.unpack("<IQ", source.read(offset, 12))
    offset += 12
    if version != 0 or levels > LOD_LEVELS:
        msg = f"no Paddle tensor at byte {offset - 12}: version {version}, {levels} levels of detail."
        raise source.error(msg)
    for _ in range(levels):
        (length,) = struct.unpack("<Q", source.read(offset, 8))
        source.check(offset + 8, length)
        offset += 8 + length
    version, length = struct.unpack("<Ii", source.read(offset, 8))
    if version != 0 or not 0 < length <= DESCRIPTION:
        msg = f"no Paddle tensor at byte {offset}: version {version}, a description of {length} bytes."
        raise source.error(msg)
    code, shape = description(source, memoryview(source.read(offset + 8, length)))
    offset += 8 + length
    if code not in BY_PADDLE:
        msg = f"a tensor of Paddle's type {code}, which is none that tensors have here."
        raise source.error(msg)
    entry = FileEntry(BY_PADDLE[code], checked_shape(shape, "tensor"), source, offset)
    return entry, offset + entry.nbytes
