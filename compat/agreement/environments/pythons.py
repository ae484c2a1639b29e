"""Find an interpreter of a wanted version: the running one, pyenv's, one on PATH, or uv's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .specifications import BrokenEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PROBE = (
    "import ensurepip, json, platform, struct, sys, venv;"
    "print(json.dumps([platform.python_implementation(), '%d.%d' % sys.version_info[:2],"
    " platform.python_version(), 8 * struct.calcsize('P')]))"
)
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
PROBE_SECONDS = 30
DOWNLOAD_SECONDS = 900


class PythonNotFoundError(BrokenEnvironmentError):
    """There is no fitting Python here; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that can make environments: CPython, 64 bits, with venv and ensurepip.

    Attributes:
        path: the executable.
        version: such as `3.10.13`.
        source: where it was found.
    """

    path: Path
    version: str
    source: str


def find_python(versions: Sequence[str], *, install: Callable[[str], None] | None = None) -> Interpreter:
    """Return an interpreter of the first version that there is one of.

    The running Python is taken before others of its version, then pyenv's, those on PATH, and those uv knows.

    Args:
        versions: minor versions such as `3.10`, the preferred one first; at least one.
        install: called with a message before uv downloads a Python, which it is asked to only where nothing else
            fits. None: it is not asked.

    Raises:
        PythonNotFoundError: there is none.

    Example:
        >>> import sys
        >>> find_python([f"{sys.version_info.major}.{sys.version_info.minor}"]).source
        'running'
    """
    for version in versions:
        for path, source in _candidates(version):
            found = _probe(path, version)
            if found is not None:
                return Interpreter(path, found, source)
    uv = shutil.which("uv")
    if uv is not None and install is not None:
        install(f"uv python install {versions[0]}")
        _run([uv, "python", "install", versions[0]], DOWNLOAD_SECONDS)
        for path in _from_uv(versions[0]):
            found = _probe(path, versions[0])
            if found is not None:
                return Interpreter(path, found, "uv")
    raise PythonNotFoundError(_advice(versions))


def _candidates(version: str) -> Iterator[tuple[Path, str]]:
    if version == RUNNING:
        yield Path(sys.executable), "running"
    for path in _from_pyenv(version):
        yield path, "pyenv"
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield Path(on_path), "PATH"
    for path in _from_uv(version):
        yield path, "uv"


def pyenv_root() -> Path:
    """Where pyenv keeps its versions, if there is a pyenv."""
    return Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")


def _from_pyenv(version: str) -> list[Path]:
    """Newest patch release first."""
    folders = [folder for folder in pyenv_root().glob(f"versions/{version}.*") if folder.name.count(".") == 2]
    folders.sort(key=lambda folder: [int(part) if part.isdigit() else -1 for part in folder.name.split(".")])
    return [_executable(folder) for folder in reversed(folders)]


def _executable(folder: Path) -> Path:
    return folder / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


def _from_uv(version: str) -> list[Path]:
    uv = shutil.which("uv")
    if uv is None:
        return []
    output = _run([uv, "python", "find", "--system", version], PROBE_SECONDS)
    return [] if output is None else [Path(output.strip())]


def _probe(path: Path, version: str) -> str | None:
    """Return the full version if this really is what is wanted: pyenv's shims, for one, may be of any or none."""
    # -I: neither the current folder nor PYTHONPATH takes part
    output = _run([str(path), "-I", "-c", PROBE], PROBE_SECONDS)
    if output is None:
        return None
    try:
        implementation, minor, full, bits = json.loads(output)
    except ValueError:
        return None
    return str(full) if (implementation, minor, bits) == ("CPython", version, 64) else None


def _run(command: list[str], seconds: float) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and done.stdout.strip() else None


def _advice(versions: Sequence[str]) -> str:
    wanted = " or ".join(versions)
    uv = "uv" if shutil.which("uv") else "uv (not installed)"
    return (
        f"no Python {wanted} (CPython, 64 bits, with venv) was found: looked at the running Python ({RUNNING}), pyenv "
        f"({pyenv_root()}), python{versions[0]} on PATH, and {uv}. Install one, for instance with "
        f"`pyenv install {versions[0]}` or `uv python install {versions[0]}`, or put python{versions[0]} on PATH."
    )
