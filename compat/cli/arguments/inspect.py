"""What `fourfold inspect` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .declaration import Declaration, add_json, add_list

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", metavar="FILE", help="a checkpoint: a file, or a folder of OneFlow or Paddle")
    add_list(parser, "--allow", "CLASS", "keep objects of this class (module.name) as plain data; it is not imported")
    add_json(parser)


DECLARATION = Declaration(
    summary="list what is in a checkpoint, without its framework",
    examples=("fourfold inspect model.pdparams",),
    page="checkpoints.md",
    add_arguments=add_arguments,
)
