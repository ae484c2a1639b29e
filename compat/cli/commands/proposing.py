"""What `fourfold convert --suggest` prints."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..console import say
from .command import DIFFERENCE, OK, write_json

if TYPE_CHECKING:
    import argparse

    from ...porting.proposals import Proposal

SHOWN = 8


def tell_proposal(proposal: Proposal, arguments: argparse.Namespace) -> int:
    """Print the renames as options to paste; return 0 if with them nothing is missing and nothing is left."""
    whole = not (proposal.missing or proposal.unexpected)
    if arguments.json is not None:
        write_json({"file": arguments.source, "ok": whole, **asdict(proposal)}, arguments.json)
    if arguments.json != "-":
        _say(proposal, arguments)
    return OK if whole else DIFFERENCE


def _say(proposal: Proposal, arguments: argparse.Namespace) -> None:
    count, source = len(proposal.renames), arguments.source
    if count:
        say(
            f"{_plural(count, 'rename')} that can mean one thing alone, by names and shapes, and "
            f"{_plural(proposal.found, 'tensor')} that they place:"
        )
        say(*(f"  --rename {shlex.quote(text)} \\" for text in proposal.renames))
    for names, what in (
        (proposal.unexpected, f"of {source} without a place in the model"),
        (proposal.missing, f"of the model that {source} lacks"),
    ):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            say(f"{_plural(len(names), 'tensor')} {what}: {', '.join(names[:SHOWN])}{more}")
    if proposal.missing or proposal.unexpected:
        say("Where several layers fit, or none, nothing is proposed: state those with --rename, or see --by-order.")
    elif count:
        say("All tensors have a place then. Look through them and add them; the proof is `fourfold verify`.")
    else:
        say("Nothing is to be renamed: all tensors have a place.")


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"
