"""Files and folders that appear whole or not at all: whatever this project writes, it writes here.

A writer that is killed leaves the old one or the new one, and at most a temporary `.NAME.XXXXXXXX.part` beside it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import secrets
import shutil
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

AT_FDCWD, RENAME_EXCHANGE = -100, 2
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
# What holds no file: written to as it is. A disk is not, nor is a socket.
STREAMS = (stat.S_ISFIFO, stat.S_ISCHR)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside `path` that takes its place at the end of the block; after an error the old one stays.

    What a link leads to is replaced, not the link. The new file has the mode of the old one, and its owner where the
    system allows that; without an old one, the mode that the umask gives. A pipe, a terminal or `/dev/null` cannot be
    replaced: it is written to.

    Raises:
        OSError: it cannot be written; the error names the file.
    """
    place = _led_to(path)
    name = _temporary(place)
    with _named(path, name):
        old = _status(path)
        if old is not None and not stat.S_ISREG(old.st_mode):
            with _stream(path, old.st_mode) as file:
                yield file
            return
        number = os.open(name, NEW, 0o600 if old else 0o666)
        try:
            with os.fdopen(number, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if old:
                _become(name, old)
            name.replace(place)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                name.unlink()
            raise
        _sync(place.parent)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Fill a folder beside `path` that takes its place at the end of the block; after an error the old one stays.

    On Linux the two change places in one step. Elsewhere, between two renames, the old one has another name. Links and
    modes are as for `new_file`, for the folder and for each file that was in the old one too.
    """
    place = _led_to(path)
    fresh = _temporary(place)
    with _named(path, fresh):
        old = _status(place)
        fresh.mkdir(0o700 if old else 0o777)
        try:
            yield fresh
            for each in [*fresh.rglob("*"), fresh]:
                _sync(each)
                before = _status(place / each.relative_to(fresh))
                if before and stat.S_IFMT(before.st_mode) == stat.S_IFMT(each.lstat().st_mode):
                    _become(each, before)
            if old is None:
                fresh.rename(place)
            elif not _exchange(fresh, place):
                aside = _temporary(place)
                aside.mkdir(0o700)
                place.rename(aside / "old")
                fresh.rename(place)
                shutil.rmtree(aside)
        finally:
            # the old folder, after an exchange; the unfinished one, after an error
            shutil.rmtree(fresh, ignore_errors=True)
        _sync(place.parent)


@contextlib.contextmanager
def _named(path: Path, temporary: Path) -> Iterator[None]:
    """Let errors name the file: those of a full disk name none, and others the temporary."""
    try:
        yield
    except OSError as error:
        named = error.filename
        if error.errno is not None and (named is None or str(named).startswith(str(temporary))):
            error.filename = str(path)
        raise


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _led_to(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _temporary(place: Path) -> Path:
    # 40 letters, because 84 CJK ones alone fill the 255 bytes of a name
    return place.with_name(f".{place.name[:40]}.{secrets.token_hex(4)}.part")


def _stream(path: Path, mode: int) -> BinaryIO:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not any(of_kind(mode) for of_kind in STREAMS):
        kind = "a disk" if stat.S_ISBLK(mode) else "a socket"
        msg = f"{kind}, which is not written to; name a file"
        raise OSError(errno.EINVAL, msg, str(path))
    return path.open("wb")


def _become(name: Path, old: os.stat_result) -> None:
    """Give a new file the old one's mode and, as far as the system allows, owner and group."""
    mode = stat.S_IMODE(old.st_mode) & 0o777
    if sys.platform != "win32":
        for owner in (old.st_uid, -1):
            with contextlib.suppress(PermissionError):
                os.chown(name, owner, old.st_gid)
                break
        else:
            # another group must not get what the old one's had
            mode &= 0o707
    name.chmod(mode)


def _exchange(first: Path, second: Path) -> bool:
    """Let two folders change places; False where the system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    done: int = rename(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE)
    return done == 0


def _sync(path: Path) -> None:
    if os.name != "posix":
        return
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
