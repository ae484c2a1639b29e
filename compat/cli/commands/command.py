"""What a subcommand is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...checkpoints.atomic import new_file
from ..console import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

OK, DIFFERENCE, USAGE = 0, 1, 2


class UsageError(Exception):
    """The command line asks for something that there is not; the exit code is 2."""


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand: its arguments, and the function that runs it and returns the exit code."""

    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def add_list(parser: argparse.ArgumentParser, option: str, metavar: str, help: str, default: str = "") -> None:
    """Add an option that may be repeated; `default` is what the help says of none."""
    text = f"{help}; may be repeated" + (f". Default: {default}" if default else "")
    parser.add_argument(option, metavar=metavar, action="append", default=[], help=text)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json [PATH]`."""
    parser.add_argument(
        "--json",
        metavar="PATH",
        nargs="?",
        const="-",
        help="write the result as JSON to PATH, or to stdout in place of the text",
    )


def write_json(value: Any, target: str) -> None:
    """Write a value as JSON to a path, or to stdout for `-`."""
    text = json.dumps(value, indent=2, allow_nan=False)
    if target == "-":
        say(*text.split("\n"))
    else:
        write_text(text + "\n", target, "--json")


def write_text(text: str, path: str, option: str) -> None:
    """Write a file that an option names, whole or not at all."""
    try:
        with new_file(Path(path)) as file:
            file.write(text.encode())
    except OSError as error:
        msg = f"{option}={path}: cannot write there ({error.strerror}). Name a file in an existing folder."
        raise UsageError(msg) from error
