"""Files of torch.save: a zip archive since torch 1.6, pickles and raw storages before."""

from __future__ import annotations

import math
import re
import struct
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .dtypes import BY_STORAGE, swap_bytes
from .listing import FRONT_END, LARGEST, WHOLE_MODEL, Entry, Listing, check_count
from .machine import Machine
from .pickles import add
from .rebuild import TENSOR_CLASSES, Rebuilder
from .shown import shown
from .tree import leaves, plain, whole_model
from .values import Global, Pickle, StorageKey, View

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from .source import Source

MAGIC = 0x1950A86A20F9469CFC6C
LEGACY = 1001
# Expanded tensors have more elements than their storages; up to this many bytes of all nobody is surprised.
EXPANDED = 1 << 24
RECORDS = 1_000_000
LOCAL_HEADER = struct.Struct("<4s5H3I2H")


class Storages:
    """The storages of a file. Each is read once, so that tensors that share one go on sharing it."""

    def __init__(self, source: Source, *, big: bool = False) -> None:
        self.source = source
        self.big = big
        self.places: dict[str, tuple[int, int]] = {}  # offset and bytes
        self.bytes: dict[str, torch.Tensor] = {}
        self.entries: dict[int, ViewEntry] = {}
        self.placed = self.expanded = 0

    def place(self, key: str, offset: int, nbytes: int) -> None:
        """Note where a storage lies. They may not be larger together than the file: then they overlap."""
        self.places[key] = offset, nbytes
        self.placed += nbytes
        if self.placed > self.source.size:
            msg = f"its storages take {self.placed} bytes or more, and the file has {self.source.size}: they overlap."
            raise self.source.error(msg)

    def entry(self, view: View) -> ViewEntry:
        """Return the entry of a view, which has to lie in its storage: the same one each time."""
        if id(view) not in self.entries:
            self._check(view)
            self.entries[id(view)] = ViewEntry(view.dtype, view.shape, self, view)
            check_count(self.source, len(self.entries))
        return self.entries[id(view)]

    def _check(self, view: View) -> None:
        if view.storage.key not in self.places:
            msg = f"storage {shown(view.storage.key)} is missing: the file is cut short or damaged."
            raise self.source.error(msg)
        nbytes = self.places[view.storage.key][1]
        last = view.offset + sum((size - 1) * step for size, step in zip(view.shape, view.stride, strict=True))
        elements, size = math.prod(view.shape), view.dtype.itemsize
        if elements and (last + 1) * size > nbytes:
            msg = f"a tensor of shape {view.shape} reaches beyond its storage of {nbytes} bytes."
            raise self.source.error(msg)
        self.expanded += max(0, elements * size - nbytes)
        if self.expanded > EXPANDED:
            msg = (
                f"a tensor of shape {view.shape} is expanded from a storage of {nbytes} bytes; all tensors together "
                f"have {self.expanded} bytes more than their storages, and at most {EXPANDED} are read."
            )
            raise self.source.error(msg)

    def tensor(self, view: View) -> torch.Tensor:
        """Read a view."""
        if not math.prod(view.shape):
            return torch.empty(view.shape, dtype=view.dtype)
        key = view.storage.key
        if key not in self.bytes:
            offset, nbytes = self.places[key]
            data = np.empty(nbytes, np.uint8)
            self.source.fill(offset, data)
            if self.big:
                swap_bytes(data[: nbytes - nbytes % view.dtype.itemsize], view.dtype)
            self.bytes[key] = torch.from_numpy(data)
        stored = self.bytes[key]
        whole = stored[: stored.numel() - stored.numel() % view.dtype.itemsize]
        tensor = whole.view(view.dtype).as_strided(view.shape, view.stride, view.offset)
        # views too, as torch.load gives them
        tensor = tensor.conj() if view.conj else tensor
        return torch._neg_view(tensor) if view.neg else tensor


@dataclass(slots=True, eq=False)
class ViewEntry(Entry):
    """A view of a storage."""

    storages: Storages
    view: View

    @property
    def path(self) -> Path:
        """The file of torch.save."""
        return self.storages.source.path

    def read(self) -> torch.Tensor:
        """Read the storage, if no other view did before."""
        return self.storages.tensor(self.view)


def storage_key(source: Source, identifier: Any) -> StorageKey:
    """Return the storage that a persistent identifier names."""
    if not isinstance(identifier, tuple) or len(identifier) < 5 or identifier[0] != "storage":
        msg = "a persistent identifier that is no storage."
        raise source.error(msg)
    _, kind, key, _, count, *view = identifier
    if any(each is not None for each in view):
        msg = "a storage that is a view of another (torch 0.3 and older). Save it again with a newer torch."
        raise source.error(msg)
    if not isinstance(kind, Global) or type(key) is not str or type(count) is not int or not 0 <= count < LARGEST:
        msg = "a persistent identifier that is no storage."
        raise source.error(msg)
    return StorageKey(BY_STORAGE.get(kind.name), key, count)


def _fill(source: Source, listing: Listing, pickled: Pickle, storages: Storages) -> None:
    model = whole_model(pickled.value)
    if model is not None:
        listing.metadata[WHOLE_MODEL] = shown(str(model.kind))[1:-1]
    front_ends = set(filter(None, map(_front_end, pickled.globals)))
    if front_ends:
        listing.metadata[FRONT_END] = " and ".join(sorted(front_ends))
    for name, leaf in leaves(pickled.value, pickled):
        if isinstance(leaf, View):
            add(source, listing, name or "tensor", storages.entry(leaf))
        else:
            listing.others[name] = plain(leaf)


