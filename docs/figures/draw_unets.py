"""Draw docs/figures/three-unets.svg: what three frameworks recorded of their U-Nets, and what plain torch computes.

Run: python docs/figures/draw_unets.py
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.image import imsave

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "unet"))

from port import Ported, port  # noqa: E402

NAMES = {"fluid": "Paddle fluid 1.8.5", "megengine": "MegEngine 1.13.0", "oneflow": "OneFlow 0.9.0"}
CARD, GAP, HEIGHT, MARGIN = 284, 14, 214, 16  # in pixels, as all below
PICTURE = (120, 96)
# Text and cards follow the page, dark or light; each text stands on its card, so that either can be read on any page.
STYLE = """
  .card { fill: #f6f8fa; stroke: #d0d7de }
  text { fill: #1f2328; font-family: system-ui, sans-serif; font-size: 13px }
  .title { font-size: 16px; font-weight: 600 }
  .dim { fill: #57606a }
  image { image-rendering: pixelated }
  @media (prefers-color-scheme: dark) {
    .card { fill: #161b22; stroke: #30363d }
    text { fill: #e6edf3 }
    .dim { fill: #9da7b3 }
  }
"""


def slice_of(volume: Any, bound: float) -> str:
    """Return the middle slice of a volume (1, 1, D, H, W) as a PNG, a pixel per voxel, colours for -bound..bound."""
    file = io.BytesIO()
    imsave(file, volume[0, 0, volume.shape[2] // 2], cmap="PuOr_r", vmin=-bound, vmax=bound, format="png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def card(left: int, name: str, ported: Ported) -> list[str]:
    """Return the elements of one framework: its name, both slices and what was compared."""
    bound = float(np.abs(ported.there).max())
    difference = float(np.abs(ported.here - ported.there).max())
    width, height = PICTURE
    right = left + CARD - MARGIN - width
    result = ported.verification
    verdict = f"{len(ported.report.tensors)} tensors, {len(result.layers)} layers: {'agree' if ported.ok else 'DIFFER'}"
    return [
        f'<rect class="card" x="{left}" y="1" width="{CARD}" height="{HEIGHT - 2}" rx="8"/>',
        f'<text class="title" x="{left + MARGIN}" y="30">{name}</text>',
        f'<image x="{left + MARGIN}" y="44" width="{width}" height="{height}" href="{slice_of(ported.there, bound)}"/>',
        f'<image x="{right}" y="44" width="{width}" height="{height}" href="{slice_of(ported.here, bound)}"/>',
        f'<text class="dim" x="{left + MARGIN}" y="158">recorded there</text>',
        f'<text class="dim" x="{right}" y="158">plain torch, here</text>',
        f'<text x="{left + MARGIN}" y="182">{verdict}</text>',
        f'<text x="{left + MARGIN}" y="201">{difference:.1e} apart, values to {bound:.1f}</text>',
    ]


def drawing() -> str:
    """Return the SVG."""
    width = len(NAMES) * (CARD + GAP) - GAP + 2
    elements = [
        element
        for number, (framework, name) in enumerate(NAMES.items())
        for element in card(1 + number * (CARD + GAP), name, port(framework))
    ]
    size = f'viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            "<title>Outputs of three U-Nets: as their frameworks recorded them, and as plain torch has them</title>",
            f"<style>{STYLE}</style>",
            *elements,
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    (Path(__file__).parent / "three-unets.svg").write_text(drawing(), encoding="utf-8")
