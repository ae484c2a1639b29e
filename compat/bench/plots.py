"""Two pictures per mode and dtype: how many times faster, and how near to what the machine can do."""

from __future__ import annotations

import importlib.util
import io
from typing import TYPE_CHECKING

from ..checkpoints.atomic import new_file
from .subjects import NATIVE, OURS
from .summary import ratio, ratio_to_best

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from .measure import Result
    from .peaks import Peaks

OUR_COLOUR, THEIR_COLOUR = "#0b6e75", "#b4540a"
# On dark pages what matplotlib paints white gets a dark ground, what it paints black is light, our colours get lighter.
_LIGHT = {"#000000": "#e6edf3", OUR_COLOUR: "#4fbcc4", THEIR_COLOUR: "#e8894a"}
DARK = "\n".join(
    [
        "\n@media (prefers-color-scheme: dark) {",
        "  svg { fill: #e6edf3 }",
        '  path[style*="fill: #ffffff"] { fill: #161b22 !important }',
        *(
            f'  [style*="{paint}: {colour}"] {{ {paint}: {light} !important }}'
            for colour, light in _LIGHT.items()
            for paint in ("fill", "stroke")
        ),
        "}\n",
    ]
)


class PlotsUnavailableError(RuntimeError):
    """matplotlib is not installed."""


def check_available() -> None:
    """Raise PlotsUnavailableError, before anything is measured, where nothing can be drawn."""
    if importlib.util.find_spec("matplotlib") is None:
        msg = "pictures need matplotlib: pip install matplotlib"
        raise PlotsUnavailableError(msg)


def plot(results: Sequence[Result], peaks: Peaks, folder: Path) -> list[Path]:
    """Draw the results, and return the files written.

    Args:
        results: of one run.
        peaks: of the same run.
        folder: where `ratio-MODE-DTYPE-LAYOUT.svg` and `roofline-MODE-DTYPE-LAYOUT.svg` go; it is made if need be.
    """
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        if ratio(result) is not None:
            variant = result.variant
            kinds.setdefault((variant.mode, variant.dtype, variant.layout), []).append(result)
    written = []
    for kind, chosen in kinds.items():
        pictures = {
            "ratio": Figure(figsize=(max(5, 1.5 + 0.3 * len(chosen)), 4.5), layout="constrained"),
            "roofline": Figure(figsize=(7, 5), layout="constrained"),
        }
        _draw_ratios(pictures["ratio"].subplots(), chosen)
        _draw_roofline(pictures["roofline"].subplots(), chosen, peaks)
        for name, figure in pictures.items():
            figure.axes[0].set_title(" ".join(kind))
            written.append(folder / f"{name}-{'-'.join(kind)}.svg")
            text = io.StringIO()
            figure.savefig(text, format="svg")
            with new_file(written[-1]) as file:
                file.write(for_dark_pages(text.getvalue()).encode())
    return written


def for_dark_pages(svg: str) -> str:
    r"""Return a picture of matplotlib's that is dark on dark pages, and as it was on others.

    >>> drawn = for_dark_pages('<style type="text/css">*{}</style>')
    >>> drawn.startswith('<style type="text/css">*{}\n@media (prefers-color-scheme: dark)')
    True
    """
    return svg.replace("</style>", f"{DARK}</style>", 1)


def _draw_ratios(axes: Axes, results: Sequence[Result]) -> None:
    names = [result.variant.workload.id for result in results]
    places = range(len(results))
    axes.bar(
        places, [ratio(result) or 0.0 for result in results], color=OUR_COLOUR, label=f"{NATIVE.name} / {OURS.name}"
    )
    best = [(place, value) for place, value in enumerate(map(ratio_to_best, results)) if value is not None]
    if best:
        axes.plot(*zip(*best, strict=True), "D", color=THEIR_COLOUR, label=f"best of all others / {OURS.name}")
    axes.axhline(1.0, color="black", linewidth=1)
    axes.set_yscale("log", base=2)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xticks(places, names, rotation=90)
    axes.set_ylabel("times faster (log)")
    axes.legend()


def _draw_roofline(axes: Axes, results: Sequence[Result], peaks: Peaks) -> None:
    costs = [result.variant.cost for result in results]
    intensities = [cost.flops / cost.bytes for cost in costs]
    for name, marker, colour in ((OURS.name, "o", OUR_COLOUR), (NATIVE.name, "x", THEIR_COLOUR)):
        seconds = [result.timings[name].median for result in results]
        rates = [cost.flops / time / 1e9 for cost, time in zip(costs, seconds, strict=True)]
        axes.plot(intensities, rates, marker, color=colour, label=name)
    product = peaks.flops[results[0].variant.dtype]
    ridge = product / peaks.bandwidth
    ends = (min(*intensities, ridge) / 2, ridge, max(*intensities, ridge) * 2)
    axes.plot(ends, [min(product, end * peaks.bandwidth) / 1e9 for end in ends], color="black", label="roofline")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("operations per byte that must be moved")
    axes.set_ylabel("GFLOP/s")
    axes.legend()
