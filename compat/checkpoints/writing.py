"""save_checkpoint: a state in any of the formats, such that the format's framework loads it."""

from __future__ import annotations

import json
import re
import struct
from collections import OrderedDict
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .atomic import new_file, new_folder
from .dtypes import BY_TORCH, PAIRS, name_of
from .errors import CheckpointError
from .expansion import check_expansion
from .oneflow import reference, write_oneflow
from .pickle_writer import PickleWriter, raw
from .pickles import NAME_TABLE, check_names
from .program import PROGRAM
from .values import OrderedMap

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from ..literals import Format

    State = dict[str, torch.Tensor]

NAME_BYTES = 255
SURROGATE = re.compile("[\ud800-\udfff]")
PARAMETER = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[^/\0][^\0]*")


def save_checkpoint(
    state: Mapping[str, Any],
    path: str | os.PathLike[str],
    *,
    format: Format,
    name_table: Mapping[str, str] | None = None,
) -> None:
    """Write tensors by name in a checkpoint format, whole or not at all.

    The new file takes the place of the old one in one step; so does a folder, on Linux.

    Args:
        state: tensors (or NumPy arrays) by name.
        path: the file, or the folder for `"oneflow"` and `"paddle-persistables"`.
        format: `"paddle"` (2.1 and later), `"paddle-fluid"` (1.6 to 2.0, protocol 2), `"paddle-persistables"` (a
            folder of binary tensors), `"megengine"`, `"oneflow"` (a folder), `"torch"`, `"torch-legacy"` (before
            1.6), `"safetensors"`.
        name_table: for Paddle's pickles, parameter names by tensor names. Default: the tensor names. Names that are not
            in `state` are an error.

    Raises:
        CheckpointError: if the format is unknown, or cannot hold a tensor; the message names the tensor.

    Example:
        >>> import os, tempfile
        >>> from fourfold.compat.checkpoints import load_checkpoint
        >>> file = os.path.join(tempfile.mkdtemp(), "model.pkl")
        >>> save_checkpoint({"weight": torch.ones(2, 3)}, file, format="megengine")
        >>> load_checkpoint(file).tensors["weight"].sum()
        tensor(6.)
    """
    if format not in WRITERS:
        msg = f"format={format!r} is not known; formats that can be written: {', '.join(WRITERS)}."
        raise CheckpointError(msg)
    if name_table is not None and not format.startswith("paddle"):
        msg = f"name_table: format {format!r} has none; only Paddle's pickles do."
        raise CheckpointError(msg)
    tensors = {_name(name): _tensor(name, value) for name, value in state.items()}
    table = {name: name for name in tensors} | dict(name_table or {})
    unknown = sorted(set(table) - set(tensors))
    if unknown:
        msg = f"name_table names {unknown[0]!r}, which is not in the state."
        raise CheckpointError(msg)
    place = Path(path)
    is_folder = format in FOLDERS
    if place.exists() and place.is_dir() != is_folder:
        msg = f"{place} is a {'folder' if not is_folder else 'file'}, and format {format!r} writes the other."
        raise CheckpointError(msg)
    if format not in SHARING:
        check_expansion(tensors.values())
    WRITERS[format](tensors, place, table)


def _name(name: object) -> str:
    if not isinstance(name, str):
        msg = f"a state's names are texts, not {name!r}."
        raise CheckpointError(msg)
    return name


def _tensor(name: str, value: object) -> torch.Tensor:
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        try:
            value = torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))
        except TypeError as error:
            msg = f"{name!r}: an array of dtype {array.dtype} is no tensor."
            raise CheckpointError(msg) from error
    if not isinstance(value, torch.Tensor):
        msg = f"{name!r}: a state holds tensors, not {type(value).__name__}. Leave it out, or nest nothing."
        raise CheckpointError(msg)
    if value.layout != torch.strided or value.is_quantized or value.is_meta:
        msg = f"{name!r}: only dense tensors with data can be written."
        raise CheckpointError(msg)
    # a front end's tensors answer to other names; the formats hold plain ones
    with torch._C.DisableTorchFunctionSubclass():
        plain = value.detach().cpu().resolve_conj().resolve_neg()
        return plain.as_subclass(torch.Tensor)


def _code(name: str, tensor: torch.Tensor, column: str) -> Any:
    row = BY_TORCH.get(tensor.dtype)
    code = getattr(row, column, None)
    if code is None:
        msg = (
            f"{name!r}: the format has no {name_of(tensor.dtype)}. Convert the tensor first, for example with .float()."
        )
        raise CheckpointError(msg)
    return code


def _for_numpy(state: State, *, bits_of_bfloat16: bool) -> State:
    """Check the dtypes; Paddle holds bfloat16 as uint16."""
    found = {}
    for name, tensor in state.items():
        is_bits = bits_of_bfloat16 and tensor.dtype == torch.bfloat16
        found[name] = tensor.contiguous().view(torch.uint16) if is_bits else tensor
        _code(name, found[name], "numpy")
    return found


def _write_paddle(state: State, path: Path, table: dict[str, str]) -> None:
    check_names(state)
    with new_file(path) as file:
        PickleWriter(file, 4).write({**_for_numpy(state, bits_of_bfloat16=True), NAME_TABLE: table})


