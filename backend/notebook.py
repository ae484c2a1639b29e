"""Results as notebooks show them: a table of bounded size, in which nothing of a file is markup."""

from __future__ import annotations

import html
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["html_table"]

ROWS = 60
LETTERS = 200


def html_table(
    caption: str, headers: Sequence[str], rows: Iterable[Sequence[str]], count: int, bad: Sequence[bool] = ()
) -> str:
    """Return a table for `_repr_html_`: at most 60 rows, and 200 letters of a cell.

    Args:
        caption: what it shows, in one line.
        headers: of the columns.
        rows: their cells; no more of them are asked for than are shown.
        count: how many rows there are.
        bad: whether each is to be seen first. Default: none is.

    Example:
        >>> html_table("1 tensor", ["name"], [["<b>"]], 1).partition("<tbody>")[2]
        '<tr><td>&lt;b&gt;</td></tr></tbody></table>'
    """
    lines = []
    for place, row in enumerate(islice(rows, ROWS)):
        cells = "".join(f"<td>{_cell(cell)}</td>" for cell in row)
        is_bad = place < len(bad) and bad[place]
        lines.append(f"<tr style='font-weight: bold'>{cells}</tr>" if is_bad else f"<tr>{cells}</tr>")
    if count > ROWS:
        lines.append(f"<tr><td colspan='{len(headers)}'>and {count - ROWS:,} more: print() shows all</td></tr>")
    head = "".join(f"<th>{_cell(header)}</th>" for header in headers)
    body = "".join(lines)
    return f"<table><caption>{_cell(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str) -> str:
    """Escape a text; what would steer the direction of what follows is shown as Python writes it."""
    cut = text if len(text) <= LETTERS else f"{text[: LETTERS - 3]}..."
    shown = cut if cut.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in cut)
    return html.escape(shown)
