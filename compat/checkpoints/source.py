"""A file that is read in pieces, each checked against the file's size before memory is taken."""

from __future__ import annotations

import codecs
import os
import stat
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import CheckpointError

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

    from .opened import Folder

Bytes = npt.NDArray[Any]

CHUNK = 1 << 20


# A pipe without a writer would block a plain open. What is opened is looked at afterwards, and not a path beforehand,
# which may be another file by then.
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file.

    Raises:
        CheckpointError: it is something else, such as a pipe, a device or a folder.
        OSError: there is no such file, or it may not be read.
    """
    return regular(os.open(path, FLAGS), path)


def regular(number: int, path: Path) -> BufferedReader:
    """Return the file of a number that the system gave, if it is a regular one."""
    if stat.S_ISREG(os.fstat(number).st_mode):
        return os.fdopen(number, "rb")
    os.close(number)
    msg = f"{path}: not a regular file. Pass the file, or the folder, that the framework wrote."
    raise CheckpointError(msg)


class Source:
    """One regular file, open for reading at any offset.

    Args:
        path: the file. A pipe or a device is refused: it has no size to check claims against.
        folder: that it is opened in, if it was opened through one.
        content: what is read in place of the file, of which `path` is then only the name.

    Raises:
        CheckpointError: if it is no regular file, or a piece lies outside it.
    """

    def __init__(self, path: Path, folder: Folder | None = None, content: bytes | None = None) -> None:
        self.path = path
        self.folder = folder
        self.file: BufferedReader | BytesIO
        if content is not None:
            self.file, self.size = BytesIO(content), len(content)
            return
        self.file = open_regular(path) if folder is None else folder.open(path)
        self.size = os.fstat(self.file.fileno()).st_size

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def error(self, text: str) -> CheckpointError:
        """Return an error that names the file."""
        return CheckpointError(f"{self.path}: {text}")

    def check(self, offset: int, length: int) -> None:
        """Raise unless `length` bytes from `offset` lie in the file."""
        if offset < 0 or length < 0 or offset + length > self.size:
            msg = (
                f"claims {length} bytes at offset {offset}, but the file has {self.size} bytes: "
                "it is cut short or damaged."
            )
            raise self.error(msg)

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset`."""
        self.check(offset, length)
        self.file.seek(offset)
        data = self.file.read(length)
        if len(data) != length:
            msg = "the file became shorter while it was read."
            raise self.error(msg)
        return data

    def fill(self, offset: int, target: Bytes) -> None:
        """Fill an array with the bytes from `offset`, without a second copy of them."""
        self.check(offset, target.size)
        self.file.seek(offset)
        view, done = memoryview(target.data), 0
        while done < target.size:
            count = self.file.readinto(view[done : done + (CHUNK << 4)])
            if not count:
                msg = "the file became shorter while it was read."
                raise self.error(msg)
            done += count

    def fill_latin1(self, offset: int, length: int, target: Bytes) -> None:
        """Fill an array with bytes that are stored as UTF-8 text of their Latin-1 characters (pickle protocol 2)."""
        self.check(offset, length)
        decoder: Any = codecs.getincrementaldecoder("utf-8")()
        done = 0
        for start in range(offset, offset + length, CHUNK):
            count = min(CHUNK, offset + length - start)
            text = decoder.decode(self.read(start, count), start + count == offset + length)
            data = np.frombuffer(text.encode("latin1"), np.uint8)
            if done + data.size > target.size:
                break
            target[done : done + data.size] = data
            done += data.size
        else:
            if done == target.size:
                return
        msg = f"a tensor of {target.size} bytes has another number of bytes in the file."
        raise self.error(msg)
