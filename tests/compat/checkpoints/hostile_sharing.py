"""Files that hold one thing many times: small, and large for a reader that looks at each."""

from __future__ import annotations

import copy
import io
import pickle
import struct
import zipfile
from typing import TYPE_CHECKING

from tests.compat.checkpoints.hostile_archives import ONE, legacy, safetensors, storage, zipped
from tests.compat.checkpoints.hostile_folders import named_tensor
from tests.compat.checkpoints.hostile_pickles import FOUR, HEAD, array, big_int, call, named, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MEGABYTE = 1 << 20


def tree(depth: int = 40) -> bytes:
    """Opcodes of a list that holds the next one twice, and so on: 2**40 values in a few hundred bytes."""
    start = b"]q\x80"
    return start + b"".join(
        b"0]q" + bytes([128 + level]) + (b"h" + bytes([127 + level]) + b"a") * 2 for level in range(1, depth)
    )


def sliced(shape: bytes, slices: bytes, more: bytes = b"") -> bytes:
    """Paddle's table of slices for one parameter."""
    about = b"}(" + text("OriginShape") + shape + text("slices") + slices + b"u"
    return HEAD + b"}(" + more + text("UnpackBigParamInfor@@") + b"}" + text("w") + about + b"su."


def contents(size: int = MEGABYTE) -> bytes:
    """Bytes that stay in the file, remembered as value 1."""
    return b"B" + struct.pack("<I", size) + bytes(size) + b"q\x01"


def floats(count: int) -> bytes:
    return b"(" + big_int(count) + b"t"


def view(dtype: str, metadata: bytes, shape: bytes = ONE, stride: bytes = ONE, key: str = "0") -> bytes:
    """A tensor of torch's with what says whether its numbers are conjugates or negatives."""
    hooks = named("collections", "OrderedDict") + b")R"
    arguments = storage(key, 1, dtype) + b"K\x00" + shape + stride + b"\x89" + hooks + metadata
    return named("torch._utils", "_rebuild_tensor_v2") + b"(" + arguments + b"tR"


def torch_file(opcodes: bytes, size: int = 8) -> bytes:
    return zipped({"a/data.pkl": b"\x80\x02" + opcodes + b".", "a/data/0": bytes(size)})


def flag(name: str, value: bytes) -> bytes:
    return b"}" + text(name) + value + b"s"


def overlapping() -> bytes:
    """A zip archive whose storages are all the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        opcodes = b"".join(view("FloatStorage", b"", key=str(key)) for key in range(10))
        archive.writestr("a/data.pkl", b"\x80\x02](" + opcodes + b"e.")
        archive.writestr("a/data/0", bytes(MEGABYTE))
        for key in range(1, 10):
            record = copy.copy(archive.filelist[1])
            record.filename = f"a/data/{key}"
            archive.filelist.append(record)
    return buffer.getvalue()


SHARING: dict[str, bytes] = {
    "a shared tree as a dtype": call("numpy", "dtype", tree()),
    "a shared tree as a shape": HEAD + array(tree(), FOUR) + b".",
    "a shared tree as an order of bytes": HEAD
    + named("numpy", "dtype")
    + b"("
    + text("f4")
    + b"tR(K\x03"
    + tree()
    + b"tb.",
    "a shared tree as slices": sliced(ONE, tree()),
    "a shared tree as the shape of slices": sliced(tree(), b"](" + text("a") + b"e"),
    "a shared tree as a state": HEAD + named("collections", "OrderedDict") + b")R" + tree() + b"b" + tree() + b".",
    "a shared tree as a global": HEAD + tree() + text("x") + b"\x93.",
    "a shared tree as keywords": HEAD + named("megengine.module.x", "Y") + b")" + tree() + b"\x92.",
    "a shared tree as a key": HEAD + b"}" + tree() + b"\x85K\x01s.",
    "a shared tree as a device": call("torch", "device", tree()),
    "a shared tree as torch's metadata": torch_file(view("FloatStorage", tree())),
    "a shared tree as a flag of torch's": torch_file(view("FloatStorage", flag("neg", tree()))),
    "a shared tree as a storage": torch_file(tree() + b"Q"),
    "a shared tree as torch's version": pickle.dumps(0x1950A86A20F9469CFC6C, 2)
    + HEAD
    + tree()
    + b"."
    + pickle.dumps({}, 2),
    "a shared tree as a list of storages": legacy(HEAD + tree() + b".", 1),
    "arrays that share a megabyte": HEAD + contents() + b"0](" + array(floats(MEGABYTE // 4), b"h\x01") * 40 + b"e.",
    "slices that are one array": sliced(
        floats(MEGABYTE // 4 * 40),
        b"](" + b"".join(text(f"{index}") for index in range(40)) + b"e",
        text("0")
        + contents()
        + b"0"
        + array(floats(MEGABYTE // 4), b"h\x01")
        + b"q\x02"
        + b"".join(text(f"{index}") + b"h\x02" for index in range(1, 40)),
    ),
    "storages that overlap": overlapping(),
    "two tensors expanded to 12 MB each": torch_file(
        b"](" + view("FloatStorage", b"", floats(3 << 20), b"K\x00\x85") * 2 + b"e"
    ),
    "a conjugate of real numbers": torch_file(view("FloatStorage", flag("conj", b"\x88"))),
    "a conjugate by a number": torch_file(view("ComplexFloatStorage", flag("conj", b"K\x01"))),
    "metadata that nobody knows": torch_file(view("FloatStorage", flag("scale", b"\x88"))),
    "two times metadata": torch_file(view("FloatStorage", b"}}")),
    "a class with a long name": HEAD + text("megengine.module." + "a" * 16_000) + text("B") + b"\x93)\x81.",
    "a long name before each of many values": HEAD
    + b"}"
    + text("a" * 16_000)
    + b"](C\x00q\x01"
    + b"h\x01" * 100_000
    + b"es.",
    "a megabyte of sets": HEAD + b"](" + b"\x8f" * 500_000 + b"e." + bytes(500_000),
    "a megabyte of frozen sets": HEAD + b"](" + b"(\x91" * 250_000 + b"e." + bytes(500_000),
    "arrays without elements in eight bytes each": HEAD
    + b"]("
    + named("numpy.core.multiarray", "_reconstruct")
    + b"q\x00("
    + named("numpy", "ndarray")
    + b"K\x00\x85C\x01btq\x01R(K\x01K\x00\x85"
    + named("numpy", "dtype")
    + b"("
    + text("f4")
    + b"\x89\x88tR\x89C\x00tq\x02b"
    + b"h\x00h\x01Rh\x02b" * 30_000
    + b"e.",
    "safetensors of a million objects": safetensors(b'{"x":[' + b",".join([b"{}"] * 1_000_000) + b"]}"),
    "safetensors of a million lists": safetensors(b'{"x":[' + b",".join([b"[]"] * 1_000_000) + b"]}"),
}


def oneflow_pickle(opcodes: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.mkdir()
        (path / "pickled_data").write_bytes(HEAD + opcodes + b".")

    return make


PATH = named_tensor("?").partition(text("?"))[0]
SHARING_FOLDERS: dict[str, Callable[[Path], None]] = {
    "OneFlow with a shared tree as its version": oneflow_pickle(
        b"}(" + text("protocol_version") + tree() + text("data") + b"}u"
    ),
    "OneFlow with a shared tree as a path": oneflow_pickle(b"}" + text("x") + PATH + tree() + b"sb" + b"s"),
}
