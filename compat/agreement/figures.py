"""The pictures of the report, drawn by matplotlib for light and for dark pages."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..checkpoints.shown import visible
from .comparison import LAST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.figure import Figure

    from .data import Array
    from .picture import Picture

# Text and lines, by the page's colour scheme; backgrounds are transparent.
INK = {"light": "#1f2328", "dark": "#d7dde3"}
BAR = {"light": "#0b6e75", "dark": "#4fc3c9"}


class Drawn(NamedTuple):
    """One picture as data URIs, for light and dark pages, and in words."""

    light: str
    dark: str
    words: str


def ulp_histograms(counts: Mapping[str, Sequence[int]]) -> Drawn:
    """Draw how many elements lie how far from the definition, one panel per subject."""

    def draw(figure: Figure, scheme: str) -> None:
        width = max(len(values) for values in counts.values())
        if any(len(values) > LAST for values in counts.values()):
            width = LAST + 1
        width = max(width, 4)
        axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat
        for axis, (name, values) in zip(axes, counts.items(), strict=False):
            axis.bar(range(len(values)), values, width=0.9, color=BAR[scheme])
            axis.set_yscale("log")
            axis.set_title(_drawable(name), fontsize=9)
            step = max(width // 6, 1)
            places = list(range(0, width, step))
            axis.set_xlim(-0.7, width - 0.3)
            axis.set_xticks(places, [_bin(place) for place in places], fontsize=7)
            axis.tick_params(axis="y", labelsize=7)
            axis.spines[["top", "right"]].set_visible(False)
        for axis in list(axes):
            axis.set_visible(False)
        figure.supxlabel("distance from the definition in ULP", fontsize=9)
        figure.supylabel("elements", fontsize=9)

    columns = min(len(counts), 4)
    rows = -(-len(counts) // columns)
    size = (2.5 * columns + 0.6, 1.7 * rows + 0.6)
    return _draw(draw, size, "histograms of ULP distances: " + ", ".join(counts))


def slices(picture: Picture, subject: str, reference: str) -> Drawn:
    """Draw a plane of both arrays and their difference."""
    arrays: list[tuple[str, Array]] = [(subject, picture.actual), (reference, picture.expected)]
    comparable = picture.actual.shape == picture.expected.shape

    def draw(figure: Figure, scheme: str) -> None:
        axes = figure.subplots(1, 3 if comparable else 2)
        finite = np.concatenate([array[np.isfinite(array)].ravel() for _, array in arrays])
        bound = max(float(np.abs(finite).max(initial=0.0)), 1e-30)
        for axis, (title, array) in zip(axes, arrays, strict=False):
            image = axis.imshow(array, cmap="viridis", vmin=finite.min(initial=bound), vmax=finite.max(initial=-bound))
            _label(figure, axis, image, f"{_drawable(title)}\n{picture.quantity}{picture.place}")
        if comparable:
            with np.errstate(invalid="ignore"):
                error = picture.actual - picture.expected
            largest = float(np.abs(error[np.isfinite(error)]).max(initial=0.0)) or 1.0
            # of one lightness scale, so that signs are told apart in grey as well
            image = axes[2].imshow(error, cmap="cividis", vmin=-largest, vmax=largest)
            _label(figure, axes[2], image, "difference\n")

    return _draw(draw, (9 if comparable else 6, 2.4), f"{picture.quantity} of {subject} and of {reference}")


def _label(figure: Figure, axis: Any, image: Any, title: str) -> None:
    axis.set_title(title, fontsize=8)
    axis.set_xticks([])
    axis.set_yticks([])
    figure.colorbar(image, ax=axis, shrink=0.8).ax.tick_params(labelsize=7)


def _drawable(name: str) -> str:
    """Escape what the font may lack, and what would be mathematics."""
    return visible(name).encode("ascii", "backslashreplace").decode().replace("$", r"\$")


def _bin(place: int) -> str:
    """Name a place of a histogram by its least distance."""
    if place == LAST:
        return "∞"
    if place < 2:
        return str(place)
    return str(2 ** (place - 1)) if place < 8 else f"$2^{{{place - 1}}}$"


def _draw(draw: Callable[[Figure, str], None], size: tuple[float, float], words: str) -> Drawn:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    found = {}
    for scheme, ink in INK.items():
        names = ("text.color", "axes.labelcolor", "axes.edgecolor", "axes.titlecolor", "xtick.color", "ytick.color")
        settings: dict[Any, Any] = {**dict.fromkeys(names, ink), "axes.facecolor": "none"}
        with mpl.rc_context(settings):
            figure = Figure(figsize=size, layout="constrained")
            FigureCanvasAgg(figure)
            draw(figure, scheme)
            stream = io.BytesIO()
            figure.savefig(stream, format="png", dpi=140, transparent=True)
        found[scheme] = "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
    return Drawn(found["light"], found["dark"], words)
