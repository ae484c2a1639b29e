"""Folders of OneFlow and Paddle, and pipes, that were made to do harm."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

from tests.compat.checkpoints.hostile_pickles import HEAD, named, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def named_tensor(where: str) -> bytes:
    """A tensor of OneFlow's pickle, whose contents are in another folder."""
    return named("oneflow", "Tensor") + b")\x81}" + text("path") + text(where) + b"sb"


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
    "Paddle program of another name that is cut short": with_program(b"\x0a\x7f\x08\x00\x10\x00", "model"),
    "Paddle program of another name nested a hundred thousand deep": with_program(
        b'{"base_code":' + b"[" * 100_000, "a"
    ),
    "Paddle parameter with more behind it": trailing,
    "an empty folder": lambda path: path.mkdir(),
    "a pipe": pipe,
    "a pipe in a folder": pipe_inside,
}
