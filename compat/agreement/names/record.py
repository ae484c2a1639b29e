"""Ask what a release answers to calls, in its own environment, or what a front end does, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..environments import BrokenEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from typing_extensions import Self

    from ..environments import Environment

__all__ = ["Peer", "answers", "answers_here"]

ANSWERS = Path(__file__).with_name("answers.py")
START = 120.0  # seconds until a framework is imported


def answers(
    environment: Environment,
    calls: Sequence[str],
    *,
    timeout: float = 60.0,
    steps: Callable[[Iterable[str]], Any] = iter,
) -> Iterator[dict[str, Any]]:
    """Yield what a release answers to each call; `{"crashed": code}` and `{"timeout": seconds}` where its process ends.

    Args:
        environment: where the release is.
        calls: lines as `answers.py` describes them.
        timeout: seconds that one call may take.
        steps: wraps the calls, for progress.

    Raises:
        BrokenEnvironmentError: it is not ready, or its framework cannot be imported.
    """
    command, variables = environment.command([str(ANSWERS), environment.specification.framework])
    yield from _answers(Peer(environment.name, command, variables), calls, timeout, steps)


def answers_here(
    framework: str, calls: Sequence[str], *, timeout: float = 60.0, steps: Callable[[Iterable[str]], Any] = iter
) -> Iterator[dict[str, Any]]:
    """Yield what the front end of a framework answers, as `answers` does for a release."""
    command = [sys.executable, "-m", f"{__package__}.here", framework]
    yield from _answers(Peer(framework, command), calls, timeout, steps)


def _answers(
    peer: Peer, calls: Sequence[str], timeout: float, steps: Callable[[Iterable[str]], Any]
) -> Iterator[dict[str, Any]]:
    with peer:
        for call in steps(calls):
            yield peer.ask(call, timeout)


class Peer:
    """What answers in a process of its own, and in a new one where a question ended that.

    Args:
        name: what it is called in messages.
        command: what starts the process.
        variables: of its environment; None for those of this process.
    """

    def __init__(self, name: str, command: list[str], variables: dict[str, str] | None = None) -> None:
        self.name, self.command, self.variables = name, command, variables
        self.process: _Process | None = None

    def ask(self, question: Any, timeout: float) -> dict[str, Any]:
        """Return its answer, `{"crashed": code}` or `{"timeout": seconds}`.

        Raises:
            BrokenEnvironmentError: its framework cannot be imported.
        """
        if self.process is None:
            self.process = _Process(self.name, self.command, self.variables)
        found = self.process.ask(question, timeout)
        if "crashed" in found or "timeout" in found:
            self.end()
        return found

    def end(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.end()
        self.process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


class _Process:
    """A process that answers."""

    def __init__(self, name: str, command: list[str], variables: dict[str, str] | None) -> None:
        self.process = subprocess.Popen(
            command,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        if self._line(START) != "ready\n":
            self.end()
            msg = f"{name!r} cannot answer calls: its framework did not start. Try `fourfold env doctor`."
            raise BrokenEnvironmentError(msg)

    def ask(self, question: Any, timeout: float) -> dict[str, Any]:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return {"crashed": self.process.wait()}
        line = self._line(timeout)
        if line is None:
            return {"timeout": timeout}
        if not line:
            return {"crashed": self.process.wait()}
        found: dict[str, Any] = json.loads(line)
        return found

    def _line(self, timeout: float) -> str | None:
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(timeout):
                return None
        return self.process.stdout.readline()

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            # with what it started, which else would hold its pipes
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()