def _front_end(name: str) -> str:
    """Return which of fourfold's front ends a class is of, or ''."""
    found = re.match(rf"{re.escape(TENSOR_CLASSES)}(paddle\.(?=fluid)|)(paddle|fluid|megengine|oneflow)", name)
    return "" if found is None else found[2]


def read_zip(source: Source, allow: Iterable[str]) -> Listing:
    """List a zip archive of torch.save."""
    source.file.seek(0)
    with zipfile.ZipFile(source.file) as archive:
        if len(archive.filelist) > RECORDS:
            msg = f"an archive with more than {RECORDS} records."
            raise source.error(msg)
        records = {record.filename: record for record in archive.filelist}
    roots = [name[: -len("data.pkl")] for name in records if name.endswith("data.pkl") and name.count("/") <= 1]
    if len(roots) != 1:
        msg = f"a zip archive, but without torch's data.pkl: {_other_archive(records)}."
        raise source.error(msg)
    root = roots[0]
    if f"{root}constants.pkl" in records:
        msg = "a TorchScript archive, which is a program. Save its state_dict() with torch.save instead."
        raise source.error(msg)
    order = _place(source, records[f"{root}byteorder"]) if f"{root}byteorder" in records else None
    big = order is not None and source.read(order[0], min(order[1], 8)) == b"big"
    storages = Storages(source, big=big)

    def persistent(identifier: Any) -> StorageKey:
        key = storage_key(source, identifier)
        record = records.get(f"{root}data/{key.key}")
        if record is not None and key.key not in storages.places:
            storages.place(key.key, *_place(source, record))
        return key

    start, _ = _place(source, records[f"{root}data.pkl"])
    pickled = Machine(source, start, Rebuilder(allow), persistent).run()
    listing = Listing("torch", "torch 1.6 or later", protocol=pickled.protocol)
    _fill(source, listing, pickled, storages)
    return listing


def _other_archive(names: Collection[str]) -> str:
    """Say what an archive is that torch.save did not write, and what to do."""
    if "manifest.json" in names:
        return "a recording of fourfold's. `fourfold verify` replays it, `fourfold inspect` lists it"
    if any(name.endswith("archive_format") for name in names):
        return "a program of torch.export. Save the state_dict() of torch.export.load(...) with torch.save"
    if names and all(name.endswith(".npy") for name in names):
        return (
            "arrays of NumPy (.npz). Write dict(numpy.load(...)) with fourfold.save_checkpoint in a format of a state"
        )
    return "not a file of torch.save"


def _place(source: Source, record: zipfile.ZipInfo) -> tuple[int, int]:
    """Return where a record's bytes are. torch stores them as they are."""
    if record.compress_type != zipfile.ZIP_STORED or record.compress_size != record.file_size or record.flag_bits & 1:
        msg = f"the record {shown(record.filename)} is compressed or encrypted, which torch.save never does."
        raise source.error(msg)
    fields = LOCAL_HEADER.unpack(source.read(record.header_offset, LOCAL_HEADER.size))
    if fields[0] != b"PK\x03\x04":
        msg = f"the record {shown(record.filename)} has no header where the archive says."
        raise source.error(msg)
    offset = record.header_offset + LOCAL_HEADER.size + fields[9] + fields[10]
    source.check(offset, record.file_size)
    return offset, record.file_size


def is_legacy(source: Source) -> bool:
    """Whether the file starts with the pickled magic number."""
    head = source.read(0, min(source.size, 14))
    return head[2:4] == b"\x8a\x0a" and head[4:14] == MAGIC.to_bytes(10, "little")


def read_legacy(source: Source, allow: Iterable[str]) -> Listing:
    """List a file of torch.save from before the zip archives, or with them turned off."""
    offset, values = 0, []
    for _ in range(3):
        pickled = Machine(source, offset, Rebuilder()).run()
        offset = pickled.end
        values.append(pickled.value)
    if values[1] != LEGACY or not isinstance(values[2], dict):
        msg = f"torch's legacy format {shown(values[1])}; readable is {LEGACY}."
        raise source.error(msg)
    storages = Storages(source, big=values[2].get("little_endian") is False)
    known: dict[str, StorageKey] = {}

    def persistent(identifier: Any) -> StorageKey | Global:
        # a class of modules comes with the text of its file, which is left aside
        is_class = isinstance(identifier, tuple) and len(identifier) == 4 and identifier[0] == "module"
        if is_class and isinstance(identifier[1], Global):
            return identifier[1]
        key = storage_key(source, identifier)
        return known.setdefault(key.key, key)

    pickled = Machine(source, offset, Rebuilder(allow), persistent).run()
    keys = Machine(source, pickled.end, Rebuilder()).run()
    offset = keys.end
    if not isinstance(keys.value, list) or len(keys.value) > RECORDS:
        msg = "the list of storages is no list."
        raise source.error(msg)
    order = ">" if storages.big else "<"
    for key in keys.value:
        if not isinstance(key, str) or key not in known:
            msg = f"storage {shown(key)} is listed but not used."
            raise source.error(msg)
        (count,) = struct.unpack(f"{order}q", source.read(offset, 8))
        dtype = known[key].dtype
        if count != known[key].count:
            msg = f"storage {shown(key)} has {count} elements; the pickle says {known[key].count}."
            raise source.error(msg)
        nbytes = count * (dtype.itemsize if dtype else 1)
        source.check(offset + 8, nbytes)
        storages.place(key, offset + 8, nbytes)
        offset += 8 + nbytes
    listing = Listing(
        "torch-legacy", "torch before 1.6, or _use_new_zipfile_serialization=False", protocol=pickled.protocol
    )
    _fill(source, listing, pickled, storages)
    return listing
