"""`fourfold env`: make, list, check and remove the environments of the real frameworks."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from ...agreement.environments import (
    PEERS,
    SPECIFICATIONS,
    BrokenEnvironmentError,
    Environment,
    create,
    environment,
    environments,
    examine,
    peers,
    remove,
    root,
)
from ...checkpoints.shown import visible
from ..console import Row, complain, has_rich, print_table, say
from .command import DIFFERENCE, OK, USAGE, UsageError, write_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from ...agreement.environments import Diagnosis, Reporter


class PlainReporter:
    """Prints steps and pip's lines as they come."""

    def step(self, text: str) -> None:
        """Print a step."""
        say(f"== {text}", error=True)

    def line(self, text: str) -> None:
        """Print a line of pip."""
        say(f"   {text}", error=True)

    def progress(self, done: int, total: int) -> None:
        """Print nothing: a log is no place for percentages."""


class RichReporter:
    """One line on the terminal: the step, pip's latest line, the bytes of a download, the time."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._task = display.add_task("", total=None, size="")
        self._step = ""

    def step(self, text: str) -> None:
        """Show a step."""
        self._step = text
        self._show(text)

    def line(self, text: str) -> None:
        """Show a line of pip."""
        words = text.split()
        if words[:1] == ["Downloading"] and len(words) > 1:
            words[1] = words[1].rpartition("/")[2]  # the file, not its address
        self._show(f"{self._step}: {' '.join(words)[:70]}")

    def progress(self, done: int, total: int) -> None:
        """Show the bytes of a download."""
        size = f"{done / 1e6:.0f} of {total / 1e6:.0f} MB" if total else f"{done / 1e6:.0f} MB"
        self._display.update(self._task, completed=done, total=total or None, size=size)

    def _show(self, text: str) -> None:
        # without a total the bar only moves to and fro
        self._display.update(self._task, description=visible(text), completed=0, size="")
        self._display.tasks[0].total = None


def run(arguments: argparse.Namespace) -> int:
    """Run an action; return 1 if an environment does not work, 2 if one cannot be made."""
    try:
        return _ACTIONS[arguments.action](arguments)
    except BrokenEnvironmentError as error:
        complain(f"fourfold: {error}")
        return USAGE


def _create(arguments: argparse.Namespace) -> int:
    # One that fails does not keep the others from being made.
    made = [_create_one(one) for one in _chosen(arguments)]
    return OK if all(made) else USAGE


def _create_one(one: Environment) -> bool:
    try:
        with _reporter() as reporter:
            made = create(one, reporter)
    except BrokenEnvironmentError as error:
        complain(f"{one.name}: {error}")
        return False
    except KeyboardInterrupt:
        say("", f"{one.name}: interrupted; `fourfold env create {one.name}` starts it again.", error=True)
        raise
    say(f"{one.name}: {'made' if made else 'ready already'} ({one.folder})")
    return True


def _remove(arguments: argparse.Namespace) -> int:
    for one in _chosen(arguments):
        with _reporter() as reporter:
            there = remove(one, reporter)
        say(f"{one.name}: {'removed' if there else 'was not there'} ({one.folder})")
    return OK


def _list(arguments: argparse.Namespace) -> int:
    rows = [described(one) for one in (*environments(), *peers())]
    if arguments.json is not None:
        write_json({"root": str(root()), "environments": rows}, arguments.json)
    if arguments.json != "-":
        styles = {"ready": "", "missing": "dim"}
        cells = [
            Row(
                (
                    row["name"],
                    row["release"],
                    row["state"],
                    row["python"] or f"needs {_span(row['pythons'])}",
                    f"{row['bytes'] / 1e9:.1f} GB" if row["bytes"] else "",
                ),
                styles.get(row["state"], "bad"),
            )
            for row in rows
        ]
        print_table(("environment", "release", "state", "Python", "size"), cells)
        say("", f"in {root()}")
    return OK


def _doctor(arguments: argparse.Namespace) -> int:
    if arguments.json in {*SPECIFICATIONS, *PEERS}:
        msg = f"--json took {arguments.json!r} for the file to write. Put the names before --json."
        raise UsageError(msg)
    made = [one for one in (*environments(), *peers()) if one.state != "missing"]
    chosen = _named(arguments.names) if arguments.names else made
    found = []
    with _reporter() as reporter:
        for one in chosen:
            if has_rich() and sys.stderr.isatty():
                reporter.step(f"{one.name}: importing it and running one transposed convolution")
            found.append(_examine(one))
    if arguments.json is not None:
        write_json([diagnosis.as_json() for diagnosis in found], arguments.json)
    if arguments.json != "-":
        _print_diagnoses(found)
    return OK if all(diagnosis.ok for diagnosis in found) else DIFFERENCE


def _examine(one: Environment) -> Diagnosis:
    if one.name not in PEERS:
        return examine(one)
    from ...bench.peers import examine_peer

    return examine_peer(one)


def _print_diagnoses(found: list[Diagnosis]) -> None:
    if not found:
        say("There are no environments yet. Make them with `fourfold env create --all`.")
        return
    rows = [
        Row(
            (
                diagnosis.name,
                diagnosis.version,
                diagnosis.python,
                diagnosis.numpy,
                "" if diagnosis.sum is None else f"{diagnosis.sum:g} of {diagnosis.expected:g}",
                "works" if diagnosis.ok else diagnosis.problem.splitlines()[0],
            ),
            "" if diagnosis.ok else "bad",
        )
        for diagnosis in found
    ]
    print_table(("environment", "framework", "Python", "NumPy", "sum of the output", "verdict"), rows)
    for diagnosis in found:
        if "\n" in diagnosis.problem:
            say("", *f"{diagnosis.name}: {diagnosis.problem}".split("\n"))


def described(one: Environment) -> dict[str, Any]:
    """Return an environment's state, ready for JSON."""
    facts = one.facts
    return {
        "name": one.name,
        "framework": one.specification.framework,
        "release": one.specification.release,
        "state": one.state,
        "python": facts.get("python"),
        "pythons": list(one.specification.pythons),
        "bytes": facts.get("bytes"),
        "folder": str(one.folder),
    }


def _span(versions: list[str]) -> str:
    """`3.10 to 3.13`: the specifications leave no gaps."""
    first, *_, last = sorted([*versions, *versions], key=lambda version: tuple(map(int, version.split("."))))
    return first if first == last else f"{first} to {last}"


def _chosen(arguments: argparse.Namespace) -> list[Environment]:
    if arguments.all == bool(arguments.names):
        msg = f"name environments or say --all; there are {', '.join((*SPECIFICATIONS, *PEERS))}."
        raise UsageError(msg)
    return environments() if arguments.all else _named(arguments.names)


def _named(names: list[str]) -> list[Environment]:
    return [environment(name) for name in names]


@contextlib.contextmanager
def _reporter() -> Iterator[Reporter]:
    if not (has_rich() and sys.stderr.isatty()):
        yield PlainReporter()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[size]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        yield RichReporter(display)


_ACTIONS = {"create": _create, "list": _list, "doctor": _doctor, "remove": _remove}
