"""Tables and progress for people: with rich where the `cli` extra is installed, in plain text where it is not."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, RenderableType

T = TypeVar("T")

HINT = "Plain output: rich is not installed. For tables and progress bars: pip install 'fourfold[cli]'"


class Row(NamedTuple):
    """Cells of a table, and how they look: `''`, `'dim'` or `'bad'`."""

    cells: tuple[str, ...]
    style: str = ""


def has_rich() -> bool:
    """Whether rich can be imported."""
    return importlib.util.find_spec("rich") is not None


def print_table(headers: Sequence[str], rows: Sequence[Row]) -> None:
    """Print a table to stdout. A terminal bounds its width; a pipe or a file does not."""
    if has_rich():
        _print_rich(headers, rows)
    else:
        _print_plain(headers, rows)


def progress(steps: Iterable[T], total: int, describe: str, *, quiet: bool = False) -> Iterator[T]:
    """Pass the steps on, with a bar on stderr where that is a terminal."""
    if quiet or not has_rich() or not sys.stderr.isatty():
        yield from steps
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(steps, description=describe, total=total, console=Console(stderr=True), transient=True)


def _print_rich(headers: Sequence[str], rows: Sequence[Row]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"": "", "dim": "dim", "bad": "bold red"}
    table = Table(box=None, header_style="bold", pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        # Text, not str: nothing in a cell is markup
        table.add_row(*(Text(cell) for cell in row.cells), style=styles[row.style])
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    print_rich(console, table)


def print_rich(console: Console, content: RenderableType, **options: Any) -> None:
    """Print to stdout with rich. If the reader of a pipe has gone, that is Python's error, and not rich's exit.

    Args:
        console: to whose width and colours.
        content: what to print.
        options: of `Console.print`.
    """
    with console.capture() as text:
        console.print(content, **options)
    print(text.get(), end="")


def _print_plain(headers: Sequence[str], rows: Sequence[Row]) -> None:
    lines = [tuple(headers), *(row.cells for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print(text.rstrip())
