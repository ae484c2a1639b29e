"""`fourfold recorder`: the one file that records a model, to copy to where its framework still runs."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from ..console import say
from .command import OK, UsageError, write_text

if TYPE_CHECKING:
    import argparse

NAME = "recorder.py"
NEXT = """\
It needs Python 3.7 or newer, NumPy and the framework. There, beside your model:
    from recorder import record
    record(model, inputs, "model.fourfold.zip")
Here, with the file that this writes:
    fourfold verify model.fourfold.zip --model package.module:build"""


def run(arguments: argparse.Namespace) -> int:
    """Write the file, and say what to do with it."""
    text = resources.files("fourfold.compat.agreement").joinpath(NAME).read_text(encoding="utf-8")
    if arguments.path == "-":
        say(*text.rstrip("\n").split("\n"))
        return OK
    path = Path(arguments.path)
    path = path / NAME if path.is_dir() else path
    if path.exists() and not arguments.force:
        msg = f"{path} is there already. Give --force to replace it, or another name."
        raise UsageError(msg)
    write_text(text, str(path), "PATH")
    say(*NEXT.split("\n"))
    return OK
