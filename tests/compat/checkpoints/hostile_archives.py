"""Files of safetensors and torch that were made to do harm."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile

from tests.compat.checkpoints.hostile_pickles import HEAD, HUGE, TRACE, big_int, call, named, text


def safetensors(header: object, data: bytes = b"", *, claim: int | None = None) -> bytes:
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(encoded) if claim is None else claim) + encoded + data


def tensor(shape: object, offsets: object, dtype: object = "F32") -> dict[str, object]:
    return {"x": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


ARCHIVES: dict[str, bytes] = {
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
ARCHIVES |= {
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


ARCHIVES |= {
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
