"""What `fourfold recorder` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .declaration import Declaration

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the place and `--force`."""
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        default="recorder.py",
        help="the file to write, an existing folder, or - for stdout. Default: recorder.py",
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")


DECLARATION = Declaration(
    summary="hand out recorder.py, which records a model where its framework still runs",
    examples=("fourfold recorder", "fourfold recorder - | ssh old-machine 'cat > recorder.py'"),
    page="bundle.md",
    add_arguments=add_arguments,
)
