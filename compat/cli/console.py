"""What people read: lines, tables, trees and progress; nothing else here prints.

Names, versions and messages come from strangers' files. Whatever is printed goes through `visible`, so that none of it
steers a terminal, and none begins a line of its own. With rich, where the `cli` extra is installed, none is markup.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, TypeVar

from ..checkpoints.shown import visible
from .table import Row, lay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from rich.console import Console, RenderableType
    from rich.tree import Tree

    from .table import Piece

    # names of branches and leaves; of a leaf, what stands behind it
    Branches = Mapping[str, "Branches | str"]

T = TypeVar("T")

__all__ = [
    "HINT",
    "Row",
    "a_line_a_minute",
    "complain",
    "has_rich",
    "print_exception",
    "print_table",
    "print_tree",
    "progress",
    "say",
    "say_coloured",
]

# How the words of `Row.style` look.
COLOURS = {
    "": "",
    "head": "bold",
    "dim": "dim",
    "good": "green",
    "fair": "cyan",
    "known": "yellow",
    "bad": "bold red",
}

# Seconds between two lines of what takes long: a log that is silent for longer is taken for a process that hangs.
MINUTE = 60.0
HINT = "Plain output: rich is not installed. For tables and progress bars: pip install rich"


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


def print_table(
    headers: Sequence[str],
    rows: Sequence[Row],
    *,
    whole: bool = False,
    optional: Sequence[str] = (),
    folded: str = "",
) -> None:
    """Print a table to stdout. A terminal bounds its width; a pipe or a file does not.

    Args:
        headers: of the columns.
        rows: the others.
        whole: whether cells are never broken, so that the table may be wider than a terminal.
        optional: headers of columns that a narrow terminal goes without, the last of them first.
        folded: header of the one column whose cells may be broken all the same.
    """
    shown = [row._replace(cells=tuple(map(visible, row.cells))) for row in rows]
    table = lay(headers, shown, terminal_width(), whole=whole, optional=optional, folded=folded)
    say_coloured(*table.lines)
    if table.left_out:
        say(f"(no room for: {', '.join(table.left_out)})")


def say_coloured(*lines: Sequence[Piece]) -> None:
    """Print lines of pieces to stdout, in colour where that is a terminal and rich is installed."""
    if not (has_rich() and sys.stdout.isatty()):
        say(*("".join(piece.text for piece in line) for line in lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        # Text, not str: nothing in a cell is markup
        parts = [(visible(piece.text), COLOURS[piece.style]) for piece in line]
        _render(console, Text.assemble(*parts), soft_wrap=True)


def terminal_width() -> int | None:
    """Return how many letters a line of stdout has; None where that is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_tree(tree: Branches) -> None:
    """Print names below names to stdout, with lines where rich is installed."""
    if has_rich():
        _print_rich_tree(tree)
    else:
        say(*_plain_tree(tree, ""))


def progress(steps: Iterable[T], total: int, describe: str, *, quiet: bool = False) -> Iterator[T]:
    """Pass the steps on, with a bar on stderr where that is a terminal, and a line a minute where it is a log."""
    if quiet:
        yield from steps
        return
    if not has_rich() or not sys.stderr.isatty():
        done = 0
        with a_line_a_minute(lambda: f"{describe}: {done:,} of {total:,}"):
            for step in steps:
                yield step
                done += 1
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import track

    description = escape(visible(describe))
    yield from track(steps, description=description, total=total, console=Console(stderr=True), transient=True)


@contextlib.contextmanager
def a_line_a_minute(text: Callable[[], str]) -> Iterator[None]:
    """Print a line on stderr each minute while the block runs, with the minutes since its start."""
    begun, ended = time.monotonic(), threading.Event()

    def tell() -> None:
        while not ended.wait(MINUTE):
            say(f"{text()}, {(time.monotonic() - begun) / 60:.0f} min", error=True)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _write(text: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    # what the terminal's encoding lacks is escaped, and no reason to end
    encoding = getattr(stream, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), end="", file=stream, flush=error)


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


def _plain_tree(tree: Branches, indent: str) -> Iterator[str]:
    for name, value in tree.items():
        yield f"{indent}  {name}" + (f"  {value}" if isinstance(value, str) else "")
        if not isinstance(value, str):
            yield from _plain_tree(value, indent + "  ")
