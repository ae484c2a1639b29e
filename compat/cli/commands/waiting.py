"""A progress bar for what may take long and mostly does not."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING

from ..console import a_line_a_minute, has_rich
from .command import size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 1.0


@contextlib.contextmanager
def waiting(describe: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr while the block runs, after a second; where that is no terminal, a line a minute.

    Args:
        describe: what is being done.
        total: bytes to go; None shows that something is being done, and not how much.

    Returns:
        What to call with the bytes that were done.
    """
    if not has_rich() or not sys.stderr.isatty():
        with _in_a_log(describe, total) as advance:
            yield advance
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    counted = [DownloadColumn(binary_units=True)] if total is not None else []
    columns = (TextColumn("{task.description}"), BarColumn(), *counted, TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(describe, total=total)
    timer = threading.Timer(SECONDS, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda count: bar.advance(task, count)
    finally:
        timer.cancel()
        timer.join()  # or the bar might start after it was stopped
        bar.stop()


@contextlib.contextmanager
def _in_a_log(describe: str, total: int | None) -> Iterator[Callable[[int], None]]:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count

    with a_line_a_minute(lambda: describe if total is None else f"{describe}: {size(done)} of {size(total)}"):
        yield advance
