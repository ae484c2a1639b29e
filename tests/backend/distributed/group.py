"""Processes that meet over gloo and run functions together; started once, given many calls, ended whatever happens."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

ROOT = Path(__file__).parents[3]
PATIENCE = 120.0  # seconds that a call may take; the first one waits for imports


class Group:
    """Processes with ranks 0..size - 1 of one gloo group, on this machine only."""

    def __init__(self, size: int, store: Path, seconds: float) -> None:
        self.size = size
        self.processes: list[subprocess.Popen[bytes]] = []
        self.pipes: list[Connection] = []
        paths = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "OMP_NUM_THREADS": "1",
            "GLOO_SOCKET_IFNAME": "lo",
        }
        for rank in range(size):
            ours, theirs = Pipe()
            command = [sys.executable, "-m", "tests.backend.distributed.worker", str(theirs.fileno())]
            command += [str(rank), str(size), str(store), str(seconds)]
            self.processes.append(subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment, cwd=ROOT))
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
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=2)
            process.kill()
            process.wait()


@contextlib.contextmanager
def group(size: int, folder: Path, seconds: float = 60.0) -> Iterator[Group]:
    """Start a group in which a process waits for another for so many seconds at most."""
    made = Group(size, folder / "store", seconds)
    try:
        yield made
    finally:
        made.close()
