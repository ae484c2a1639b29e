"""What `fourfold run --check` prints."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from typing import TYPE_CHECKING

from ...activation import ActivationError
from ...checking import check
from ..console import Row, print_table, say
from .command import DIFFERENCE, OK, UsageError, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...checking import Name, Place, Report
    from ...literals import Fluid

__all__ = ["print_check"]

WIDTH = 80
SHOWN = 3  # places of one name
HEADINGS = {
    "expected": "in a `try` that expects it",
    "only mentioned": "not served, only mentioned: it raises when it is called",
    "stops": "raises where it is reached",
}


def print_check(script: str, framework: str, *, fluid: Fluid, module: bool, json: bool) -> int:
    """Print what a script needs; return the exit code: 1 where it would meet an error that is told."""
    try:
        found = check(script, framework, fluid=fluid, module=module)
    except (ActivationError, ValueError) as error:
        raise UsageError(str(error)) from error
    if json:
        write_json(found.as_json(), "-")
    else:
        _print(found)
    return DIFFERENCE if found.stops else OK


def _print(found: Report) -> None:
    served = [each for each in found.names if each.effect == "served"]
    if served:
        print_table(["served by", "names, with their uses"], list(_modules(served)), whole=True)
    for effect, heading in HEADINGS.items():
        _section(heading, [each for each in found.names if each.effect == effect], bad=effect == "stops")
    _section("arguments that are refused", found.arguments, bad=True)
    _section("perhaps: a tensor has no such method here", found.perhaps)
    _notes(found)
    _summary(found, len(served))


def _modules(served: Sequence[Name]) -> Iterator[Row]:
    modules = defaultdict[str, list[str]](list)
    for each in served:
        module, _, name = each.name.rpartition(".")
        modules[module].append(name if len(each.places) == 1 else f"{name}\N{NO-BREAK SPACE}{len(each.places)}")
    left = max(len(module) for module in modules) + 2
    for module, names in modules.items():
        lines = _wrapped(", ".join(names), left)
        for index, line in enumerate(lines):
            yield Row(("" if index else module, line.replace("\N{NO-BREAK SPACE}", " ")), "dim")


def _section(heading: str, names: Sequence[Name], *, bad: bool = False) -> None:
    if not names:
        return
    say("")
    places = {id(each): _places(each.stopping or each.places) for each in names}
    width = max(len(line) for each in names for line in (each.name, *places[id(each)]))
    uses = max(4, *(len(str(len(each.places))) for each in names))
    rows = []
    for each in names:
        left = [each.name, *places[id(each)]]
        right = _wrapped(_said(each), width + uses + 4)
        for index in range(max(len(left), len(right))):
            cells = (
                left[index] if index < len(left) else "",
                str(len(each.places)).rjust(uses) if not index else "",
                right[index] if index < len(right) else "",
            )
            rows.append(Row(cells, "dim" if index else "bad" if bad else ""))
    print_table([heading, "uses", ""], rows, whole=True)


def _said(name: Name) -> str:
    why = name.why or ("no public name of the release" if name.status == "unknown" else "")
    near = f"nearest: {', '.join(name.nearest)}" if name.nearest else ""
    return "; ".join(filter(None, [why, near]))


def _places(places: Sequence[Place]) -> list[str]:
    first = list(dict.fromkeys(map(str, places)))
    return [*(f"  {each}" for each in first[:SHOWN]), *(["  ..."] if len(first) > SHOWN else [])]


def _wrapped(text: str, left: int) -> list[str]:
    """Return lines that fit beside columns of a width; nothing is broken but at spaces."""
    return textwrap.wrap(text, max(WIDTH - left, 20), break_long_words=False, break_on_hyphens=False)


def _notes(found: Report) -> None:
    lines = [f"{each.file}{f':{each.line}' if each.line else ''}: {each.message}" for each in found.troubles]
    lines += [
        f"{places[0]}: names of {name} are chosen by a value there, and are not told here"
        for name, places in found.dynamic.items()
    ]
    lines += [
        f"{place}: module {name} is neither beside the script nor installed, and was not read"
        for name, place in found.lost.items()
    ]
    if lines:
        say("", *lines)


def _summary(found: Report, served: int) -> None:
    counts = defaultdict[str, int](int)
    for each in (*found.names, *found.arguments):
        counts["stops" if each.stops else each.effect] += 1
    files = f"{len(found.files)} file{'s' * (len(found.files) != 1)}"
    parts = [f"{served} names served"]
    parts += [f"{counts[effect]} {effect}" for effect in ("only mentioned", "expected") if counts[effect]]
    stopping = counts["stops"] + len(found.troubles)
    say("", f"{found.script}, {files}, on {found.framework} {found.release}: {', '.join(parts)}; {stopping} stop it")
