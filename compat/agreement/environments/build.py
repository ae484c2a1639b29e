"""Make and remove environments."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ...checkpoints.atomic import new_file
from ..worker import signal_group
from .environment import MARKER
from .lock import locked
from .pythons import find_python
from .specifications import BrokenEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .environment import Environment

LOG = "install.log"
LIFELINE = Path(__file__).with_name("lifeline.py")
DELETION_SECONDS = 5.0
# They would have pip install somewhere else.
REDIRECTIONS = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PIP_REQUIREMENT")
RAW_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")


class Reporter(Protocol):
    """Who hears how far it is."""

    def step(self, text: str) -> None:
        """A new step begins."""
        ...

    def line(self, text: str) -> None:
        """The tool at work has printed a line."""
        ...

    def progress(self, done: int, total: int) -> None:
        """So many bytes of a download have come; total is 0 where unknown."""
        ...


def create(environment: Environment, reporter: Reporter) -> bool:
    """Make an environment unless it is ready; return whether there was anything to do.

    It is built in its place, since environments cannot be moved, and a marker is written last: one that was interrupted
    has none and is built again. pip takes its index and other settings from its own configuration.

    Raises:
        PythonNotFoundError: no fitting Python.
        BrokenEnvironmentError: a step failed; the message ends with what it printed.
    """
    with _exclusive(environment, reporter) as lock:
        if environment.state == "ready":
            return False
        specification = environment.specification
        interpreter = find_python(specification.pythons, install=reporter.step)
        _delete(environment.folder)
        environment.folder.mkdir(parents=True)
        log = environment.folder / LOG
        reporter.step(f"{environment.name}: Python {interpreter.version} ({interpreter.source})")
        _run([str(interpreter.path), "-I", "-m", "venv", str(environment.folder)], log, reporter, lock)
        for flags, paths in (([], specification.requirements), (["--no-deps"], specification.without_dependencies)):
            for path in paths:
                reporter.step(f"{environment.name}: installing {path.name}")
                _run([*_pip(environment), *flags, "-r", str(path)], log, reporter, lock)
        _mark(environment, interpreter.version)
    return True


def remove(environment: Environment, reporter: Reporter) -> bool:
    """Delete an environment; return whether there was one.

    Raises:
        BrokenEnvironmentError: it cannot be deleted.
    """
    with _exclusive(environment, reporter):
        if not environment.folder.exists():
            return False
        _delete(environment.folder)
    return True


@contextlib.contextmanager
def _exclusive(environment: Environment, reporter: Reporter) -> Iterator[int]:
    with locked(environment.lock, lambda: reporter.step(f"{environment.name}: waiting for another process")) as lock:
        yield lock


def _delete(folder: Path) -> None:
    if not folder.exists():
        return
    # First what makes it usable: a deletion that is interrupted leaves an incomplete environment, not a broken one.
    (folder / MARKER).unlink(missing_ok=True)
    end = time.monotonic() + DELETION_SECONDS
    while True:
        try:
            shutil.rmtree(folder)
        except OSError as error:
            # what a killed pip had started may write its last file while we delete
            if error.errno == errno.ENOTEMPTY and time.monotonic() < end:
                time.sleep(0.1)
                continue
            msg = f"cannot delete {folder}: {error}. End what uses it and try again."
            raise BrokenEnvironmentError(msg) from error
        return


def _mark(environment: Environment, python: str) -> None:
    files = (path.lstat().st_size for path in environment.folder.rglob("*") if not path.is_dir())
    facts = {
        "name": environment.name,
        "python": python,
        "digest": environment.specification.digest,
        "bytes": sum(files),
    }
    with new_file(environment.marker) as file:
        file.write(json.dumps(facts, indent=1).encode() + b"\n")


def _pip(environment: Environment) -> list[str]:
    python = str(environment.python)
    asked = subprocess.run([python, "-I", "-m", "pip", "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"pip (\d+)\.(\d+)", asked.stdout)
    # From pip 24.1 on, downloads report bytes even where there is no terminal.
    raw = found is not None and (int(found[1]), int(found[2])) >= (24, 1)
    bar = "raw" if raw else "off"
    return [
        python,
        "-I",
        "-u",
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        bar,
    ]


def _run(command: list[str], log: Path, reporter: Reporter, lock: int) -> None:
    """Run a step, its output to the log and, line by line, to the reporter.

    The step ends with this process, even a killed one, and holds the lock for as long as it takes to end.
    """
    variables = {name: value for name, value in os.environ.items() if name not in REDIRECTIONS}
    process = subprocess.Popen(
        [sys.executable, "-I", str(LIFELINE), *command],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        pass_fds=() if sys.platform == "win32" else (lock,),
    )
    last: list[str] = []
    try:
        assert process.stdin is not None  # pipes were asked for
        assert process.stdout is not None
        with log.open("a", encoding="utf-8") as file, process.stdin, process.stdout:
            for line in map(str.rstrip, process.stdout):
                if counted := RAW_PROGRESS.fullmatch(line):
                    reporter.progress(int(counted[1]), int(counted[2]))
                elif line:
                    file.write(line + "\n")
                    last = [*last[-14:], line]
                    reporter.line(line)
            # before stdin closes, which would kill it
            code = process.wait()
    except BaseException:  # Ctrl-C: nothing goes on in the background
        signal_group(process)
        process.wait()
        raise
    if code != 0:
        text = "\n".join(f"  {line}" for line in last)
        msg = f"`{' '.join(command)}` failed with exit code {code}:\n{text}\nThe whole output is in {log}."
        raise BrokenEnvironmentError(msg)
