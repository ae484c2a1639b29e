"""A file that is read in pieces, each checked against the file's size before memory is taken."""

from __future__ import annotations

import codecs
import stat
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

Bytes = npt.NDArray[Any]

CHUNK = 1 << 20


class Source:
    """One regular file, open for reading at any offset.

    Args:
        path: the file. A pipe or a device is refused: it has no size to check claims against.

    Raises:
        CheckpointError: if it is no regular file, or a piece lies outside it.
    """

    def __init__(self, path: Path) -> None:
        if not stat.S_ISREG(path.stat().st_mode):
            msg = f"{path}: not a regular file. Pass the file, or the folder, that the framework wrote."
            raise CheckpointError(msg)
        self.path = path
        self.file = path.open("rb")
        self.size = path.stat().st_size

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
