"""Measurements as one HTML file that needs no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..pages.page import render
from ..pages.table import PageTable, page_table
from .report import conditions, notes, overhead, summary, table
from .summary import ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..cli.table import Row
    from .measure import Result
    from .peaks import Peaks


def as_html(
    results: Sequence[Result], peaks: Peaks, versions: Mapping[str, str], subjects: Sequence[str], command: str = ""
) -> str:
    """Return the report of a run.

    Args:
        results: of it.
        peaks: of the same run.
        versions: of the peers.
        subjects: their names, ours and torch's first.
        command: the command line that was given.

    Raises:
        PageUnavailableError: Jinja2 is not installed.
    """
    wrong = [f"{result.variant}: {name}: {text}" for result in results for name, text in result.wrong.items()]
    verdict = f"{len(results)} measurement{'s' * (len(results) != 1)}" + (
        f"; {len(wrong)} results are wrong" if wrong else "; all results agree"
    )
    return render(
        "benchmarks.html",
        title="Benchmarks",
        verdict=verdict,
        ok=not wrong,
        command=command,
        conditions=conditions(peaks, versions),
        wrong=wrong,
        tables=_tables(results, peaks, subjects),
        notes=[line for line in notes(results) if " is wrong: " not in line],
    )


def _tables(results: Sequence[Result], peaks: Peaks, subjects: Sequence[str]) -> list[PageTable]:
    headers, rows = table(results, peaks, subjects)
    bars = _bars(results, headers, rows)
    return [
        page_table("summary", *summary(results), title="Summary", words="How many times faster, in groups."),
        page_table(
            "workloads",
            headers,
            rows,
            title="Workloads",
            words="Medians in milliseconds. A bar is full where ours is twice as fast as torch's, half where equal.",
            bars=bars,
        ),
        page_table("overhead", *overhead(results), title="Small shapes", words="What ours adds to torch's time."),
    ]


def _bars(results: Sequence[Result], headers: Sequence[str], rows: Sequence[Row]) -> dict[int, tuple[int, float]]:
    """Return bars beside the cells that hold the ratio to torch."""
    found = {}
    for place, (result, row) in enumerate(zip(results, rows, strict=True)):
        quotient = ratio(result)
        if quotient is not None and (text := f"{quotient:.2f}") in row.cells:
            found[place] = (row.cells.index(text), min(quotient / 2, 1.0))
    return found
