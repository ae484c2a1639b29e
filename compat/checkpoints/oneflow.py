"""OneFlow's folders: `pickled_data` says which tensors there are, `tensor_N/meta` and `tensor_N/out` hold them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from .atomic import new_folder
from .dtypes import BY_ONEFLOW, BY_TORCH
from .errors import CheckpointError
from .listing import Entry, Listing, checked_shape, dense
from .machine import Machine
from .pickle_writer import PickleWriter, raw
from .pickles import add
from .rebuild import Rebuilder
from .source import Source
from .tree import leaves, plain, tensor_in
from .values import Global, Instance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import torch

PICKLE = "pickled_data"
META = 1 << 14
META_TEXT = re.compile(r"\s*shape\s*\{((?:\s*dim:\s*\d{1,19})*)\s*\}\s*data_type:\s*(\w{1,40})\s*")
FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}")


def read_oneflow(folder: Path, allow: Iterable[str]) -> Listing:
    """List a folder. Tensor folders that the pickle does not name are left aside: they are older than it."""
    with Source(inside(folder, PICKLE)) as source:
        pickled = Machine(source, 0, Rebuilder(allow)).run()
        listing = Listing("oneflow", "OneFlow", protocol=pickled.protocol)
        value = pickled.value
        if isinstance(value, dict) and set(value) == {"protocol_version", "data"}:
            listing.metadata["protocol_version"] = str(value["protocol_version"])
            if value["protocol_version"] != 1:
                msg = f"protocol_version {value['protocol_version']!r}; readable is 1."
                raise source.error(msg)
            value = value["data"]
        for name, leaf in leaves(value, pickled.operations):
            if isinstance(tensor_in(leaf), Instance):
                add(source, listing, name or "tensor", tensor_entry(folder, leaf.state["path"]))
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


def inside(folder: Path, *parts: str) -> Path:
    """Return a path below a folder that stays below it, links included."""
    path = folder.joinpath(*parts)
    if not path.resolve().is_relative_to(folder.resolve()):
        msg = f"{path}: refused: it leads out of {folder}."
        raise CheckpointError(msg)
    if not path.is_file():
        msg = f"{path}: missing. The folder is not complete; copy all of it."
        raise CheckpointError(msg)
    return path


def tensor_entry(folder: Path, name: object) -> Entry:
    """Describe the tensor in a folder within the folder, without reading its values.

    Args:
        folder: that `pickled_data` lies in.
        name: of the folder in it, as the pickle has it.

    Raises:
        CheckpointError: it is no name of a folder, or the folder does not hold a tensor.
    """
    if not isinstance(name, str) or not FOLDER.fullmatch(name):
        msg = f"{folder}: refused: the tensor path {str(name)[:200]!r} is not the name of a folder in it."
        raise CheckpointError(msg)
    with Source(inside(folder, name, "meta")) as source:
        if source.size > META:
            msg_0 = f"has {source.size} bytes; a tensor's description has at most {META}."
            raise source.error(msg_0)
        text = source.read(0, source.size).decode("ascii")
        match = META_TEXT.fullmatch(text)
        if match is None or match[2] not in BY_ONEFLOW:
            known = ", ".join(BY_ONEFLOW)
            msg_0 = f"{text[:200]!r} does not describe a tensor; known types are {known}."
            raise source.error(msg_0)
        shape = checked_shape([int(size) for size in re.findall(r"\d+", match[1])], str(source.path))
        dtype = BY_ONEFLOW[match[2]]
    out = inside(folder, name, "out")
    count = math.prod(shape)
    size = out.stat().st_size
    # OneFlow 0.9 writes bfloat16 tensors as float32
    wide = match[2] == "kBFloat16" and size == 4 * count
    if not wide and size != count * dtype.itemsize:
        msg = f"{out}: has {size} bytes; shape {shape} of {match[2]} takes {count * dtype.itemsize}."
        raise CheckpointError(msg)

    def load() -> torch.Tensor:
        data = np.empty(size, np.uint8)
        with Source(out) as file:
            file.fill(0, data)
        return dense(data, BY_ONEFLOW["kFloat"], shape).to(dtype) if wide else dense(data, dtype, shape)

    return Entry(dtype, shape, load)
