"""Locks that a forked child finds free: the thread that held one in the parent does not exist there."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class _Lock(Protocol):
    def acquire(self) -> bool: ...

    def release(self) -> None: ...


class ForkSafeLock:
    """A lock for `with` statements, around what is changed by single assignments: a child finds it before or after one.

    Args:
        kind: `threading.Lock` or `threading.RLock`.

    Example:
        >>> with ForkSafeLock():
        ...     pass
    """

    def __init__(self, kind: Callable[[], _Lock] = threading.Lock) -> None:
        self._kind = kind
        self._lock = kind()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def renew(self) -> None:
        """Be free, whoever holds it."""
        self._lock = self._kind()


_locks: WeakSet[ForkSafeLock] = WeakSet()


def _renew_all() -> None:
    for lock in _locks:
        lock.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
