"""OneFlow's folders: `pickled_data` says which tensors there are, `tensor_N/meta` and `tensor_N/out` hold them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .atomic import new_folder
from .dtypes import BY_ONEFLOW, BY_TORCH
from .errors import CheckpointError
from .listing import WHOLE_MODEL, Entry, FileEntry, Listing, checked_shape
from .machine import Machine
from .pickle_writer import PickleWriter, raw
from .pickles import add
from .rebuild import Rebuilder
from .shown import shown
from .tree import leaves, plain, tensor_in, whole_model
from .values import Global, Instance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import torch

    from .opened import Folder

PICKLE = "pickled_data"
META = 1 << 14
META_TEXT = re.compile(r"\s*shape\s*\{((?:\s*dim:\s*\d{1,19})*)\s*\}\s*data_type:\s*(\w{1,40})\s*")
FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}")


def read_oneflow(folder: Folder, allow: Iterable[str]) -> Listing:
    """List a folder. Tensor folders that the pickle does not name are left aside: they are older than it."""
    with folder.source(PICKLE) as source:
        pickled = Machine(source, 0, Rebuilder(allow)).run()
        listing, tensors = Listing("oneflow", "OneFlow", protocol=pickled.protocol), Tensors(folder)
        value = pickled.value
        if isinstance(value, dict) and set(value) == {"protocol_version", "data"}:
            version = value["protocol_version"]
            listing.metadata["protocol_version"] = shown(version)
            if version != 1:
                msg = f"protocol_version {shown(version)}; readable is 1."
                raise source.error(msg)
            value = value["data"]
        if (model := whole_model(value)) is not None:
            listing.metadata[WHOLE_MODEL] = shown(str(model.kind))[1:-1]
        for name, leaf in leaves(value, pickled):
            if isinstance(tensor_in(leaf), Instance):
                add(source, listing, name or "tensor", tensors.entry(leaf.state["path"]))
            else:
                listing.others[name] = plain(leaf)
    return listing


def write_oneflow(path: Path, data: Any, tensors: Iterable[torch.Tensor]) -> None:
    """Write a folder as OneFlow 0.9 does.

    Args:
        path: the folder, which appears whole or not at all.
        data: what to pickle; `reference(index)` stands in it for the tensor of that index.
        tensors: dense ones, of dtypes that OneFlow has.
    """
    with new_folder(path) as folder:
        for index, tensor in enumerate(tensors):
            place = folder / f"tensor_{index}"
            place.mkdir()
            sizes = "".join(f"  dim: {size}\n" for size in tensor.shape)
            text = f"shape {{\n{sizes}}}\ndata_type: {BY_TORCH[tensor.dtype].oneflow}\n"
            (place / "meta").write_text(text, encoding="ascii", newline="\n")
            with (place / "out").open("wb") as file:
                file.write(memoryview(raw(tensor)))
        with (folder / PICKLE).open("wb") as file:
            PickleWriter(file, 4).write({"protocol_version": 1, "data": data})


def reference(index: int) -> Instance:
    """Return what stands in the pickle for a tensor."""
    return Instance(Global("oneflow", "Tensor"), (), {"path": f"tensor_{index}"})


class Tensors:
    """The tensors of a folder, one for each folder in it, however many names it has."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.entries: dict[str, OneFlowEntry] = {}

    def entry(self, name: object) -> OneFlowEntry:
        """Describe the tensor in a folder within the folder, without reading its values: the same entry each time.

        Args:
            name: of the folder in it, as the pickle has it.

        Raises:
            CheckpointError: it is no name of a folder, or the folder does not hold a tensor.
        """
        if not isinstance(name, str) or not FOLDER.fullmatch(name):
            msg = f"{self.folder.path}: refused: the tensor path {shown(name)} is not the name of a folder in it."
            raise CheckpointError(msg)
        if name not in self.entries:
            self.entries[name] = _entry(self.folder, name)
        return self.entries[name]


def _entry(folder: Folder, name: str) -> OneFlowEntry:
    with folder.source(name, "meta") as source:
        if source.size > META:
            msg = f"has {source.size} bytes; a tensor's description has at most {META}."
            raise source.error(msg)
        text = source.read(0, source.size).decode("ascii")
        match = META_TEXT.fullmatch(text)
        if match is None or match[2] not in BY_ONEFLOW:
            msg = f"{shown(text)} does not describe a tensor; known types are {', '.join(BY_ONEFLOW)}."
            raise source.error(msg)
        shape = checked_shape([int(size) for size in re.findall(r"\d+", match[1])], str(source.path))
        dtype = BY_ONEFLOW[match[2]]
    with folder.source(name, "out") as source:
        count = math.prod(shape)
        # OneFlow 0.9 writes bfloat16 tensors as float32
        wide = match[2] == "kBFloat16" and source.size == 4 * count
        if not wide and source.size != count * dtype.itemsize:
            msg = f"has {source.size} bytes; shape {shape} of {match[2]} takes {count * dtype.itemsize}."
            raise source.error(msg)
    return OneFlowEntry(dtype, shape, folder, name, wide)


@dataclass(slots=True, eq=False)
class OneFlowEntry(Entry):
    """The tensor in a folder of a folder; with `wide`, in float32."""

    folder: Folder
    name: str
    wide: bool

    @property
    def path(self) -> Path:
        """The file of its values."""
        return self.folder.path / self.name / "out"

    def read(self) -> torch.Tensor:
        """Read all of the file."""
        stored = BY_ONEFLOW["kFloat"] if self.wide else self.dtype
        with self.folder.source(self.name, "out") as source:
            return FileEntry(stored, self.shape, source, 0).read().to(self.dtype)
