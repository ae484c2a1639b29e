"""Files that were made to do harm: `CORPUS` names each and says how to write it."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD = b"\x80\x04"
TRACE = "HARM_WAS_DONE"


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def array(shape: bytes, data: bytes, code: str = "f4", order: str = "<") -> bytes:
    """A NumPy array whose shape is the given opcodes."""
    start = named("numpy.core.multiarray", "_reconstruct") + b"(" + named("numpy", "ndarray") + b"K\x00\x85C\x01btR"
    dtype = named("numpy", "dtype") + b"(" + text(code) + b"\x89\x88tR(K\x03" + text(order) + b"NNNJ\xff\xff\xff\xff"
    dtype += b"J\xff\xff\xff\xffK\x00tb"
    return start + b"(K\x01" + shape + dtype + b"\x89" + data + b"tb"


def call(module: str, name: str, arguments: bytes) -> bytes:
    return HEAD + named(module, name) + b"(" + arguments + b"tR."


def lengths(code: bytes, layout: str, claim: int) -> bytes:
    return HEAD + code + struct.pack(layout, claim) + b"x."


def big_int(value: int) -> bytes:
    return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)


HUGE = b"(" + big_int(10**6) + big_int(10**6) + b"t"
FOUR = b"C\x04\0\0\0\0"
SHARED = b"]q\x00(K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01e0" + b"".join(
    b"]q" + bytes([index]) + b"(" + (b"h" + bytes([index - 1])) * 10 + b"e0" for index in range(1, 30)
)

PICKLES: dict[str, bytes] = {
    "os.system": call("os", "system", text(f"touch {TRACE}")),
    "posix.system": call("posix", "system", text(f"touch {TRACE}")),
    "subprocess.Popen": call("subprocess", "Popen", text(f"touch {TRACE}")),
    "builtins.exec": call("builtins", "exec", text(f"open('{TRACE}', 'w')")),
    "builtins.eval": call("builtins", "eval", text(f"open('{TRACE}', 'w')")),
    "__builtin__.eval of Python 2": call("__builtin__", "eval", text(f"open('{TRACE}', 'w')")),
    "eval with Paddle's first argument": call("builtins", "eval", text("data") + b"}" + text("data") + b"K\x01s"),
    "eval with Paddle's arguments and more": HEAD
    + named("builtins", "eval")
    + b"("
    + text("data")
    + b"}"
    + text("data")
    + array(b"(K\x01t", FOUR)
    + b"s"
    + text("__builtins__")
    + b"K\x01stR.",
    "builtins.getattr": call("builtins", "getattr", b"K\x01" + text("real")),
    "builtins.__import__": call("builtins", "__import__", text("os")),
    "importlib.import_module": call("importlib", "import_module", text("antigravity")),
    "a module that is not there": HEAD + named("no_such_module_anywhere", "thing") + b".",
    "an attribute below an allowed module": HEAD + b"\x8c\x05numpy\x8c\x0fcore.os.systems\x93.",
    "numpy.load": call("numpy", "load", text("/etc/passwd")),
    "numpy.core.multiarray.fromfile": call("numpy.core.multiarray", "fromfile", text("/etc/passwd")),
    "torch.load": call("torch", "load", text("/etc/passwd")),
    "torch.hub.load": call("torch.hub", "load", text("somebody/something")),
    "functools.partial": call("functools", "partial", b"K\x01"),
    "collections.OrderedDict of a million items": call("collections", "OrderedDict", b"](K\x01K\x02ee"),
    "_codecs.encode to rot13": call("_codecs", "encode", text("abc") + text("rot13")),
    "_codecs.encode of zip": call("_codecs", "encode", text("abc") + text("zip")),
    "bytes of a size": call("builtins", "bytes", big_int(10**12)),
    "a tuple of a number": call("builtins", "tuple", big_int(10**12)),
    "persistent identifier": HEAD + text("x") + b"Q.",
    "extension registry": HEAD + b"\x82\x01.",
    "INST of protocol 0": HEAD + b"(ios\nsystem\n.",
    "OBJ of protocol 1": HEAD + b"(" + named("os", "system") + text("x") + b"o.",
    "NEWOBJ of an allowed function": HEAD + named("_codecs", "encode") + text("x") + b"\x85\x81.",
    "NEWOBJ_EX with keywords": HEAD + named("numpy", "dtype") + b")}" + text("a") + b"K\x01s\x92.",
    "an out-of-band buffer": HEAD + b"\x97.",
    "BUILD on a global": HEAD + named("collections", "OrderedDict") + b"}b.",
    "BUILD on a number": HEAD + b"K\x01}b.",
    "REDUCE of a number": HEAD + b"K\x01)R.",
    "REDUCE with a list": HEAD + named("collections", "OrderedDict") + b"]R.",
    "SETITEM on a global": HEAD + named("numpy", "ndarray") + text("a") + b"K\x01s.",
    "BINBYTES8 claims an exabyte": lengths(b"\x8e", "<Q", 1 << 60),
    "BINBYTES8 claims 2**64 - 1": lengths(b"\x8e", "<Q", (1 << 64) - 1),
    "BINBYTES claims 4 GB": lengths(b"B", "<I", (1 << 32) - 1),
    "BINUNICODE8 claims an exabyte": lengths(b"\x8d", "<Q", 1 << 60),
    "BYTEARRAY8 claims an exabyte": lengths(b"\x96", "<Q", 1 << 60),
    "FRAME claims an exabyte": lengths(b"\x95", "<Q", 1 << 60),
    "LONG4 claims 2 GB": lengths(b"\x8b", "<i", (1 << 31) - 1),
    "LONG4 of a negative length": lengths(b"\x8b", "<i", -1),
    "LONG4 of a megabyte": HEAD + b"\x8b" + struct.pack("<i", 1 << 20) + b"\x7f" * (1 << 20) + b".",
    "memo of an index never stored": HEAD + b"j\xff\xff\xff\xff.",
    "no value": HEAD + b".",
    "two values": HEAD + b"K\x01K\x02.",
    "a mark as a value": HEAD + b"(.",
    "items without a mark": HEAD + b"}K\x01u.",
    "a key without a value": HEAD + b"}(K\x01u.",
    "an unhashable key": HEAD + b"}]K\x01s.",
    "a tuple as a key": HEAD + b"})K\x01s.",
    "a key of a thousand bits": HEAD + b"}\x8a\x7f" + b"\x7f" * 127 + b"K\x01s.",
    "ends in an opcode": HEAD + b"}(" + text("weight") + b"B\x00",
    "protocol 0": b"\x80\x00N.",
    "protocol 200": b"\x80\xc8N.",
    "text that is not UTF-8": HEAD + b"X\x02\0\0\0\xff\xfe.",
    "a line without an end": HEAD + b"c" + b"a" * 5000,
    "a list that holds itself": HEAD + b"]q\x00h\x00a.",
    "a dictionary that holds itself": HEAD + b"}q\x00" + text("a") + b"h\x00s.",
    "a hundred thousand lists, nested": HEAD + b"]" * 100_000 + b"a" * 99_999 + b".",
    "tuples nested a hundred thousand deep": HEAD + b")" + b"\x85" * 100_000 + b".",
    "ten to the thirtieth values by sharing": HEAD + SHARED + b"h\x1d.",
    "a wide list that holds itself": HEAD + b"]q\x00(" + b"h\x00" * 200_000 + b"e.",
    "three million values": HEAD + b"](" + b"N" * 3_000_000 + b"e.",
    "three million marks": HEAD + b"(" * 3_000_000 + b".",
    "an array of 10**12 elements": HEAD + array(HUGE, FOUR) + b".",
    "an array of a negative size": HEAD + array(b"(J\xff\xff\xff\xfft", FOUR) + b".",
    "an array with a hundred axes": HEAD + array(b"(" + b"K\x01" * 100 + b"t", FOUR) + b".",
    "an array whose sizes overflow 64 bits": HEAD
    + array(b"(" + (b"\x8a\x08" + (1 << 62).to_bytes(8, "little")) * 4 + b"t", FOUR)
    + b".",
    "an array with too few bytes": HEAD + array(b"(K\x02t", FOUR) + b".",
    "an array of objects": HEAD + array(b"(K\x01t", FOUR, "O8", "|") + b".",
    "an array of a structure": HEAD + array(b"(K\x01t", FOUR, "f4,f4", "|") + b".",
    "an array whose shape is text": HEAD + array(text("shape"), FOUR) + b".",
    "_frombuffer of 10**12 elements": HEAD
    + named("numpy.core.numeric", "_frombuffer")
    + b"("
    + FOUR
    + named("numpy", "dtype")
    + b"("
    + text("f4")
    + b"tR"
    + HUGE
    + text("C")
    + b"tR.",
    "slices that are not there": HEAD
    + b"}"
    + text("UnpackBigParamInfor@@")
    + b"}"
    + text("w")
    + b"}("
    + text("OriginShape")
    + b"K\x01\x85"
    + text("slices")
    + b"](Nesuss.",
    "two tensors of one name": HEAD
    + b"}("
    + text("a.b")
    + array(b"(K\x01t", FOUR)
    + text("a")
    + b"}"
    + text("b")
    + array(b"(K\x01t", FOUR)
    + b"su.",
    "empty": b"",
    "one byte": b"\x80",
    "zeros": bytes(4096),
    "a program": b"\x7fELF" + bytes(100),
    "Paddle tensor of 10**12 elements": struct.pack("<IQIi", 0, 0, 0, 8) + b"\x08\x05\x10" + b"\x80\xa0\x94\xa5\x1d",
    "Paddle tensor with 2**60 levels": struct.pack("<IQ", 0, 1 << 60) + bytes(64),
    "Paddle tensor whose level claims an exabyte": struct.pack("<IQQ", 0, 1, 1 << 60) + bytes(64),
    "Paddle tensor with a description of 2 GB": struct.pack("<IQIi", 0, 0, 0, (1 << 31) - 1) + bytes(64),
    "Paddle tensor with a description of -1 bytes": struct.pack("<IQIi", 0, 0, 0, -1) + bytes(64),
    "Paddle tensor whose number has no end": struct.pack("<IQIi", 0, 0, 0, 20) + b"\x08" + b"\xff" * 19,
    "Paddle tensor with a negative size": struct.pack("<IQIi", 0, 0, 0, 13) + b"\x08\x05\x10" + b"\xff" * 9 + b"\x01",
    "Paddle tensor of no known type": struct.pack("<IQIi", 0, 0, 0, 4) + b"\x08\x63\x10\x00",
}


def safetensors(header: object, data: bytes = b"", *, claim: int | None = None) -> bytes:
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(encoded) if claim is None else claim) + encoded + data


def tensor(shape: object, offsets: object, dtype: object = "F32") -> dict[str, object]:
    return {"x": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


PICKLES |= {
    "safetensors whose header claims an exabyte": safetensors(b"{}", claim=1 << 60),
    "safetensors of 10**12 elements": safetensors(tensor([10**6, 10**6], [0, 4 * 10**12])),
    "safetensors with a shape and too few bytes": safetensors(tensor([10**6, 10**6], [0, 4]), bytes(4)),
    "safetensors with a negative size": safetensors(tensor([-1], [0, 4]), bytes(4)),
    "safetensors with negative offsets": safetensors(tensor([1], [-4, 0]), bytes(4)),
    "safetensors with offsets backwards": safetensors(tensor([1], [4, 0]), bytes(4)),
    "safetensors with a gap": safetensors(tensor([1], [4, 8]), bytes(8)),
    "safetensors with bytes left over": safetensors(tensor([1], [0, 4]), bytes(8)),
    "safetensors with one offset": safetensors(tensor([1], [0]), bytes(4)),
    "safetensors of no known dtype": safetensors(tensor([1], [0, 4], "F99"), bytes(4)),
    "safetensors with a dtype that is a list": safetensors(tensor([1], [0, 4], ["F32"]), bytes(4)),
    "safetensors with a size that is true": safetensors(tensor([True], [0, 4]), bytes(4)),
    "safetensors with a name twice": safetensors(
        b'{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        bytes(4),
    ),
    "safetensors whose header is not JSON": safetensors(b"{]"),
    "safetensors nested a hundred thousand deep": safetensors(b'{"x":' + b"[" * 100_000),
    "safetensors with a number of a million digits": safetensors(b'{"x":' + b"9" * 1_000_000 + b"}"),
    "safetensors with NaN": safetensors(b'{"x":NaN}'),
    "safetensors whose metadata is a list": safetensors({"__metadata__": []}),
}


def zipped(records: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in records.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def storage(key: str, count: int, kind: str = "FloatStorage") -> bytes:
    identifier = text("storage") + named("torch", kind) + text(key) + text("cpu") + big_int(count)
    return b"(" + identifier + b"tQ"


def view(shape: bytes, stride: bytes, offset: bytes = b"K\x00", key: str = "0", count: int = 1) -> bytes:
    rebuild = named("torch._utils", "_rebuild_tensor_v2") + b"("
    arguments = storage(key, count) + offset + shape + stride + b"\x89" + named("collections", "OrderedDict") + b")R"
    return b"\x80\x02}" + text("x") + rebuild + arguments + b"tRs."


ONE = b"K\x01\x85"
GOOD = view(ONE, ONE)
PICKLES |= {
    "zip of os.system": zipped({"a/data.pkl": call("os", "system", text(f"touch {TRACE}"))}),
    "zip that is no checkpoint": zipped({"x.txt": b"hello"}),
    "zip with two checkpoints": zipped({"a/data.pkl": GOOD, "b/data.pkl": GOOD}),
    "zip that is compressed": zipped({"a/data.pkl": GOOD, "a/data/0": bytes(1 << 22)}, zipfile.ZIP_DEFLATED),
    "zip without its storage": zipped({"a/data.pkl": GOOD}),
    "zip with a storage outside": zipped({"a/data.pkl": view(ONE, ONE, key="../../../etc/passwd")}),
    "zip of TorchScript": zipped({"a/data.pkl": GOOD, "a/constants.pkl": b"", "a/data/0": bytes(4)}),
    "zip with a tensor of 10**12 elements": zipped({"a/data.pkl": view(HUGE, b"K\x01K\x01\x86"), "a/data/0": bytes(4)}),
    "zip with 10**12 elements by a stride of 0": zipped(
        {"a/data.pkl": view(HUGE, b"K\x00K\x00\x86"), "a/data/0": bytes(4)}
    ),
    "zip with a negative stride": zipped({"a/data.pkl": view(ONE, b"J\xff\xff\xff\xff\x85"), "a/data/0": bytes(4)}),
    "zip with an offset past the storage": zipped({"a/data.pkl": view(ONE, ONE, b"K\x09"), "a/data/0": bytes(4)}),
    "zip with a negative offset": zipped({"a/data.pkl": view(ONE, ONE, b"J\xff\xff\xff\xff"), "a/data/0": bytes(4)}),
    "zip with strides of another length": zipped({"a/data.pkl": view(ONE, b")"), "a/data/0": bytes(4)}),
    "zip cut in half": zipped({"a/data.pkl": GOOD, "a/data/0": bytes(4)})[:150],
    "zip with a damaged directory": zipped({"a/data.pkl": GOOD, "a/data/0": bytes(4)})[:-40] + b"\xff" * 40,
    "zip whose identifier is text": zipped({"a/data.pkl": HEAD + text("storage") + b"Q."}),
    "zip whose record claims an exabyte": zipped({"a/data.pkl": GOOD, "a/data/0": bytes(4)}).replace(
        struct.pack("<II", 4, 4), struct.pack("<II", (1 << 32) - 2, (1 << 32) - 2)
    ),
}


def legacy(keys: bytes, count: int, pickled: bytes = GOOD) -> bytes:
    head = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    return head + pickled + keys + struct.pack("<q", count) + bytes(4)


PICKLES |= {
    "legacy torch with a storage of 10**12 elements": legacy(
        pickle.dumps(["0"], 2), 10**12, view(ONE, ONE, count=10**12)
    ),
    "legacy torch with a storage of -1 elements": legacy(pickle.dumps(["0"], 2), -1),
    "legacy torch with a storage nobody uses": legacy(pickle.dumps(["7"], 2), 1),
    "legacy torch without its storages": legacy(pickle.dumps([], 2), 1),
    "legacy torch whose list is a number": legacy(pickle.dumps(3, 2), 1),
    "legacy torch of os.system": legacy(pickle.dumps(["0"], 2), 1, call("os", "system", text(f"touch {TRACE}"))),
    "legacy torch of another version": pickle.dumps(0x1950A86A20F9469CFC6C, 2)
    + pickle.dumps(9, 2)
    + pickle.dumps({}, 2),
}


def named_tensor(where: str) -> bytes:
    """A tensor of OneFlow's pickle, whose contents are in another folder."""
    return named("oneflow", "Tensor") + b")\x81}" + text("path") + text(where) + b"sb"


