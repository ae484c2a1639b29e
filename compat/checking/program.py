"""A script with the modules of its own: each is read once, in the order of its imports."""

from __future__ import annotations

import importlib.machinery
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .reader import Reader
from .sources import Trouble
from .values import NOTHING, OUTSIDE, Room, Thing

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .sources import Source, Sources
    from .values import Use, Values

__all__ = ["Program"]


@dataclass
class Program:
    """What is found in a script and its modules.

    Attributes:
        sources: its files.
        roots: import names of frameworks.
        versions: of frameworks, by their import names, where they are known.
        uses: of frameworks' names, in the order of reading.
        own: names of functions and classes that it defines, and of attributes that it writes.
        patched: paths of frameworks that it writes to.
        dynamic: places that look for a framework's names by values: path, file and line.
        lost: modules that are neither its own nor installed, with the file and line of the first import.
        asked: whether it tests the version of a framework whose version is not known.
    """

    sources: Sources
    roots: frozenset[str]
    versions: Mapping[str, str] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    patched: set[str] = field(default_factory=set)
    dynamic: list[tuple[str, str, int]] = field(default_factory=list)
    lost: dict[str, tuple[str, int]] = field(default_factory=dict)
    asked: bool = False
    _rooms: dict[Path, Room] = field(default_factory=dict)
    _later: list[Callable[[], None]] = field(default_factory=list)

    @property
    def imported(self) -> list[str]:
        """The frameworks that it imports."""
        return sorted({use.path.split(".")[0] for use in self.uses if use.how == "import"})

    def read(self, source: Source) -> None:
        """Read a script and all that it imports."""
        self._room(source)
        while self._later:
            self._later.pop(0)()

    def later(self, read: Callable[[], None]) -> None:
        """Read the body of a function when all modules are there."""
        self._later.append(read)

    def too_deep(self, source: Source, node: ast.stmt) -> None:
        """Note a statement that is nested too deeply to be read."""
        self.sources.troubles.append(Trouble(source.shown, node.lineno, "nested too deeply to be read"))

    def module(self, name: str, file: str, line: int, needs: str = "") -> Values:
        """Return what a module of this name is, with all of its parents read."""
        parts = name.split(".")
        root = parts[0]
        if root in self.roots:
            return frozenset({Thing(name, needs)})
        found: Values = NOTHING
        for end in range(1, len(parts) + 1):
            path = ".".join(parts[:end])
            source = self.sources.module(path)
            if source is not None:
                found = frozenset({self._room(source)})
            elif self.sources.is_package(path):
                found = NOTHING
            else:
                if end == 1 and root not in self.lost and not _installed(root):
                    self.lost[root] = (file, line)
                return OUTSIDE if end == 1 else NOTHING
        return found

    def attribute(self, room: Room, name: str) -> Values:
        """Return what a name of a module of the script's own stands for."""
        if name in room.names:
            return room.names[name]
        source = self.sources.module(f"{room.source.name}.{name}") if room.source.name != "__main__" else None
        if source is not None:
            return frozenset({self._room(source)})
        return from_stars(room, name)

    def _room(self, source: Source) -> Room:
        # one that is being read has the names that it has so far, as in Python
        if source.path not in self._rooms:
            room = self._rooms[source.path] = Room(source)
            Reader(self, room).run(source.tree.body)
        return self._rooms[source.path]


def from_stars(room: Room, name: str) -> Values:
    """Return what `import *` of frameworks' modules may have given a name."""
    return frozenset(Thing(f"{star}.{name}", f"{star}.{name}") for star in room.stars)


def _installed(root: str) -> bool:
    if root in sys.stdlib_module_names or root in sys.builtin_module_names:
        return True
    try:
        # the finder of files alone: nothing is imported
        return importlib.machinery.PathFinder.find_spec(root) is not None
    except (ImportError, ValueError, OSError):
        return False
