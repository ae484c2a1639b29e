"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

AT_FDCWD, RENAME_EXCHANGE = -100, 2


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside `path` that takes its place at the end of the block; after an error the old one stays."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _usual_mode(name, 0o666)
        os.replace(name, path)  # noqa: PTH105 - a name, not a Path
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        raise
    _sync(path.parent)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Fill a folder beside `path` that takes its place at the end of the block; after an error the old one stays.

    On Linux the two change places in one step. Elsewhere, between two renames, the old one has another name.
    """
    fresh = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:100]}."))
    try:
        yield fresh
        for each in [*fresh.rglob("*"), fresh]:
            _sync(each)
        _usual_mode(str(fresh), 0o777)
        if not path.exists():
            fresh.rename(path)
        elif not _exchange(fresh, path):
            old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:100]}."))
            path.rename(old / "old")
            fresh.rename(path)
            shutil.rmtree(old)
    finally:
        # the old folder, after an exchange; the unfinished one, after an error
        shutil.rmtree(fresh, ignore_errors=True)
    _sync(path.parent)


def _exchange(first: Path, second: Path) -> bool:
    """Let two folders change places; False where the system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    done: int = rename(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE)
    return done == 0


def _usual_mode(name: str, mode: int) -> None:
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(name, mode & ~mask)  # noqa: PTH101


def _sync(path: Path) -> None:
    if os.name != "posix":
        return
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