ONEFLOW_TENSOR = named_tensor("tensor_0")


def oneflow(
    path: Path, where: str, meta: bytes = b"shape {\n  dim: 1\n}\ndata_type: kFloat\n", out: bytes = bytes(4)
) -> None:
    path.mkdir()
    (path / "pickled_data").write_bytes(HEAD + b"}" + text("x") + named_tensor(where) + b"s.")
    (path / "tensor_0").mkdir()
    (path / "tensor_0" / "meta").write_bytes(meta)
    (path / "tensor_0" / "out").write_bytes(out)


def outside(path: Path) -> None:
    secret = path.parent / "secret"
    secret.mkdir()
    (secret / "meta").write_bytes(b"shape {\n  dim: 1\n}\ndata_type: kFloat\n")
    (secret / "out").write_bytes(bytes(4))


def linked(path: Path) -> None:
    outside(path)
    oneflow(path, "tensor_1")
    (path / "tensor_1").symlink_to(path.parent / "secret")


def upwards(path: Path) -> None:
    outside(path)
    oneflow(path, "../secret")


def absolute(path: Path) -> None:
    outside(path)
    oneflow(path, str(path.parent / "secret"))


def linked_pickle(path: Path) -> None:
    path.mkdir()
    (path.parent / "secret").write_bytes(HEAD + b"}.")
    (path / "pickled_data").symlink_to(path.parent / "secret")


