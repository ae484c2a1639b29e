"""Threads of ours that compute whole slabs, each alone: nobody waits at every step for one that does not run.

torch shares every operator among its threads, and each of them waits for the last. A slab takes some thirty operators,
so on a machine that does something else besides, a call waited thirty times per slab for a thread that had lost its
core. A thread of ours computes its slab by operators of one thread, takes the next, and the call waits once.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

import torch

from ..forking import ForkSafeLock
from .threads import can_limit, limit, limited

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")

# Python runs one thread at a time: more than these would wait for it. Each gets several of torch's threads instead.
MOST = 8


class Team:
    """Threads that share lists of work.

    Args:
        threads: of torch's, 1 and above, divided among ours.

    Example:
        >>> done = []
        >>> Team(2).run([1, 2, 3], done.append)
        >>> sorted(done)
        [1, 2, 3]
    """

    def __init__(self, threads: int) -> None:
        self.each = -(-threads // MOST)
        self.size = threads // self.each
        others = self.size - can_limit()  # the thread that calls is one of them
        self._pool = (
            ThreadPoolExecutor(others, "fourfold", initializer=limit, initargs=(self.each,)) if others else None
        )
        if not can_limit():
            self._begin(others)

    def run(self, items: Sequence[Item], work: Callable[[Item], None]) -> None:
        """Call `work` of every item, without recording gradients; the first error stops all, and is raised.

        The items are begun in their order. Nothing runs any more when this returns.
        """
        left, lock, inference = iter(items), threading.Lock(), torch.is_inference_mode_enabled()

        def take() -> None:
            nonlocal left
            try:
                with torch.inference_mode(inference), torch.no_grad():
                    while True:
                        with lock:
                            item = next(left)
                        work(item)
            except StopIteration:
                return
            except BaseException:
                left = iter(())
                raise

        taking: list[Future[None]] = []
        try:
            if self._pool is not None:
                taking += [self._pool.submit(take) for _ in range(min(self.size, len(items)) - can_limit())]
            if can_limit():
                with limited(self.each):
                    take()
                taking = [each for each in taking if not each.cancel()]  # who has not begun finds nothing left
            for each in taking:
                each.result()
        finally:  # an interrupt too leaves nobody writing
            left = iter(())
            wait(taking)

    def _begin(self, others: int) -> None:
        """Start every thread now, while torch's number for threads to come is theirs."""
        before, met = torch.get_num_threads(), threading.Barrier(others)
        if self._pool is not None:
            wait([self._pool.submit(met.wait) for _ in range(others)])
        torch.set_num_threads(before)


_teams: dict[int, Team] = {}
_lock = ForkSafeLock()


def team(threads: int) -> Team:
    """Return the team for as many of torch's threads, the same one for everybody."""
    found = _teams.get(threads)
    if found is None:
        with _lock:
            found = _teams.get(threads)
            if found is None:
                found = _teams[threads] = Team(threads)
    return found


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_teams.clear)  # a child has no threads but one
