"""The command line: `fourfold COMMAND`, or `python -m fourfold COMMAND`.

Exit codes: 0 agreement or success, 1 a difference, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import re
import sys
from typing import TYPE_CHECKING, NoReturn

from ... import __version__
from ..checkpoints.shown import visible
from .commands.command import OK, USAGE, UsageError
from .console import complain, print_exception, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .commands.command import Command

INTERRUPTED = 130
# The module of a command is imported when it is asked for: most of them import torch, which takes a second or more.
COMMANDS = {
    "agree": "compare the front ends with the definition and with each other",
    "verify": "replay a recorded model here, layer by layer, and name the first that diverges",
    "record": "write what the real frameworks answer, for tests without them",
    "inspect": "list what is in a checkpoint, without its framework",
    "convert": "turn a checkpoint of one framework into one of another, by layer kind",
    "run": "run a script that imports paddle, megengine or oneflow on fourfold",
    "env": "make, list, check and remove the environments of the real frameworks",
    "bench": "measure ours beside torch's own operator and other frameworks",
    "info": "print versions and machine, to paste into a report",
}
CHOICES = re.compile(r"invalid choice: '(?P<given>.*)' \(choose from (?P<legal>.*)\)")


class _Parser(argparse.ArgumentParser):
    """Its errors repeat arguments, which may be names of strangers' files, and say what was probably meant."""

    def error(self, message: str) -> NoReturn:
        if (found := CHOICES.search(message)) is not None:
            legal = [each.strip(" '") for each in found["legal"].split(",")]
            near = difflib.get_close_matches(found["given"], legal, 1)
            message += f". Did you mean {near[0]}?" if near else ""
        super().error(visible(message))


def parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """Build the parser with every subcommand, and the arguments of the one that is asked for."""
    root = _Parser(
        prog="fourfold",
        description="One 3-D transposed convolution behind the APIs of Paddle, MegEngine, OneFlow and PyTorch.",
        epilog="Exit codes: 0 agreement or success, 1 a difference, 2 wrong usage, 130 interrupted.",
    )
    root.add_argument("-V", "--version", action="version", version=f"fourfold {__version__}")
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    asked = next((each for each in argv if not each.startswith("-")), "")
    for name, help in COMMANDS.items():
        subparser = commands.add_parser(name, help=help, description=help)
        if name == asked:
            command: Command = importlib.import_module(f".commands.{name}", __package__).COMMAND
            command.add_arguments(subparser)
            subparser.set_defaults(run=command.run)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code.

    Args:
        argv: the arguments after the program's name. Default: those of the process, which ends with the command.

    Example:
        >>> main(["agree", "--cases", "option/groups-2", "--subjects", "torch", "--quiet"])  # doctest: +ELLIPSIS
        agreement: 1 case, 2 runs: ...
        0
    """
    is_program = argv is None
    argv = sys.argv[1:] if argv is None else argv
    if is_program:
        # what nobody foresaw may hold names of a file too
        sys.excepthook = print_exception
    try:
        arguments = parser(argv).parse_args(argv, argparse.Namespace(is_program=is_program))
    except SystemExit as stop:  # argparse has printed what is wrong, or the help
        return stop.code if isinstance(stop.code, int) else USAGE
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        if not _is_broken():
            raise
        return OK
    except UsageError as error:
        complain(f"fourfold: {error}")
        return USAGE
    except KeyboardInterrupt:
        say("fourfold: interrupted", error=True)
        return INTERRUPTED
    return code


def _is_broken() -> bool:
    """Whether the reader of stdout, such as `head`, has closed it; if so, what is left to write goes nowhere."""
    try:
        say("")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False
