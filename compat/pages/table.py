"""The tables of the command line as those of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..cli.table import Row

# What `Row.style` says, as a class of the page's style sheet.
CLASSES = {"dim": "none", "good": "good", "fair": "fair", "known": "known", "bad": "bad", "": ""}


class PageCell(NamedTuple):
    """A text, how it looks, and the length of a bar beside it: a share of 1, or None."""

    text: str
    style: str = ""
    bar: float | None = None


class PageRow(NamedTuple):
    """Cells, and what the row came to, for the filter."""

    cells: tuple[PageCell, ...]
    state: str = ""


class PageTable(NamedTuple):
    """A table of a page; `title` and `words` stand above it."""

    id: str
    headers: tuple[str, ...]
    rows: list[PageRow]
    title: str = ""
    words: str = ""


def page_table(
    id: str,
    headers: Sequence[str],
    rows: Sequence[Row],
    *,
    title: str = "",
    words: str = "",
    bars: Mapping[int, tuple[int, float]] | None = None,
    states: Sequence[str] = (),
) -> PageTable:
    """Return a table of the command line for a page.

    Args:
        id: of the element, once in a page.
        headers: of the columns.
        rows: the others.
        title: what stands above it.
        words: likewise, below the title.
        bars: by the place of a row, the place of a cell with a bar and its length. Default: none.
        states: of the rows, for the filter. Default: none.

    Example:
        >>> from fourfold.compat.cli.table import Row
        >>> page_table("x", ("a", "b"), [Row(("1", "2"), "bad")], bars={0: (1, 0.5)}).rows[0].cells
        (PageCell(text='1', style='bad', bar=None), PageCell(text='2', style='bad', bar=0.5))
    """
    made = []
    for place, row in enumerate(rows):
        column, length = (bars or {}).get(place, (None, None))
        styles = [row.styles[at] if at < len(row.styles) else row.style for at in range(len(row.cells))]
        cells = tuple(
            PageCell(text, CLASSES[style], length if at == column else None)
            for at, (text, style) in enumerate(zip(row.cells, styles, strict=True))
        )
        made.append(PageRow(cells, states[place] if states else ""))
    return PageTable(id, tuple(headers), made, title, words)
