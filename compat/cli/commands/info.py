"""`fourfold info`: versions, machine, extras and environments, to paste into a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...agreement.environments import environments, peers, root
from ..console import Row, print_table, say
from ..environment import EXTRAS, environment
from .command import OK, write_json
from .env import described

if TYPE_CHECKING:
    import argparse


def run(arguments: argparse.Namespace) -> int:
    """Print what there is, and what there could be."""
    facts = facts_of_all()
    if arguments.json is not None:
        write_json(facts, arguments.json)
    if arguments.json != "-":
        _print(facts)
    return OK


def facts_of_all() -> dict[str, Any]:
    """Return `environment()`, with every extra and every environment."""
    extras = [
        {"name": name, "for": extra.purpose, "installed": not extra.missing, "missing": extra.missing}
        for name, extra in EXTRAS.items()
    ]
    rows = [described(one) for one in (*environments(), *peers())]
    return {**environment(), "extras": extras, "environments": {"root": str(root()), "made_or_not": rows}}


def _print(facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        if name not in ("extras", "environments"):
            say(f"{name + ':':<16}{'none' if value in (None, '') else value}")
    say("")
    extras = [
        Row((each["name"], "yes" if each["installed"] else "no", each["for"]), "" if each["installed"] else "dim")
        for each in facts["extras"]
    ]
    print_table(("extra", "here", "for"), extras)
    say("", "Add one, in a clone: pip install -e '.[NAME]'", "")
    made = [
        Row((each["name"], each["release"], each["state"]), "" if each["state"] == "ready" else "dim")
        for each in facts["environments"]["made_or_not"]
    ]
    print_table(("environment", "release", "state"), made)
    say("", f"Make one: fourfold env create NAME. They are in {facts['environments']['root']}")
