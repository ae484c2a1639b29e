"""The command line: `fourfold COMMAND`, or `python -m fourfold COMMAND`.

Exit codes: 0 agreement or success, 1 a difference, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shlex
import sys
from typing import TYPE_CHECKING, NoReturn

from ... import __version__
from ..checkpoints.shown import visible
from ..suggestion import did_you_mean
from .arguments.declaration import Formatter
from .arguments.declarations import DECLARATIONS
from .commands.command import OK, USAGE, UsageError
from .console import complain, print_exception, say

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
# What users may still type, and where it went.
MOVED = {
    "record": "`fourfold record` is now `fourfold vectors record`: what the real frameworks answer, for tests. "
    "To record a model of your own, `fourfold recorder` hands out the file to import there.",
}
CHOICES = re.compile(r"invalid choice: '(?P<given>.*)' \(choose from (?P<legal>.*)\)")


class _Parser(argparse.ArgumentParser):
    """Its errors repeat arguments, which may be names of strangers' files, and say what was probably meant."""

    def error(self, message: str) -> NoReturn:
        if (found := CHOICES.search(message)) is not None:
            message += "." + did_you_mean(found["given"], [each.strip(" '") for each in found["legal"].split(",")])
        if message.endswith((": COMMAND", ": ACTION")):
            message += f". `{self.prog} --help` lists them."
        super().error(visible(message))


def parser() -> argparse.ArgumentParser:
    """Build the parser with all subcommands. What runs them is not imported: most of it needs torch, for seconds."""
    root = _Parser(
        prog="fourfold",
        description="One 3-D transposed convolution behind the APIs of Paddle, MegEngine, OneFlow and PyTorch.",
        epilog="Exit codes: 0 agreement or success, 1 a difference, 2 wrong usage, 130 interrupted. "
        "`fourfold COMMAND --help` has examples.",
    )
    root.add_argument("-V", "--version", action="version", version=f"fourfold {__version__}")
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    for name, declaration in DECLARATIONS.items():
        subparser = commands.add_parser(
            name,
            help=declaration.summary,
            description=declaration.summary,
            epilog=declaration.epilog,
            formatter_class=Formatter,
        )
        declaration.add_arguments(subparser)
        subparser.set_defaults(command=name)
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
    if argv and argv[0] in MOVED:
        complain(f"fourfold: {MOVED[argv[0]]}")
        return USAGE
    if is_program:
        # what nobody foresaw may hold names of a file too
        sys.excepthook = print_exception
    try:
        arguments = parser().parse_args(
            argv, argparse.Namespace(is_program=is_program, line=shlex.join(["fourfold", *argv]))
        )
    except SystemExit as stop:  # argparse has printed what is wrong, or the help
        return stop.code if isinstance(stop.code, int) else USAGE
    try:
        command = importlib.import_module(f".commands.{arguments.command}", __package__)
        code: int = command.run(arguments)
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
