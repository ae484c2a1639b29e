"""One environment: where it is, whether it is usable, and how to start its Python."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .specifications import PEERS, SPECIFICATIONS, BrokenEnvironmentError, Specification, specification

State = Literal["ready", "missing", "incomplete", "outdated"]
MARKER = "fourfold-environment.json"
# They would make another Python look into our folders.
LEAKS = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


def root() -> Path:
    """Folder of all environments: `FOURFOLD_ENVIRONMENTS`, or `fourfold/environments` in the user's cache."""
    chosen = os.environ.get("FOURFOLD_ENVIRONMENTS")
    return Path(chosen).expanduser().absolute() if chosen else _cache() / "fourfold" / "environments"


def _cache() -> Path:
    chosen = os.environ.get("XDG_CACHE_HOME")
    # the XDG specification has relative paths ignored
    if chosen and Path(chosen).is_absolute():
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / "Library" / "Caches" if sys.platform == "darwin" else Path.home() / ".cache"


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment, made or not.

    Attributes:
        specification: what it holds.
        folder: where it is, or would be.
    """

    specification: Specification
    folder: Path

    @property
    def name(self) -> str:
        """Its name on the command line."""
        return self.specification.name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def marker(self) -> Path:
        """The file that is written last: an environment without it is incomplete."""
        return self.folder / MARKER

    @property
    def lock(self) -> Path:
        """The lock that whoever builds or removes it holds."""
        return self.folder.with_name(f"{self.folder.name}.lock")

    @property
    def facts(self) -> dict[str, Any]:
        """What was written when it was made: python, bytes, digest; empty if it is not complete."""
        try:
            facts = json.loads(self.marker.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    @property
    def state(self) -> State:
        """`ready`, `missing`, `incomplete` (interrupted) or `outdated` (made from other pins)."""
        if not self.folder.exists():
            return "missing"
        facts = self.facts
        if not facts or not self.python.exists():
            return "incomplete"
        return "ready" if facts.get("digest") == self.specification.digest else "outdated"

    def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
        """Return the command line and the environment variables that run its Python with these arguments.

        Raises:
            BrokenEnvironmentError: it is not ready.
        """
        if self.state != "ready":
            msg = f"environment {self.name!r} is {self.state} ({self.folder}). Run `fourfold env create {self.name}`."
            raise BrokenEnvironmentError(msg)
        variables = {name: value for name, value in os.environ.items() if name not in LEAKS}
        variables["PYTHONNOUSERSITE"] = "1"
        folders = [
            str(packages / library) for packages in self._site_packages() for library in self.specification.libraries
        ]
        if folders:
            before = variables.get("LD_LIBRARY_PATH")
            variables["LD_LIBRARY_PATH"] = os.pathsep.join([*folders, before] if before else folders)
        return [str(self.python), *arguments], variables

    def _site_packages(self) -> list[Path]:
        pattern = "Lib/site-packages" if sys.platform == "win32" else "lib/python3.*/site-packages"
        return sorted(self.folder.glob(pattern))


def environment(name: str) -> Environment:
    """Return the environment of a name, made or not.

    Raises:
        BrokenEnvironmentError: there is no such name.

    Example:
        >>> environment("megengine").specification.release
        '1.13.0'
    """
    return Environment(specification(name), root() / name)


def environments() -> list[Environment]:
    """Return the environments of all frameworks, made or not."""
    return [environment(name) for name in SPECIFICATIONS]


def peers() -> list[Environment]:
    """Return the environments of the benchmark's other peers, made or not."""
    return [environment(name) for name in PEERS]