def linked_parameter(path: Path) -> None:
    path.mkdir()
    (path.parent / "secret").write_bytes(struct.pack("<IQIi", 0, 0, 0, 4) + b"\x08\x05\x10\x00")
    (path / "weight").symlink_to(path.parent / "secret")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def pipe_inside(path: Path) -> None:
    path.mkdir()
    os.mkfifo(path / "weight")


def trailing(path: Path) -> None:
    path.mkdir()
    (path / "weight").write_bytes(struct.pack("<IQIi", 0, 0, 0, 4) + b"\x08\x05\x10\x00" + b"more")


COMBINED = (struct.pack("<IQIi", 0, 0, 0, 4) + b"\x08\x05\x10\x00") * 2


def with_program(program: bytes, name: str = "__model__") -> Callable[[Path], None]:
    """A folder with a combined file and a program that should name its tensors."""

    def make(path: Path) -> None:
        path.mkdir()
        (path / name).write_bytes(program)
        (path / "__params__").write_bytes(COMBINED)

    return make


def message(number: int, data: bytes) -> bytes:
    """A field of a protobuf message."""
    return bytes([number << 3 | 2, len(data)]) + data


def variable(name: bytes) -> bytes:
    """A persistable variable without axes."""
    return message(1, name) + message(2, b"\x08\x07" + message(3, message(1, b""))) + b"\x18\x01"


