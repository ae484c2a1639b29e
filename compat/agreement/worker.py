"""Drive `recorder.py` in another process: cases go in, answers come out, whatever the framework does on the way."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol

from . import recorder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Self

    Array = npt.NDArray[np.generic[Any]]

Status = Literal["ok", "refused", "crashed", "timeout"]
CHATTER = 64 * 1024  # bytes of the framework's own output that are kept


class WorkerError(RuntimeError):
    """The worker could not be started; the message ends with what the framework printed."""


class Launcher(Protocol):
    """Whatever can start Python where a framework lives: an `Environment`, or `ThisPython`."""

    def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
        """Return the command line and the environment variables that run Python with these arguments."""
        ...


class ThisPython:
    """Starts the running interpreter.

    Example:
        >>> argv, variables = ThisPython().command(["-V"])
        >>> argv[1:]
        ['-V']
    """

    def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
        """Return the command line and the environment variables that run Python with these arguments."""
        return [sys.executable, *arguments], dict(os.environ)


@dataclass(frozen=True)
class Refusal:
    """The exception that a framework raised, as data.

    Attributes:
        kind: name of its class.
        ancestors: names of the class and of its base classes, `object` left out.
        message: its text, without terminal colours; of a long one the two ends.
        cause: the exception it was raised from, if there is one.
    """

    kind: str
    ancestors: tuple[str, ...]
    message: str
    cause: Refusal | None = None

    @classmethod
    def from_json(cls, described: Mapping[str, Any]) -> Refusal:
        """Read what `recorder.describe_error` wrote."""
        cause = described.get("cause")
        return cls(
            described["class"],
            tuple(described["mro"]),
            described["message"],
            None if cause is None else cls.from_json(cause),
        )

    def __str__(self) -> str:
        r"""Return the class and the first line that says something.

        >>> str(Refusal("EnforceNotMet", (), "---\nCall Stacks\nError Message Summary:\n---\nWrong stride."))
        'EnforceNotMet: Wrong stride.'
        """
        text = self.message.rpartition("Error Message Summary:")[2]
        lines = [line.strip() for line in text.splitlines() if any(character.isalnum() for character in line)]
        return f"{self.kind}: {lines[0]}" if lines else self.kind


@dataclass(frozen=True)
class Answer:
    """What a framework did with one case.

    Attributes:
        status: `ok`; `refused` (it raised); `crashed` (the process died); `timeout` (it was killed).
        stage: the step it was in at the end: start, layer, load, forward or backward.
        arrays: what it gave by then, in torch's layout: output, grad_input, grad_weight, grad_bias (or weight, bias).
        dtype: the framework's name of the output's dtype; bfloat16 values are held as float32.
        refusal: the exception, where refused.
        death: how the process ended, where crashed: `SIGFPE`, `exit code 3`.
        seconds: wall time of the request.
        chatter: the end of what the framework printed, where it crashed or was killed.
        place: the line of an author's own file that raised, where refused.
    """

    status: Status
    stage: str
    arrays: dict[str, Array] = field(default_factory=dict)
    dtype: str | None = None
    refusal: Refusal | None = None
    death: str | None = None
    seconds: float = 0.0
    chatter: str = ""
    place: str = ""

    def __str__(self) -> str:
        """Return the verdict in one line.

        >>> str(Answer("crashed", "forward", death="SIGFPE"))
        'crashed: SIGFPE (forward)'
        """
        detail = {"refused": str(self.refusal), "crashed": self.death, "timeout": f"after {self.seconds:.0f} s"}
        return f"{self.status}: {detail[self.status]} ({self.stage})" if self.status in detail else self.status


class Worker:
    """A framework in a process of its own, restarted whenever it dies.

    Args:
        framework: `torch`, `paddle`, `fluid`, `megengine` or `oneflow`.
        launcher: where it lives: an environment, or by default the running Python.
        script: what to run there in place of `recorder.py`: it speaks the same protocol and knows its own frameworks.
        timeout: seconds that one case may take, above 0. Default: 120.
        start_timeout: seconds that starting Python and importing the framework may take, above 0. Default: 180.

    Raises:
        ValueError: no such framework, or a time that is not above 0.

    Example:
        >>> import numpy as np
        >>> case = {"in_channels": 1, "out_channels": 1, "kernel_size": 2, "stride": 2, "form": "functional"}
        >>> with Worker("torch") as worker:
        ...     answer = worker.run(case, {"input": np.ones((1, 1, 1, 1, 2)), "weight": np.full((1, 1, 1, 1, 2), 3.0)})
        >>> answer.arrays["output"].ravel()
        array([3., 3., 3., 3.], dtype=float32)
    """

    def __init__(
        self,
        framework: str,
        launcher: Launcher | None = None,
        *,
        script: Path | None = None,
        timeout: float = 120.0,
        start_timeout: float = 180.0,
    ) -> None:
        if script is None and framework not in recorder.FRAMEWORKS:
            msg = f"framework={framework!r} is not known; choose from {', '.join(recorder.FRAMEWORKS)}."
            raise ValueError(msg)
        for name, value in (("timeout", timeout), ("start_timeout", start_timeout)):
            if not value > 0:
                msg = f"{name}={value} seconds; it must be above 0."
                raise ValueError(msg)
        self.framework = framework
        self.launcher = launcher or ThisPython()
        self.script = script or Path(recorder.__file__).resolve()
        self.timeout = timeout
        self.start_timeout = start_timeout
        self._process: _Process | None = None

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the framework, NumPy and Python, and the platform; starts the worker if need be.

        Raises:
            WorkerError: the worker does not start.
        """
        return self._started().versions

    def run(self, case: Mapping[str, Any], arrays: Mapping[str, Array]) -> Answer:
        """Run one case; `recorder.py` says what it holds.

        Args:
            case: the operator in neutral terms, as JSON can hold it.
            arrays: `input`, and `weight`, `bias` and `grad_output` as wanted, in torch's layout. Without `grad_output`
                there are no gradients.

        Raises:
            WorkerError: the worker does not start. Whatever happens after that is an answer.
        """
        return self._ask("case", case, arrays)

    def initialize(self, case: Mapping[str, Any]) -> Answer:
        """Build the layer of a case and return its parameters as the framework made them.

        Raises:
            WorkerError: the worker does not start.
        """
        return self._ask("initialize", case, {})

    def close(self) -> None:
        """End the process; the next request starts another."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def __enter__(self) -> Self:
        """Return the worker; it starts with the first request."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def _started(self) -> _Process:
        if self._process is None or self._process.ended:
            self.close()
            self._process = _Process(self.framework, self.launcher, self.script, self.start_timeout)
        return self._process

    def _ask(self, operation: str, case: Mapping[str, Any], arrays: Mapping[str, Array]) -> Answer:
        process = self._started()
        request = {"op": operation, "case": dict(case)}
        begin = time.perf_counter()
        stage, found, dtype, place = "start", {}, None, ""
        try:
            with process.limit(self.timeout):
                process.send(request, dict(arrays))
                while True:
                    event, more = process.receive()
                    found.update(more)
                    stage = event.get("stage", stage)
                    dtype = event.get("dtype", dtype)
                    place = event.get("place", place)
                    if event["event"] == "done":
                        break
        except (OSError, EOFError):
            process.settle()
            self.close()
            status: Status = "timeout" if process.expired else "crashed"
            death = None if process.expired else process.death
            seconds = time.perf_counter() - begin
            return Answer(status, stage, found, dtype, None, death, seconds, process.chatter)
        except BaseException:  # Ctrl-C: an answer may be half read
            self.close()
            raise
        refusal = Refusal.from_json(event["error"]) if event["status"] == "refused" else None
        seconds = time.perf_counter() - begin
        return Answer(event["status"], stage, found, dtype, refusal, seconds=seconds, place=place)


