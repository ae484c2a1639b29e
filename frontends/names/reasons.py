"""Reasons by patterns: why recorded names are not served, in `<release>.unserved.txt` beside the signatures.

There, a line that is not indented is a reason. The indented lines below it are patterns of names (`*`, `?`), separated
by spaces. A name has the reason of the first pattern that it fits.
"""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .table import Names

__all__ = ["Reasons", "unserved"]


class Reasons:
    """The reasons of one file.

    Args:
        file: where they are written; a file that is not there has none.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @cached_property
    def patterns(self) -> dict[str, str]:
        """Each pattern, with its reason."""
        found, reason = dict[str, str](), ""
        for line in self._lines():
            if not line.startswith(" "):
                reason = line
            else:
                found.update(dict.fromkeys(line.split(), reason))
        return found

    def pattern(self, name: str) -> str | None:
        """Return the first pattern that a name fits, or None."""
        return next((each for each in self.patterns if fnmatchcase(name, each)), None)

    def of(self, name: str) -> str:
        """Return why a name is not served; '' where nothing is said of it."""
        return self.patterns.get(self.pattern(name) or "", "")

    def idle(self, names: Iterable[str]) -> set[str]:
        """Return the patterns that give none of the names its reason."""
        return set(self.patterns) - {self.pattern(name) for name in names}

    def prune(self, names: Iterable[str]) -> None:
        """Take the patterns out of the file that are idle of these names, and reasons that have no pattern then."""
        idle, kept = self.idle(names), list[str]()
        if not idle:
            return
        for line in self._lines():
            indent = line[: len(line) - len(line.lstrip())]
            left = line if not indent else indent + " ".join(each for each in line.split() if each not in idle)
            if not indent and kept and not kept[-1].startswith(" "):
                kept.pop()  # the reason before has no pattern any more
            if left.strip():
                kept.append(left)
        self.file.write_text("\n".join(kept) + "\n", encoding="utf-8")
        self.__dict__.pop("patterns", None)

    def _lines(self) -> list[str]:
        return self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []


def unserved(names: Names) -> Iterator[str]:
    """Yield the recorded functions, classes and other objects of modules that a front end does not serve.

    Each is there once, however many modules have it, and constants of Python's own types are none: they are served as
    recorded. The front end has to be imported.
    """
    modules = {path: sys.modules[f"{names.package}.{path}".rstrip(".")] for path in ("", *names.paths())}
    given = {
        names.signatures.canonical(f"{path}.{name}".lstrip("."))
        for path, module in modules.items()
        for name in module.__dict__["__all__"]
    }
    for name in names.signatures:
        line = names.signatures.lines[name]
        constant = line.startswith("value ") and not line.startswith("value opaque(")
        if name.rpartition(".")[0] not in modules or line == "module" or line.startswith("is ") or constant:
            continue
        if name not in given and not names.serves(name):
            yield name
