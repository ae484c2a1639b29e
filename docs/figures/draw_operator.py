"""Draw docs/figures/operator.svg: one axis of the operator, step by step.

Run: python docs/figures/draw_operator.py
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from fourfold.backend import ConvTranspose3dSpec
from fourfold.compat.bench.plots import for_dark_pages

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ["#4477AA", "#EE6677", "#228833"]  # one per input voxel; told apart with any colour vision
KEPT, CUT, ADDED = "#F4F1E8", "#D9D9D9", "#FFFFFF"


@dataclass(frozen=True)
class Panel:
    title: str
    spec: ConvTranspose3dSpec


def line(**options: int) -> ConvTranspose3dSpec:
    """Return a one-axis operator with a kernel of three taps."""
    return ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=3, **options)


PANELS = [
    Panel("kernel_size 3, stride 2: every input voxel stamps the kernel, two cells apart", line(stride=2)),
    Panel("padding 1: one cell is cut from each side", line(stride=2, padding=1)),
    Panel("padding 1, output_padding 1: the slice reaches further", line(stride=2, padding=1, output_padding=1)),
    Panel("padding 0, output_padding 1: past the end there are zeros", line(stride=2, output_padding=1)),
    Panel("stride 2, dilation 2, padding 1: the taps stand two cells apart", line(stride=2, dilation=2, padding=1)),
]
INPUT = 3


def cell(axes: Axes, x: float, y: float, face: str, edge: str = "black", style: str = "-") -> None:
    """Draw one voxel."""
    axes.add_patch(
        FancyBboxPatch(
            (x + 0.06, y), 0.88, 0.8, boxstyle="round,pad=0,rounding_size=0.1", fc=face, ec=edge, ls=style, lw=1.1
        )
    )


def draw(axes: Axes, panel: Panel) -> None:
    """Draw input, stamps, the full result and the slice that is the output."""
    spec, size = panel.spec, (INPUT, INPUT, INPUT)
    stride, dilation, (low, _), full = spec.stride[0], spec.dilation[0], spec.padding[0], spec.full_size(size)[0]
    length = spec.output_size(size)[0]
    for voxel in range(INPUT):
        place = voxel * stride
        left = place + dilation * (spec.kernel_size[0] - 1) / 2
        cell(axes, left, 2.5, COLOURS[voxel])
        axes.text(left + 0.5, 2.9, f"x{voxel}", ha="center", va="center", color="white", fontsize=9, weight="bold")
        for tap in range(spec.kernel_size[0]):
            start, end = (left + 0.5, 2.5), (place + tap * dilation + 0.5, 0.85)
            axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=8, color=COLOURS[voxel], lw=1))
    for position in range(max(full, low + length)):
        inside = low <= position < low + length
        beyond = position >= full
        cell(axes, position, 0, ADDED if beyond else KEPT if inside else CUT, style=":" if beyond else "-")
        axes.text(position + 0.5, 0.4, "0" if beyond else "", ha="center", va="center", fontsize=9)
    axes.annotate(
        "", (low, -0.35), (low + length, -0.35), arrowprops={"arrowstyle": "|-|,widthA=0.3,widthB=0.3", "lw": 1.4}
    )
    axes.text(low + length / 2, -0.62, f"output: {length}", ha="center", va="top", fontsize=9)
    axes.text(-0.3, 2.9, "input", ha="right", va="center", fontsize=9)
    axes.text(-0.3, 0.4, "full", ha="right", va="center", fontsize=9)
    axes.set_title(panel.title, loc="left", fontsize=10)
    axes.set_xlim(-1.6, 10)
    axes.set_ylim(-1.3, 3.5)
    axes.set_aspect("equal")
    axes.axis("off")


def main() -> None:
    """Write the figure beside this file; the same bytes every time."""
    mpl.rcParams["svg.hashsalt"] = "fourfold"
    figure, rows = plt.subplots(len(PANELS), 1, figsize=(7.2, 2.75 * len(PANELS)), layout="constrained")
    for axes, panel in zip(rows, PANELS, strict=True):
        draw(axes, panel)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    Path(__file__).with_name("operator.svg").write_text(for_dark_pages(text.getvalue()), encoding="utf-8")


if __name__ == "__main__":
    main()
