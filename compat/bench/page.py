"""Results as Markdown, alone or between two marks of a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .report import conditions, notes, overhead, summary, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..cli.console import Row
    from .measure import Result
    from .peaks import Peaks

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
# what a section's title says
TITLE = ("mode", "dtype", "layout")


def as_page(
    results: Sequence[Result], peaks: Peaks, versions: Mapping[str, str], subjects: Sequence[str], beside: int = 0
) -> str:
    """Return the summary, a section per mode, dtype and layout, and what was not measured."""
    parts = [f"{conditions(peaks, versions, beside)}.", markdown(*summary(results))]
    headers, rows = overhead(results)
    parts += [markdown(headers, rows)] if rows else []
    sections: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        variant = result.variant
        sections.setdefault((variant.mode, variant.dtype, variant.layout), []).append(result)
    for title, chosen in sections.items():
        headers, rows = table(chosen, peaks, subjects)
        kept = [place for place, name in enumerate(headers) if name not in TITLE]
        cells = [row._replace(cells=tuple(row.cells[place] for place in kept)) for row in rows]
        parts += [f"### {', '.join(title)}", markdown([headers[place] for place in kept], cells)]
    parts += ["\n".join(f"- {line}" for line in notes(results))]
    return "\n\n".join(part for part in parts if part) + "\n"


def markdown(headers: Sequence[str], rows: Sequence[Row]) -> str:
    """Return a table as Markdown.

    Example:
        >>> from fourfold.compat.cli.console import Row
        >>> print(markdown(("a", "b"), [Row(("1", "2"))]))
        | a | b |
        |---|---|
        | 1 | 2 |
    """
    first, *others = (f"| {' | '.join(cells)} |" for cells in (headers, *(row.cells for row in rows)))
    return "\n".join([first, f"|{'---|' * len(headers)}", *others])


def into(text: str, page: str) -> str:
    """Return a page with what stands between its marks replaced; the text itself where it has none.

    Example:
        >>> print(into("new", "before <!-- measured: begin -->old<!-- measured: end --> after"))
        before <!-- measured: begin -->
        new
        <!-- measured: end --> after
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n{text}\n{end}{after}" if begin and end else text


def page_at(path: str) -> str:
    """Return what a file holds; nothing where there is none."""
    return Path(path).read_text(encoding="utf-8") if Path(path).is_file() else ""