def linked_program(path: Path) -> None:
    (path.parent / "secret").write_bytes(COMBINED)
    path.mkdir()
    (path / "__model__").write_bytes(b"")
    (path / "__params__").symlink_to(path.parent / "secret")


def with_meta(meta: bytes, out: bytes = bytes(4)) -> Callable[[Path], None]:
    return lambda path: oneflow(path, "tensor_0", meta, out)


FOLDERS: dict[str, Callable[[Path], None]] = {
    "OneFlow path upwards": upwards,
    "OneFlow absolute path": absolute,
    "OneFlow link outside": linked,
    "OneFlow pickle linked outside": linked_pickle,
    "OneFlow path with a zero byte": lambda path: oneflow(path, "tensor_0\0"),
    "OneFlow tensor that is missing": lambda path: oneflow(path, "tensor_9"),
    "OneFlow tensor of 10**12 elements": with_meta(b"shape {\n  dim: 1000000\n  dim: 1000000\n}\ndata_type: kFloat\n"),
    "OneFlow sizes that overflow": with_meta(
        b"shape {\n" + b"  dim: 9999999999999999999\n" * 4 + b"}\ndata_type: kFloat\n"
    ),
    "OneFlow with a hundred thousand axes": with_meta(b"shape {" + b" dim: 1" * 100_000 + b"}\ndata_type: kFloat\n"),
    "OneFlow description for slow matching": with_meta(b"shape {" + b" " * 15_000 + b"\n!"),
    "OneFlow with no known type": with_meta(b"shape {\n}\ndata_type: kTensorBuffer\n"),
    "OneFlow with too few bytes": with_meta(b"shape {\n  dim: 1\n}\ndata_type: kFloat\n", b""),
    "Paddle parameter linked outside": linked_parameter,
    "Paddle combined file linked outside": linked_program,
    "Paddle program whose block claims an exabyte": with_program(b"\x0a" + b"\xff" * 8 + b"\x7f"),
    "Paddle program that ends in a number": with_program(b"\x0a\xff"),
    "Paddle program of groups": with_program(b"\x0b\x0c"),
    "Paddle program whose blocks are numbers": with_program(b"\x08\x01"),
    "Paddle program with a nameless variable": with_program(message(1, message(3, b"\x18\x01"))),
    "Paddle program whose name is a number": with_program(message(1, message(3, b"\x08\x01" + message(2, b"")))),
    "Paddle program whose name is not UTF-8": with_program(message(1, message(3, variable(b"\xff")))),
    "Paddle program nested a hundred thousand deep": with_program(b'{"program":' + b"[" * 100_000),
    "Paddle program that is a list": with_program(b'{"program":[]}'),
    "Paddle parameter with more behind it": trailing,
    "an empty folder": lambda path: path.mkdir(),
    "a pipe": pipe,
    "a pipe in a folder": pipe_inside,
}


def write(data: bytes) -> Callable[[Path], None]:
    return lambda path: _write(path, data)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


CORPUS: dict[str, Callable[[Path], None]] = {name: write(data) for name, data in PICKLES.items()} | FOLDERS


def seeds() -> dict[str, bytes]:
    """Small good files, to be mutated: one per format that is a file."""
    state = {"w": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2)}
    found = {}
    for name, zip_format in (("torch", True), ("torch-legacy", False)):
        buffer = io.BytesIO()
        torch.save(state, buffer, _use_new_zipfile_serialization=zip_format)
        found[name] = buffer.getvalue()
    found["safetensors"] = safetensors(tensor([2, 1], [0, 8]), bytes(8))
    return found
