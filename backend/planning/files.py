"""JSON files in the user's cache directory: what is damaged counts as empty, and a writer replaces the file whole."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEAD = 60  # seconds after which a writer has left its file behind; one that has not only loses what it wrote


def cache(name: str) -> Path:
    """Return the path of a file in `fourfold` in the user's cache directory (`XDG_CACHE_HOME`, `~/.cache`)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fourfold" / name


def read(path: Path) -> Any:
    """Return the content, None where there is none that can be read."""
    try:
        return json.loads(_bytes(path))
    except (OSError, ValueError, RecursionError):
        return None


def _bytes(path: Path) -> bytes:
    """Return what a regular file holds; others may never end, or wait for a writer."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return b""
        with open(handle, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(handle)


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Replace the file; a disk that is full or read-only costs the memory of the content only."""
    try:
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            return
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
                _remove_left(path, os.fstat(handle).st_mtime)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise
    except OSError:
        return


def _remove_left(path: Path, now: float) -> None:
    """Remove what writers of the file left beside it when they were killed; `now` is the file system's clock."""
    for each in path.parent.iterdir():
        if each.name.startswith(f".{path.name}.") and each.suffix == ".part" and now - each.stat().st_mtime > _DEAD:
            each.unlink(missing_ok=True)
