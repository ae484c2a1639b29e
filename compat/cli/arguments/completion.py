"""What `fourfold completion` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .declaration import Declaration

if TYPE_CHECKING:
    import argparse

SHELLS = ("bash", "zsh", "fish", "tcsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the shell."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=f"one of {', '.join(SHELLS)}")


DECLARATION = Declaration(
    summary="print the script that completes commands, options and their values in your shell",
    examples=(
        "fourfold completion bash > ~/.fourfold.bash",
        "fourfold completion zsh > ~/.zfunc/_fourfold",
    ),
    page="command-line.md",
    add_arguments=add_arguments,
)
