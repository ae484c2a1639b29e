"""The files of a script: itself, and the modules of its own that it imports. They are read, and never executed."""

from __future__ import annotations

import ast
import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Source", "Sources", "Trouble"]

LARGEST = 4 << 20  # of a file: what is larger is data, and its tree would take gigabytes


@dataclass(frozen=True)
class Trouble:
    """A place of a file that cannot be read, and why; line 0 is all of it."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, eq=False)
class Source:
    """One file.

    Attributes:
        path: the file; the one that links lead to.
        shown: what it is called in reports: relative to the working folder where it is below that.
        name: of the module, with dots; '__main__' for a script.
        package: of the module, for its relative imports.
        tree: what it says; nothing where it cannot be read.
    """

    path: Path
    shown: str
    name: str
    package: str
    tree: ast.Module


class Sources:
    """Finds and reads files.

    Args:
        folder: where the script's own modules are: the folder that it is in, or the working folder for `-m`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.roots = [folder]
        self.read: dict[Path, Source] = {}
        self.troubles: list[Trouble] = []

    def add_root(self, folder: Path) -> None:
        """Look for modules in a further folder, as `sys.path` would; never in one of installed packages."""
        folder = folder.resolve()
        if folder not in self.roots and folder.is_dir() and not {"site-packages", "dist-packages"} & {*folder.parts}:
            self.roots.append(folder)

    def script(self, path: Path) -> Source:
        """Read a script."""
        return self._read(path, "__main__", "")

    def module(self, name: str) -> Source | None:
        """Return the module of this name, or None where none of the script's own folders has it."""
        for root in self.roots:
            place = root.joinpath(*name.split("."))
            for file, package in ((place / "__init__.py", name), (place.with_name(f"{place.name}.py"), "")):
                if _is_file(file):
                    return self._read(file, name, package or name.rpartition(".")[0])
        return None

    def is_package(self, name: str) -> bool:
        """Whether a folder of this name may be a package without a file of its own."""
        return any(root.joinpath(*name.split(".")).is_dir() for root in self.roots)

    def _read(self, file: Path, name: str, package: str) -> Source:
        path = Path(os.path.realpath(file))
        if path not in self.read:
            shown = os.path.relpath(file)
            shown = str(file) if shown.startswith(os.pardir) else shown
            self.read[path] = Source(path, shown, name, package, self._parsed(path, shown))
        return self.read[path]

    def _parsed(self, path: Path, shown: str) -> ast.Module:
        message, line = "", 0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of escapes in strings, which are none of ours
                return ast.parse(_content(path), shown)
        except SyntaxError as error:
            message, line = f"{type(error).__name__}: {error.msg}", error.lineno or 0
        except OSError as error:
            message = f"it cannot be read: {error.strerror or error}"
        except (ValueError, RecursionError, MemoryError) as error:
            message = f"{type(error).__name__}: {error or 'nested too deeply'}"
        self.troubles.append(Trouble(shown, line, message))
        return ast.Module([], [])


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        msg = f"it has more than {LARGEST >> 20} MiB"
        raise ValueError(msg)
    with io.open_code(str(path)) as file:
        content = file.read()
    if b"\0" in content:
        msg = "it has null bytes"
        raise ValueError(msg)
    return content


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a loop of links, a name that is too long
        return False
