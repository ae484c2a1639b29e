"""Processes that meet over gloo and run functions together; started once, given many calls, ended whatever happens."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from typing import TYPE_CHECKING, Any

from tests.backend.distributed import worker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

PATIENCE = 120.0  # seconds that a call may take; the first one waits for imports
# One process imports torch, and all processes of all groups are forks of it.
START = multiprocessing.get_context("forkserver")
START.set_forkserver_preload(["tests.backend.distributed.operators", "tests.backend.distributed.decoders"])


class Group:
    """Processes with ranks 0..size - 1 of one gloo group, on this machine only."""

    def __init__(self, size: int, store: Path, seconds: float) -> None:
        self.size = size
        self.processes: list[ForkServerProcess] = []
        self.pipes: list[Connection] = []
        for rank in range(size):
            ours, theirs = START.Pipe()
            process = START.Process(target=worker.main, args=(theirs, rank, size, str(store), seconds))
            process.start()
            self.processes.append(process)
            self.pipes.append(ours)
            theirs.close()

    def call(self, function: str, *arguments: Any) -> list[Any]:
        """Run a function, `module:name`, in all processes; return what each returns.

        Raises:
            RuntimeError: it failed in a process; the message has its traceback.
            TimeoutError: a process did not answer in time.
        """
        answers = self.answers(function, *arguments)
        failed = [f"process {rank}:\n{answer}" for rank, (ok, answer) in enumerate(answers) if not ok]
        if failed:
            raise RuntimeError("\n".join(failed))
        return [answer for _, answer in answers]

    def answers(self, function: str, *arguments: Any, ranks: Any = None) -> list[tuple[bool, Any]]:
        """Return what each process answers, in order: whether it succeeded, and its result or traceback."""
        for pipe in self.pipes:
            pipe.send((function, arguments))
        end = time.monotonic() + PATIENCE
        return [self.answer(rank, end) for rank in (range(self.size) if ranks is None else ranks)]

    def answer(self, rank: int, end: float) -> tuple[bool, Any]:
        """Return the answer of one process, which is due at a time of the monotonic clock."""
        if not self.pipes[rank].poll(max(0.0, end - time.monotonic())):
            msg = f"process {rank} of {self.size} did not answer in {PATIENCE:g} s"
            raise TimeoutError(msg)
        try:
            answer: tuple[bool, Any] = self.pipes[rank].recv()
        except EOFError:
            return False, "it ended"
        return answer

    def close(self) -> None:
        """End the processes: those that wait for a call by themselves, the others by force."""
        for pipe in self.pipes:
            pipe.close()
        for process in self.processes:
            process.join(timeout=2)
            process.kill()
            process.join()


@contextlib.contextmanager
def group(size: int, folder: Path, seconds: float = 60.0) -> Iterator[Group]:
    """Start a group in which a process waits for another for so many seconds at most."""
    made = Group(size, folder / "store", seconds)
    try:
        yield made
    finally:
        made.close()
