"""`fourfold run`: a script that imports another framework, unmodified, on the front end."""

from __future__ import annotations

import argparse
import runpy
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from ..activation import ActivationError, activate
from ..served import FRAMEWORKS
from .command import OK, Command, UsageError

if TYPE_CHECKING:
    from types import TracebackType

FAILED = 1
# a traceback starts at the user's own code
OURS = ("<frozen runpy>", runpy.__file__, __file__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the framework, the script and what it is given."""
    parser.add_argument("--as", dest="framework", required=True, choices=list(FRAMEWORKS), help="what it imports")
    parser.add_argument(
        "--fluid",
        choices=["documented", "1.8"],
        default="documented",
        help="which paddle.fluid there is: the documented one (default), or the one that Paddle 1.8.5 released",
    )
    parser.add_argument("-m", dest="module", action="store_true", help="SCRIPT names a module, as in python -m")
    parser.add_argument("script", metavar="SCRIPT", help="the file, or with -m the module, to run")
    parser.add_argument("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="what the script is given")


def run(arguments: argparse.Namespace) -> int:
    """Run the script as `__main__`; the exit code is the script's own, 1 after an exception."""
    script = arguments.script
    if not arguments.module and not Path(script).is_file():
        msg = f"{script}: there is no such file. Name a Python script, or a module after -m."
        raise UsageError(msg)
    argv, path = sys.argv, list(sys.path)
    try:
        with activate(arguments.framework, fluid=arguments.fluid):
            return _run(script, arguments.arguments, module=arguments.module)
    except (ActivationError, ValueError) as error:
        raise UsageError(str(error)) from error
    finally:
        sys.argv, sys.path[:] = argv, path


def _run(script: str, arguments: list[str], *, module: bool) -> int:
    sys.argv = [script, *arguments]
    # where Python itself would look first
    sys.path.insert(0, str(Path.cwd() if module else Path(script).resolve().parent))
    try:
        if module:
            runpy.run_module(script, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(script, run_name="__main__")
    except SystemExit as stop:
        return _exit_code(stop)
    except Exception as error:
        traceback.print_exception(type(error), error, _theirs(error.__traceback__))
        return FAILED
    return OK


def _exit_code(stop: SystemExit) -> int:
    if stop.code is None:
        return OK
    if isinstance(stop.code, int):
        return stop.code
    print(stop.code, file=sys.stderr)
    return FAILED


def _theirs(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename in OURS:
        trace = trace.tb_next
    return trace


COMMAND = Command("run", "run a script that imports paddle, megengine or oneflow on fourfold", add_arguments, run)
