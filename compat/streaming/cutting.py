"""How thick slabs are, and which planes of each layer's input a slab of the output takes."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from .stages import check_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .stages import Shape, Span, Stage

__all__ = ["footprint", "shapes_of", "spans_of", "thickness"]


def shapes_of(stages: Sequence[Stage], shape: Shape) -> list[Shape]:
    """Return the shapes between the layers: of the source first, of the output last.

    Raises:
        ValueError: a layer does not take what the one before it makes.
    """
    shapes = [shape]
    for stage in stages:
        made = stage.output_shape(shapes[-1])
        check_size(stage, shapes[-1], made)
        shapes.append(made)
    return shapes


def spans_of(stages: Sequence[Stage], shapes: Sequence[Shape], wanted: Span) -> list[Span]:
    """Return the planes between the layers that a span of the output takes: of the source first, the span last."""
    spans = [wanted]
    for stage, shape in zip(reversed(stages), reversed(shapes[:-1]), strict=True):
        spans.append(stage.reach(shape, spans[-1]))
    return spans[::-1]


def footprint(stages: Sequence[Stage], shapes: Sequence[Shape], wanted: Span) -> int:
    """Return how many numbers the input and the output of a layer have together, of the layer where that is most."""
    planes = [stop - start for start, stop in spans_of(stages, shapes, wanted)]
    sizes = [count * shape[0] * math.prod(shape[2:]) for count, shape in zip(planes, shapes, strict=True)]
    return max(before + after for before, after in itertools.pairwise(sizes))


def thickness(stages: Sequence[Stage], shapes: Sequence[Shape], limit: int) -> int:
    """Return how many planes a slab of the output may have, one at the least, for a `footprint` of at most `limit`."""
    depth = shapes[-1][1]
    least, most = 1, depth
    while least < most:
        planes = (least + most + 1) // 2
        slabs = ((start, min(start + planes, depth)) for start in range(0, depth, planes))
        if all(footprint(stages, shapes, slab) <= limit for slab in slabs):
            least = planes
        else:
            most = planes - 1
    return least
