"""What `fourfold run` is given."""

from __future__ import annotations

import argparse

from .choices import SERVED
from .declaration import Declaration


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the framework, the script and what it is given."""
    parser.add_argument(
        "--check", action="store_true", help="do not run it: list the names that it uses, and what stops it"
    )
    add_options(parser)
    parser.add_argument(
        "--shard",
        type=processes,
        metavar="N[xM]",
        help="run it in N processes of this machine, or in those of torchrun: the volumes that its models are given "
        "are sharded along depth, or with NxM along depth and height. Without --as it imports torch",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=600.0,
        metavar="SECONDS",
        help="with --shard: how long a process waits for what another one computes before it takes it for gone; "
        "default 600",
    )
    parser.add_argument("-m", dest="module", action="store_true", help="SCRIPT names a module, as in python -m")
    parser.add_argument("script", metavar="SCRIPT", help="the file, or with -m the module, to run")
    parser.add_argument("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="what the script is given")


def processes(text: str) -> tuple[int, ...]:
    """Return numbers of processes, 2 and above: along depth, and perhaps along height."""
    sizes = text.split("x")
    if len(sizes) <= 2 and all(each.isdecimal() and int(each) > 1 for each in sizes):
        return tuple(map(int, sizes))
    msg = f"{text!r} is no number of processes; legal are 2 and above, and two of these for depth and height, as 2x2"
    raise argparse.ArgumentTypeError(msg)


def seconds(text: str) -> float:
    """Return a time that can pass."""
    try:
        if 0 < float(text) < 1e9:
            return float(text)
    except ValueError:
        pass
    msg = f"{text!r} is no time to wait; legal are seconds above 0"
    raise argparse.ArgumentTypeError(msg)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may also follow the script where it is checked only."""
    parser.add_argument(
        "--as",
        dest="framework",
        choices=[*SERVED, "fluid"],
        help="what it imports; fluid is paddle with --fluid 1.8. With --check: the one that it imports (default)",
    )
    parser.add_argument(
        "--fluid",
        choices=["documented", "1.8"],
        help="which paddle.fluid there is: the documented one (default), or the one that Paddle 1.8.5 released",
    )
    parser.add_argument("--json", action="store_true", help="with --check: print JSON")


DECLARATION = Declaration(
    summary="run a script that imports paddle, megengine or oneflow on fourfold",
    examples=(
        "fourfold run --as megengine train.py --epochs 2",
        "fourfold run --check train.py",
        "fourfold run --as paddle --shard 4 train.py",
        "fourfold run --as oneflow --shard 2x2 --timeout 60 train.py",
    ),
    page="activation.md",
    add_arguments=add_arguments,
)
