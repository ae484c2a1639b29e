"""A lock between processes, which ends with the process that holds it and with those that it was passed on to."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextlib.contextmanager
def locked(path: Path, waiting: Callable[[], None], *, pause: float = 0.5) -> Iterator[int]:
    """Hold a lock on a file while the block runs.

    Args:
        path: the lock file; it is made if need be, and stays.
        waiting: called once if another process has it.
        pause: seconds between attempts, above 0. Default: 0.5.

    Returns:
        the number of the lock's file. On POSIX, a process to which it is passed holds the lock too, until its end.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as stream:
        told = False
        while not _take(stream):
            if not told:
                waiting()
                told = True
            time.sleep(pause)
        try:
            yield stream.fileno()
        finally:
            _release(stream)


if sys.platform == "win32":
    import msvcrt

    def _take(stream: IO[bytes]) -> bool:
        stream.seek(0)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(stream: IO[bytes]) -> None:
        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(stream: IO[bytes]) -> bool:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(stream: IO[bytes]) -> None:
        """Leave it to the end of the file, and of what the lock was passed on to."""
