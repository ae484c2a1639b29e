"""`fourfold completion SHELL`: the script that completes this command line, made by shtab."""

from __future__ import annotations

import argparse
from typing import Any

from ..arguments.declaration import Listed
from ..console import say
from .command import OK, UsageError

# What an argument with this metavar names.
FILES = ("PATH", "FILE", "SRC", "DST", "BUNDLE", "SCRIPT")
FOLDERS = ("DIR", "FOLDER")


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    # main imports this module when the command is asked for
    from ..main import parser

    try:
        import shtab
    except ImportError as error:
        msg = "completion needs shtab, which is not installed: pip install shtab"
        raise UsageError(msg) from error
    text = shtab.complete(completed(parser(), shtab.FILE, shtab.DIRECTORY), arguments.shell)
    say(*text.rstrip("\n").split("\n"))
    return OK


def completed(parser: argparse.ArgumentParser, file: Any, folder: Any) -> argparse.ArgumentParser:
    """Mark in a parser, and in those below it, what completes each argument.

    Args:
        parser: of its own: one that is marked no longer parses lists.
        file: how shtab completes files.
        folder: likewise.

    Returns:
        The parser.
    """
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                completed(below, file, folder)
        elif isinstance(action, Listed) and action.legal is not None:
            action.choices = action.legal
        elif action.metavar in FILES or action.metavar in FOLDERS:
            action.complete = file if action.metavar in FILES else folder  # type: ignore[attr-defined]
    return parser