def _write_fluid(state: State, path: Path, table: dict[str, str]) -> None:
    check_names(state)
    # 1.8 cannot load the slices that later releases make of large parameters
    with new_file(path) as file:
        PickleWriter(file, 2).write({**_for_numpy(state, bits_of_bfloat16=True), NAME_TABLE: table})


def _write_megengine(state: State, path: Path, _: dict[str, str]) -> None:
    with new_file(path) as file:
        PickleWriter(file, 4).write(OrderedMap(_for_numpy(state, bits_of_bfloat16=False)))


def _write_persistables(state: State, path: Path, _: dict[str, str]) -> None:
    for name, tensor in state.items():
        _code(name, tensor, "paddle")
    _check_file_names(state)
    with new_folder(path) as folder:
        for name, tensor in state.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("wb") as file:
                write_binary(file, name, tensor)


def write_binary(file: BinaryIO, name: str, tensor: torch.Tensor) -> None:
    """Write one tensor in Paddle's binary format; its name is for messages."""
    code = _code(name, tensor, "paddle")
    description = b"\x08" + bytes([code]) + b"".join(b"\x10" + _varint(size) for size in tensor.shape)
    file.write(struct.pack("<IQIi", 0, 0, 0, len(description)) + description)
    file.write(memoryview(raw(tensor)))


def _check_file_names(state: State) -> None:
    folders = {parent for name in state for parent in accumulate(name.split("/")[:-1], "{}/{}".format)}
    for name in state:
        if not PARAMETER.fullmatch(name) or "//" in name or name.endswith("/") or name in folders or name == PROGRAM:
            msg = f"{name!r} cannot be the name of a file in the folder. Rename the tensor."
            raise CheckpointError(msg)
        if SURROGATE.search(name):
            msg = f"{name!r} has a lone surrogate, which no file name in UTF-8 can. Rename the tensor."
            raise CheckpointError(msg)
        longest = max((part.encode() for part in name.split("/")), key=len)
        if len(longest) > NAME_BYTES:
            msg = (
                f"{name!r} cannot be the name of a file in the folder: it takes {len(longest)} bytes, and file systems "
                f"allow {NAME_BYTES}. Rename the tensor, or write format='paddle', which is one file."
            )
            raise CheckpointError(msg)


def _varint(value: int) -> bytes:
    data = b""
    while value > 0x7F:
        data += bytes([value & 0x7F | 0x80])
        value >>= 7
    return data + bytes([value])


def _write_oneflow(state: State, path: Path, _: dict[str, str]) -> None:
    data = OrderedMap()
    for name, tensor in state.items():
        if tensor.dtype == torch.bfloat16:
            msg = f"{name!r}: OneFlow 0.9 cannot load bfloat16 tensors. Convert it first, for example with .float()."
            raise CheckpointError(msg)
        _code(name, tensor, "oneflow")
        data[name] = reference(len(data))
    write_oneflow(path, data, state.values())


def _write_torch(state: State, path: Path, _: dict[str, str]) -> None:
    _torch_save(state, path)


def _write_torch_legacy(state: State, path: Path, _: dict[str, str]) -> None:
    _torch_save(state, path, _use_new_zipfile_serialization=False)


def _torch_save(state: State, path: Path, **options: bool) -> None:
    with new_file(path) as file:
        target = _Target(file)
        try:
            torch.save(OrderedDict(state), target, **options)  # type: ignore[arg-type]
        except RuntimeError as error:
            if target.failure is None:
                raise
            raise target.failure from error


class _Target:
    """A file that keeps the error of a failed write: torch's own says nothing of a full disk."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self.file.write(data)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self.file.flush()


def _write_safetensors(state: State, path: Path, _: dict[str, str]) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    position = 0
    for name, tensor in state.items():
        if name == "__metadata__":
            msg = "'__metadata__' cannot be the name of a tensor in a safetensors file."
            raise CheckpointError(msg)
        if SURROGATE.search(name):
            msg = f"{name!r} has a lone surrogate, which a safetensors file cannot hold. Rename the tensor."
            raise CheckpointError(msg)
        code = _code(name, tensor, "safetensors")
        if code == PAIRS and not tensor.dim():
            msg = f"{name!r}: two numbers in a byte need an axis to lie along. Reshape the tensor to one of length 1."
            raise CheckpointError(msg)
        end = position + tensor.numel() * tensor.itemsize
        about = {
            "dtype": code,
            "shape": [*tensor.shape[:-1], tensor.shape[-1] * 2] if code == PAIRS else list(tensor.shape),
            "data_offsets": [position, end],
        }
        header[name] = about
        position = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with new_file(path) as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in state.values():
            file.write(memoryview(raw(tensor)))


WRITERS: dict[str, Callable[[State, Path, dict[str, str]], None]] = {
    "paddle": _write_paddle,
    "paddle-fluid": _write_fluid,
    "paddle-persistables": _write_persistables,
    "megengine": _write_megengine,
    "oneflow": _write_oneflow,
    "torch": _write_torch,
    "torch-legacy": _write_torch_legacy,
    "safetensors": _write_safetensors,
}
FOLDERS = ("oneflow", "paddle-persistables")
SHARING = ("torch", "torch-legacy")  # tensors that share memory go on sharing it
