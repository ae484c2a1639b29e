"""safetensors: a JSON header with the place of each tensor, then their bytes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import torch

from .dtypes import BY_SAFETENSORS, PAIRS
from .json_text import parsed
from .listing import FileEntry, Listing, checked_shape
from .shown import shown

if TYPE_CHECKING:
    from .source import Source

HEADER = 100_000_000  # the format's own limit


def is_safetensors(source: Source) -> bool:
    """Whether the file starts with the length of a header and a brace."""
    if source.size < 10:
        return False
    (length,) = struct.unpack("<Q", source.read(0, 8))
    return bool(2 <= length <= min(HEADER, source.size - 8)) and source.read(8, 1) == b"{"


def read_safetensors(source: Source) -> Listing:
    """List a safetensors file."""
    (length,) = struct.unpack("<Q", source.read(0, 8))
    header = parsed(source.read(8, length), object_pairs_hook=lambda pairs: _unique(source, pairs))
    if not isinstance(header, dict):
        msg = "the header is no JSON object."
        raise source.error(msg)
    listing = Listing("safetensors", "safetensors")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        msg = "__metadata__ is not a JSON object of texts."
        raise source.error(msg)
    listing.metadata.update(metadata)
    spans = []
    for name, about in header.items():
        if not isinstance(about, dict) or set(about) != {"dtype", "shape", "data_offsets"}:
            msg = f"tensor {shown(name)} is not described by dtype, shape and data_offsets."
            raise source.error(msg)
        dtype = BY_SAFETENSORS.get(about["dtype"]) if isinstance(about["dtype"], str) else None
        if dtype is None:
            msg = f"tensor {shown(name)} has dtype {shown(about['dtype'])}, which torch {torch.__version__} lacks."
            raise source.error(msg)
        begin, end = checked_shape(about["data_offsets"], f"data_offsets of {shown(name)}")
        shape = _shape(source, name, about["dtype"], about["shape"])
        entry = FileEntry(dtype, shape, source, 8 + length + begin)
        if end - begin != entry.nbytes:
            msg = f"tensor {shown(name)} takes {entry.nbytes} bytes but is given {end - begin}."
            raise source.error(msg)
        spans.append((begin, end, name))
        listing.tensors[name] = entry
    position = 0
    for begin, end, name in sorted(spans):
        if begin != position:
            msg = f"tensor {shown(name)} starts at {begin}, where {position} is expected."
            raise source.error(msg)
        position = end
    if 8 + length + position != source.size:
        msg = f"{source.size - 8 - length - position} bytes belong to no tensor."
        raise source.error(msg)
    return listing


def _shape(source: Source, name: str, code: str, described: Any) -> tuple[int, ...]:
    shape = checked_shape(described, f"tensor {shown(name)}")
    if code != PAIRS:
        return shape
    if not shape or shape[-1] % 2:
        msg = f"tensor {shown(name)} of {code}, two numbers in a byte, has shape {shape}: its last size is not even."
        raise source.error(msg)
    return (*shape[:-1], shape[-1] // 2)


def _unique(source: Source, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "a name occurs twice in the header."
        raise source.error(msg)
    return found
