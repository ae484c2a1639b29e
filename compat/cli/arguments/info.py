"""What `fourfold info` is given."""

from __future__ import annotations

from .declaration import Declaration, add_json

DECLARATION = Declaration(
    summary="print versions, machine, extras and environments, to paste into a report",
    examples=("fourfold info --json report.json",),
    page="command-line.md",
    add_arguments=add_json,
)
