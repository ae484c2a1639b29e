"""The little of protobuf's wire format that Paddle's descriptions of tensors and programs need."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .source import Source

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def fields(source: Source, data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield the fields of a message: the number of each, and its integer or its bytes.

    Args:
        source: where it is from, for errors.
        data: the message.

    Raises:
        CheckpointError: a field is cut short, or of a kind that protobuf no longer has.
    """
    position = 0
    while position < len(data):
        tag, position = varint(source, data, position)
        wire = tag & 7
        if wire == VARINT:
            value, position = varint(source, data, position)
            yield tag >> 3, value
            continue
        if wire == BYTES:
            length, position = varint(source, data, position)
        elif wire in (FIXED64, FIXED32):
            length = 8 if wire == FIXED64 else 4
        else:
            msg = f"a protobuf message has a field of the unknown kind {wire}."
            raise source.error(msg)
        if position + length > len(data):
            msg = f"a protobuf field claims {length} bytes, and {len(data) - position} are there."
            raise source.error(msg)
        yield tag >> 3, data[position : position + length]
        position += length


def varint(source: Source, data: memoryview, position: int) -> tuple[int, int]:
    """Return the number at a position, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    msg = "a protobuf message ends within a number."
    raise source.error(msg)


def description(source: Source, data: memoryview) -> tuple[int, list[int]]:
    """Read Paddle's TensorDesc: field 1 the type, field 2 the sizes, one by one or packed."""
    code, shape = -1, list[int]()
    for number, value in fields(source, data):
        if number == 1 and isinstance(value, int):
            code = value
        elif number == 2 and isinstance(value, int):
            shape.append(value)
        elif number == 2:
            assert isinstance(value, memoryview)
            position = 0
            while position < len(value):
                size, position = varint(source, value, position)
                shape.append(size)
        else:
            msg = f"a tensor's description has an unknown field (number {number})."
            raise source.error(msg)
    return code, shape
