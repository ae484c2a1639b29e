"""How thick slabs are, and what each layer does for one: each plane between two layers is made once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from .stages import check_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .stages import Shape, Span, Stage

__all__ = ["Step", "shapes_of", "slabs_of", "steps", "thickness"]


class Step(NamedTuple):
    """What a layer does for a slab, in planes of its input and output.

    Attributes:
        read: of the input, what it takes.
        fresh: of these, what is made or read from the source for it; those before were kept.
        kept: of these, what the next slab takes too.
        wanted: of the output, what it makes.
    """

    read: Span
    fresh: Span
    kept: Span
    wanted: Span


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


def slabs_of(depth: int, planes: int) -> list[Span]:
    """Return the spans of a depth, each of so many planes but the last."""
    return [(start, min(start + planes, depth)) for start in range(0, depth, planes)]


def steps(stages: Sequence[Stage], shapes: Sequence[Shape], slabs: Iterable[Span]) -> Iterator[list[Step | None]]:
    """Yield what the layers do for each slab of the output, None for those whose next layer has all that it takes."""
    kept: list[Span] = [(0, 0)] * len(stages)
    for slab in slabs:
        found: list[Step | None] = [None] * len(stages)
        wanted = slab
        for index in reversed(range(len(stages))):
            if wanted[0] == wanted[1]:
                break
            found[index] = step = _step(stages[index], shapes[index : index + 2], wanted, kept[index])
            wanted, kept[index] = step.fresh, step.kept
        yield found


def _step(stage: Stage, shapes: Sequence[Shape], wanted: Span, kept: Span) -> Step:
    start, stop = read = stage.reach(shapes[0], wanted)
    fresh = (min(kept[1], stop), stop) if kept[0] <= start <= kept[1] else read
    after = wanted[1]
    first = stage.reach(shapes[0], (after, after + 1))[0] if after < shapes[1][1] else stop
    return Step(read, fresh, (min(max(first, start), stop), stop), wanted)


def thickness(stages: Sequence[Stage], shapes: Sequence[Shape], limit: int) -> int:
    """Return how many planes a slab may have, one at the least, for a layer's input and output of `limit` numbers."""
    depth = shapes[-1][1]
    of_plane = [shape[0] * math.prod(shape[2:]) for shape in shapes]

    def fits(step: Step | None, before: int, after: int) -> bool:
        return step is None or _length(step.read) * before + _length(step.wanted) * after <= limit

    least, most = 1, depth
    while least < most:
        planes = (least + most + 1) // 2
        made = steps(stages, shapes, slabs_of(depth, planes))
        if all(fits(*each) for found in made for each in zip(found, of_plane, of_plane[1:], strict=False)):
            least = planes
        else:
            most = planes - 1
    return least


def _length(span: Span) -> int:
    return span[1] - span[0]
