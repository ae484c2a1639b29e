"""How a checkpoint is read: options of each command that takes tensors from one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .choices import APIS
from .declaration import add_list, pairs

if TYPE_CHECKING:
    import argparse

__all__ = ["add_reading"]


def add_reading(parser: argparse.ArgumentParser, file: str) -> None:
    """Add the options; `file` is what the help calls the checkpoint."""
    parser.add_argument(
        "--from", dest="source_api", choices=APIS, help=f"whose names and layouts {file} has. Default: what {file} says"
    )
    parser.add_argument(
        "--insist",
        action="store_true",
        help=f"take --from though {file} says otherwise, as of tensors put there by hand",
    )
    add_list(
        parser,
        "--rename",
        "OLD=NEW",
        f"OLD in {file} is NEW in the model: a layer with all below it, or one tensor; re:OLD=NEW is a regular "
        "expression, for what names leave of a tensor's name",
        split=pairs,
    )
    add_list(parser, "--only", "GLOB", f"read only these tensors of {file}")
    add_list(parser, "--allow", "CLASS", "keep objects of this class (module.name) as plain data; it is not imported")
    add_list(parser, "--bfloat16", "GLOB", "tensors that Paddle stored as uint16 and are bfloat16")
