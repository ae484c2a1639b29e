"""A verification as one HTML file that needs no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...cli.table import Row
from ...pages.page import render
from ...pages.table import PageTable, page_table
from .report import END_HEADERS, divergence, end_rows, layer_rows, summary

if TYPE_CHECKING:
    from .result import Verification

HEADERS = ("layer", "class there", "class here", "verdict", "of bound", "ULP", "eps", "output", "rule")
SHARE = HEADERS.index("of bound")


def as_html(result: Verification, command: str = "") -> str:
    """Return the report of a verification.

    Args:
        result: of it.
        command: the command line that was given.

    Raises:
        PageUnavailableError: Jinja2 is not installed.
    """
    loaded = [Row((match.source, match.target, match.rule)) for match in result.matches]
    layers = _layers(result)
    return render(
        "verification.html",
        title="Verification",
        verdict=summary(result),
        ok=result.ok,
        command=command,
        divergence=divergence(result),
        layers=layers,
        states=list(dict.fromkeys(row.state for row in layers.rows)),
        ends=page_table("ends", END_HEADERS, end_rows(result, every=True)),
        loaded=page_table("loaded", ("recorded", "here", "loaded"), loaded),
        notes=result.notes,
    )


def _layers(result: Verification) -> PageTable:
    rows, bars = [], {}
    for place, (layer, told) in enumerate(zip(result.layers, layer_rows(result), strict=True)):
        comparison = layer.comparison
        share = None if comparison is None else comparison.of_bound
        if share is not None:
            bars[place] = (SHARE, share)
        cells = (
            told.cells[0],
            layer.there or "-",
            layer.here or "-",
            layer.verdict,
            "" if share is None else f"{share:.2f}" if share < 1e4 else f"{share:.1e}",
            "" if comparison is None or comparison.reason else f"{comparison.max_ulp:g}",
            "" if comparison is None or comparison.max_eps is None else f"{comparison.max_eps:.2f}",
            " x ".join(map(str, layer.shape)),
            layer.rule,
        )
        style = told.styles[2] if len(told.styles) > 2 else told.style
        rows.append(Row(cells, told.style, ("", "", "", style)))
    return page_table("layers", HEADERS, rows, bars=bars, states=[layer.verdict for layer in result.layers])
