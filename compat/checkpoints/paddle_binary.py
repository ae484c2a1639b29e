"""Paddle's binary tensors: one file per tensor in a `save_persistables` folder, or several after one another."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from .dtypes import BY_PADDLE
from .listing import Listing, checked_shape, file_entry

if TYPE_CHECKING:
    from .listing import Entry
    from .source import Source

LOD_LEVELS = 16
DESCRIPTION = 1 << 12
TENSORS = 1_000_000
PRODUCER = "Paddle (save_persistables, save_vars, save_inference_model, or use_binary_format)"


def read_binary(source: Source) -> Listing:
    """List a file of one tensor, named after the file, or of several, named by position: their names are not in it."""
    listing = Listing("paddle-binary", PRODUCER)
    entries, offset = [], 0
    while offset < source.size:
        entry, offset = read_tensor(source, offset)
        entries.append(entry)
        if len(entries) > TENSORS:
            msg = f"holds more than {TENSORS} tensors."
            raise source.error(msg)
    if len(entries) == 1:
        listing.tensors[source.path.name] = entries[0]
    else:
        listing.tensors.update({str(index): entry for index, entry in enumerate(entries)})
        listing.metadata["names"] = "not in the file: tensors are named by their position"
    return listing


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
    code, shape = _description(source, source.read(offset + 8, length))
    offset += 8 + length
    if code not in BY_PADDLE:
        msg = f"a tensor of Paddle's type {code}, which is none that tensors have here."
        raise source.error(msg)
    entry = file_entry(source, offset, BY_PADDLE[code], checked_shape(shape, "tensor"))
    return entry, offset + math.prod(entry.shape) * entry.dtype.itemsize


def _description(source: Source, data: bytes) -> tuple[int, list[int]]:
    """Read the protobuf message TensorDesc: field 1 the type, field 2 the sizes, one by one or packed."""
    code, shape, position = -1, list[int](), 0
    while position < len(data):
        tag, position = _varint(source, data, position)
        value, position = _varint(source, data, position)
        if tag == 0x08:
            code = value
        elif tag == 0x10:
            shape.append(value)
        elif tag == 0x12:
            end = position + value
            while position < end:
                value, position = _varint(source, data, position)
                shape.append(value)
        else:
            msg = f"a tensor's description has an unknown field (tag {tag})."
            raise source.error(msg)
    return code, shape


def _varint(source: Source, data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    msg = "a tensor's description ends within a number."
    raise source.error(msg)
