"""`fourfold info`: versions and machine, to paste into a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..console import say
from ..environment import environment
from .command import OK, write_json

if TYPE_CHECKING:
    import argparse


def run(arguments: argparse.Namespace) -> int:
    """Print the environment."""
    facts = environment()
    if arguments.json is not None:
        write_json(facts, arguments.json)
    if arguments.json != "-":
        for name, value in facts.items():
            text = ", ".join(value) if isinstance(value, list) else value
            say(f"{name + ':':<16}{'none' if text in (None, '') else text}")
    return OK
