"""A folder that is opened once, so that what is read from it is of one folder, even if another takes its place."""

from __future__ import annotations

import errno
import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from .errors import CheckpointError
from .source import FLAGS, Source, open_regular, regular

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

# Windows opens no folders. There files are opened by their paths, and links are looked for first.
BY_NUMBER = os.open in os.supports_dir_fd
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
INTO = os.O_RDONLY | NO_LINK | getattr(os, "O_DIRECTORY", 0)
LINK = (errno.ELOOP, errno.ENOTDIR, errno.EMLINK)


class Folder:
    """A folder, open for reading the files below it. No link in it is followed: it could lead anywhere.

    Args:
        path: the folder, which may be a link itself.

    Raises:
        OSError: there is no such folder, or it may not be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = os.open(path, INTO & ~NO_LINK) if BY_NUMBER else -1

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        if BY_NUMBER:
            os.close(self.number)
        self.number = -1

    def has(self, name: str) -> bool:
        """Whether something has the name in it."""
        try:
            os.stat(name, dir_fd=self.number, follow_symlinks=False) if BY_NUMBER else os.lstat(self.path / name)
        except FileNotFoundError:
            return False
        return True

    def source(self, *parts: str) -> Source:
        """Open a file in it.

        Raises:
            CheckpointError: it is not there, is no regular file, or is reached through a link.
        """
        return Source(self.path.joinpath(*parts), self)

    def open(self, path: Path) -> BufferedReader:
        """Open a file by its path, which begins with the folder's."""
        try:
            return self._open(path)
        except FileNotFoundError as error:
            gone = "It was replaced while it was read: read it again." if self._is_replaced() else ""
            msg = f"{path}: missing. {gone or 'The folder is not complete; copy all of it.'}"
            raise CheckpointError(msg) from error
        except OSError as error:
            if error.errno not in LINK:
                raise
            msg = (
                f"{path}: refused: it is a link, or what leads to it is one, or no folder. Copy the folder with what "
                "its links lead to (cp -rL)."
            )
            raise CheckpointError(msg) from error

    def files(self, most: int) -> list[tuple[str, ...]]:
        """Return the files below it as parts of their paths, sorted; more than `most` of them are not looked for."""
        found: list[tuple[str, ...]] = []
        walk = os.fwalk(dir_fd=self.number) if BY_NUMBER else os.walk(self.path)
        for root, _, names, *_ in walk:
            parts = PurePath(root).relative_to("." if BY_NUMBER else self.path).parts
            found += [(*parts, name) for name in names]
            if len(found) > most:
                break
        return sorted(found)

    def _open(self, path: Path) -> BufferedReader:
        *folders, name = path.relative_to(self.path).parts
        if not BY_NUMBER:
            if path.resolve() != self.path.resolve().joinpath(*folders, name):
                raise OSError(errno.ELOOP, "a link")
            return open_regular(path)
        numbers = [self.number]
        try:
            for each in folders:
                numbers.append(os.open(each, INTO, dir_fd=numbers[-1]))
            return regular(os.open(name, FLAGS | NO_LINK, dir_fd=numbers[-1]), path)
        finally:
            for number in numbers[1:]:
                os.close(number)

    def _is_replaced(self) -> bool:
        try:
            return BY_NUMBER and not os.path.samestat(os.fstat(self.number), self.path.stat())
        except OSError:
            return True
