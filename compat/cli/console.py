"""What people read: lines, tables, trees and progress; nothing else here prints.

Names, versions and messages come from strangers' files. Whatever is printed goes through `visible`, so that none of it
steers a terminal, and none begins a line of its own. With rich, where the `cli` extra is installed, none is markup.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..checkpoints.shown import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from rich.console import Console, RenderableType
    from rich.tree import Tree

    # names of branches and leaves; of a leaf, what stands behind it
    Branches = Mapping[str, "Branches | str"]

T = TypeVar("T")

HINT = "Plain output: rich is not installed. For tables and progress bars: pip install 'fourfold[cli]'"


class Row(NamedTuple):
    """Cells of a table, and how they look: `''`, `'dim'` or `'bad'`."""

    cells: tuple[str, ...]
    style: str = ""


def has_rich() -> bool:
    """Whether rich can be imported."""
    return importlib.util.find_spec("rich") is not None


def say(*lines: str, error: bool = False) -> None:
    r"""Print lines: to stdout, or errors to stderr.

    >>> say("a name of two lines: x\nagreement: all agree")
    a name of two lines: x\nagreement: all agree
    """
    _write("".join(f"{visible(line)}\n" for line in lines), error=error)


def complain(message: str) -> None:
    """Print a message to stderr. What follows its first line is indented: it may be what another program printed."""
    first, *others = message.split("\n")
    say(first, *(f"  {line}" for line in others), error=True)


def print_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print a traceback as Python does; `sys.excepthook` can be this."""
    say(*"".join(traceback.format_exception(kind, error, trace)).rstrip("\n").split("\n"), error=True)


def print_table(headers: Sequence[str], rows: Sequence[Row], *, whole: bool = False) -> None:
    """Print a table to stdout. A terminal bounds its width; a pipe or a file does not.

    Args:
        headers: of the columns.
        rows: the others.
        whole: whether cells are never broken, so that the table may be wider than a terminal.
    """
    rows = [row._replace(cells=tuple(map(visible, row.cells))) for row in rows]
    if has_rich():
        _print_rich(headers, rows, whole=whole)
    else:
        _print_plain(headers, rows)


def print_tree(tree: Branches) -> None:
    """Print names below names to stdout, with lines where rich is installed."""
    if has_rich():
        _print_rich_tree(tree)
    else:
        say(*_plain_tree(tree, ""))


def progress(steps: Iterable[T], total: int, describe: str, *, quiet: bool = False) -> Iterator[T]:
    """Pass the steps on, with a bar on stderr where that is a terminal."""
    if quiet or not has_rich() or not sys.stderr.isatty():
        yield from steps
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import track

    description = escape(visible(describe))
    yield from track(steps, description=description, total=total, console=Console(stderr=True), transient=True)


def _write(text: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    # what the terminal's encoding lacks is escaped, and no reason to end
    encoding = getattr(stream, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), end="", file=stream, flush=error)


def _print_rich(headers: Sequence[str], rows: Sequence[Row], *, whole: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"": "", "dim": "dim", "bad": "bold red"}
    table = Table(box=None, header_style="bold", pad_edge=False)
    for header in headers:
        table.add_column(Text(header), overflow="fold", no_wrap=whole)
    for row in rows:
        # Text, not str: nothing in a cell is markup
        table.add_row(*(Text(cell) for cell in row.cells), style=styles[row.style])
    console = Console()
    if whole:
        console = Console(width=max(console.width, table.__rich_measure__(console, console.options).maximum, 200))
    if not console.is_terminal:
        console = Console(width=200)
    _render(console, table)


def _print_rich_tree(tree: Branches) -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    def grow(tree: Branches, parent: Tree) -> None:
        for name, value in tree.items():
            if isinstance(value, str):
                parent.add(Text(f"{visible(name)}  ").append(visible(value), style="dim"))
            else:
                grow(value, parent.add(Text(visible(name), style="bold")))

    root = Tree("", hide_root=True)
    grow(tree, root)
    console = Console()
    wide = Console(width=None if console.is_terminal else 400, highlight=False)
    _render(wide, root, soft_wrap=True)


def _render(console: Console, content: RenderableType, **options: Any) -> None:
    """Print with rich. If the reader of a pipe has gone, that is Python's error, and not rich's exit."""
    with console.capture() as text:
        console.print(content, **options)
    _write(text.get())


def _print_plain(headers: Sequence[str], rows: Sequence[Row]) -> None:
    lines = [tuple(headers), *(row.cells for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        say(text.rstrip())


def _plain_tree(tree: Branches, indent: str) -> Iterator[str]:
    for name, value in tree.items():
        yield f"{indent}  {name}" + (f"  {value}" if isinstance(value, str) else "")
        if not isinstance(value, str):
            yield from _plain_tree(value, indent + "  ")
