"""A table as text, for what is printed with `print`, and as notebooks show it."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

from ...backend.notebook import html_table
from ..cli.console import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..cli.console import Row


def as_text(headers: Sequence[str], rows: Sequence[Row]) -> str:
    """Return what `print_table` prints where there is no terminal."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        print_table(headers, rows)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def as_html(caption: str, headers: Sequence[str], rows: Sequence[Row]) -> str:
    """Return what a notebook shows: see `html_table`."""
    bad = ["bad" in (row.style, *row.styles) for row in rows]
    return html_table(caption, headers, (row.cells for row in rows), len(rows), bad)