class _Process:
    """One run of the recorder."""

    def __init__(self, framework: str, launcher: Launcher, script: Path, timeout: float) -> None:
        argv, variables = launcher.command([str(script), "--worker", framework])
        pipe = subprocess.PIPE
        try:
            # A session of its own: Ctrl-C comes to us alone, and what the framework starts ends with it.
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                argv, env=variables, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except OSError as error:
            msg = f"cannot start {argv[0]}: {error}. Create the environment again with `fourfold env create`."
            raise WorkerError(msg) from error
        self.kill = weakref.finalize(self, _kill, self._process)
        self.expired = False
        self._chatter = bytearray()
        self._reader = threading.Thread(target=_collect, args=(_pipe(self._process.stderr), self._chatter), daemon=True)
        self._reader.start()
        self.versions = self._wait_until_ready(framework, timeout)

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def death(self) -> str:
        """How the process ended."""
        code = self._process.wait()
        if code >= 0:
            return f"exit code {code}"
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"

    def settle(self) -> None:
        """Let a dying process finish dying, so that it ends with its own signal and not with ours."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)

    @property
    def chatter(self) -> str:
        """The end of what was printed; complete once the process has ended."""
        if self.ended:
            self._reader.join(timeout=5)
        return recorder.short_message(self._chatter.decode(errors="replace"))

    @contextlib.contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Kill the process if the block takes longer, which ends a blocked read or write in it."""

        def expire() -> None:
            self.expired = True
            signal_group(self._process)

        timer = threading.Timer(seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def send(self, header: dict[str, Any], arrays: dict[str, Array]) -> None:
        recorder.write_frame(_pipe(self._process.stdin), header, arrays)  # type: ignore[arg-type]

    def receive(self) -> tuple[dict[str, Any], dict[str, Array]]:
        frame = recorder.read_frame(_pipe(self._process.stdout))  # type: ignore[arg-type]
        if frame is None:
            raise EOFError
        return frame

    def _wait_until_ready(self, framework: str, timeout: float) -> dict[str, str]:
        try:
            with self.limit(timeout):
                event, _ = self.receive()
        except (OSError, EOFError):
            self.settle()
            self.kill()
            how = f"did not start within {timeout} seconds" if self.expired else f"died at its start ({self.death})"
            msg = f"{framework} {how}.\n{self.chatter}"
            raise WorkerError(msg) from None
        except BaseException:
            self.kill()
            raise
        if event["event"] == "failed":
            self.kill()
            msg = f"{framework} cannot be imported: {Refusal.from_json(event['error'])}\n{self.chatter}"
            raise WorkerError(msg.rstrip())
        return {name: event[name] for name in ("framework", "version", "numpy", "python", "platform")}


def signal_group(process: subprocess.Popen[Any]) -> None:
    """Kill a process and whatever it has started; harmless when they have ended already."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _kill(process: subprocess.Popen[bytes]) -> None:
    signal_group(process)
    process.wait()
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):  # what a dead process has not read
            _pipe(stream).close()


def _collect(stream: IO[bytes], kept: bytearray) -> None:
    with stream:
        while data := os.read(stream.fileno(), CHATTER):
            kept += data
            del kept[:-CHATTER]


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # every one was asked for
    return stream
