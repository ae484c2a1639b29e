"""The command line: `fourfold COMMAND`, or `python -m fourfold COMMAND`.

Exit codes: 0 agreement or success, 1 a difference, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from ..checkpoints.shown import visible
from .commands import COMMANDS, UsageError
from .commands.command import OK, USAGE
from .console import complain, print_exception, say
from .environment import environment

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """Its errors repeat arguments, which may be names of strangers' files."""

    def error(self, message: str) -> NoReturn:
        super().error(visible(message))


def parser() -> argparse.ArgumentParser:
    """Build the parser with every subcommand."""
    root = _Parser(
        prog="fourfold",
        description="One 3-D transposed convolution behind the APIs of Paddle, MegEngine, OneFlow and PyTorch.",
        epilog="Exit codes: 0 agreement or success, 1 a difference, 2 wrong usage, 130 interrupted.",
    )
    root.add_argument("--version", action="version", version=f"fourfold {environment()['fourfold']}")
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        subparser = commands.add_parser(command.name, help=command.help, description=command.help)
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
    if is_program:
        # what nobody foresaw may hold names of a file too
        sys.excepthook = print_exception
    try:
        arguments = parser().parse_args(argv, argparse.Namespace(is_program=is_program))
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
