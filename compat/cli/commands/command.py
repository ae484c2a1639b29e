"""What the subcommands share: exit codes, the error of wrong usage, and files that options name.

Each module beside this one has `run(arguments)`, which runs the subcommand of its name and returns the exit code.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...checkpoints.atomic import new_file
from ..console import say

if TYPE_CHECKING:
    import argparse

OK, DIFFERENCE, USAGE = 0, 1, 2


class UsageError(Exception):
    """The command line asks for something that there is not; the exit code is 2."""


def check_html(arguments: argparse.Namespace, *packages: str) -> None:
    """Say before a long run, not after it, that a report cannot be written: packages are missing, or the folder is."""
    if arguments.html is None:
        return
    from ...pages.page import PageUnavailableError, require  # they import torch, for its version

    try:
        require(*packages)
    except PageUnavailableError as error:
        msg = f"--html={arguments.html}: {error}"
        raise UsageError(msg) from error
    if not Path(arguments.html).absolute().parent.is_dir():
        msg = f"--html={arguments.html}: there is no such folder. Name a file in an existing one."
        raise UsageError(msg)


def write_json(value: Any, target: str) -> None:
    """Write a value as JSON to a path, or to stdout for `-`."""
    text = json.dumps(value, indent=2, allow_nan=False)
    if target == "-":
        say(*text.split("\n"))
    else:
        write_text(text + "\n", target, "--json")


def write_text(text: str, path: str, option: str) -> None:
    """Write a file that an option names, whole or not at all, and say so."""
    try:
        with new_file(Path(path)) as file:
            file.write(text.encode())
    except OSError as error:
        msg = f"{option}={path}: cannot write there ({error.strerror}). Name a file in an existing folder."
        raise UsageError(msg) from error
    announce(path)


def announce(path: str | Path, holds: str = "") -> None:
    """Say on stderr that a file was written: stdout may be JSON.

    Args:
        path: of the file, or of a folder.
        holds: what is in it. Default: its bytes.
    """
    say(f"{path}: written, {holds or size_of(path)}", error=True)


def size_of(path: str | Path) -> str:
    """Return for people the bytes of a file, or of all files in a folder."""
    place = Path(path)
    files = [each for each in place.rglob("*") if each.is_file()] if place.is_dir() else [place]
    return size(sum(each.stat().st_size for each in files))


def size(count: int) -> str:
    """Return bytes for people.

    >>> size(999), size(1 << 20)
    ('999 B', '1.0 MiB')
    """
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"
