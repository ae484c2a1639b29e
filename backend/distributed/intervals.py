"""Arithmetic of shards along one axis: who holds which rows, who needs which, and what travels. No tensors here."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Interval: TypeAlias = tuple[int, int]  # start and stop, in rows of the whole axis

NOTHING: Interval = (0, 0)


def length(interval: Interval) -> int:
    """Return the number of rows.

    >>> length((2, 5)), length((0, 0))
    (3, 0)
    """
    return interval[1] - interval[0]


def common(first: Interval, second: Interval) -> Interval:
    """Return the rows of both; `NOTHING` where there are none.

    >>> common((0, 4), (3, 9)), common((0, 4), (4, 9))
    ((3, 4), (0, 0))
    """
    start, stop = max(first[0], second[0]), min(first[1], second[1])
    return (start, stop) if start < stop else NOTHING


def shards(rows: int, parts: Sequence[int]) -> tuple[Interval, ...]:
    """Split an axis as DTensor does: into chunks of equal size, rounded up, the last ones shorter or empty.

    Args:
        rows: size of the axis, 0 and above.
        parts: sizes of the mesh dimensions that shard it, in their order; each splits what the one before left.

    >>> shards(7, [4])
    ((0, 2), (2, 4), (4, 6), (6, 7))
    >>> shards(5, [4])
    ((0, 2), (2, 4), (4, 5), (5, 5))
    >>> shards(5, [2, 2])
    ((0, 2), (2, 3), (3, 4), (4, 5))
    """
    found: list[Interval] = [(0, rows)]
    for count in parts:
        found = [chunk for each in found for chunk in _chunks(each, count)]
    return tuple(found)


def _chunks(interval: Interval, count: int) -> list[Interval]:
    start, stop = interval
    size = -(-(stop - start) // count)
    cuts = [min(start + size * index, stop) for index in range(count + 1)]
    return list(itertools.pairwise(cuts))


class Piece(NamedTuple):
    """Rows that go to a process or come from it: its place along the axis, and the rows."""

    place: int
    rows: Interval


class Traffic(NamedTuple):
    """What one process sends and receives, in the order of places."""

    sent: tuple[Piece, ...]
    received: tuple[Piece, ...]


def traffic(held: Sequence[Interval], wanted: Sequence[Interval], place: int) -> Traffic:
    """Say what the process at `place` sends of what it holds, and receives of what it wants.

    >>> traffic([(0, 4), (4, 8)], [(0, 5), (3, 8)], 0)
    Traffic(sent=(Piece(place=1, rows=(3, 4)),), received=(Piece(place=1, rows=(4, 5)),))
    """
    return Traffic(_overlaps(held[place], wanted, place), _overlaps(wanted[place], held, place))


def _overlaps(mine: Interval, theirs: Sequence[Interval], place: int) -> tuple[Piece, ...]:
    found = ((other, common(mine, each)) for other, each in enumerate(theirs) if other != place)
    return tuple(Piece(other, rows) for other, rows in found if length(rows))


def exchanged(held: Sequence[Interval], wanted: Sequence[Interval]) -> int:
    """Return how many rows travel in all, over all processes.

    >>> exchanged([(0, 4), (4, 8)], [(0, 5), (3, 8)])
    2
    """
    return sum(length(piece.rows) for place in range(len(held)) for piece in traffic(held, wanted, place).received)


class Reach(NamedTuple):
    """One axis of an operator: output row o and tap a meet at `stride * i + dilation * a - low == o`, i an input row.

    That is a transposed convolution. An ordinary one has input and output exchanged.
    """

    kernel_size: int
    stride: int
    dilation: int
    low: int
    rows_in: int
    rows_out: int

    def coarse(self, fine: Interval) -> Interval:
        """Return the rows of the coarse axis that meet rows of the fine one.

        >>> Reach(3, 2, 1, 1, 4, 7).coarse((3, 4))  # 3 + 1 = 2 * i + a, a in 0..2
        (1, 3)
        """
        if not length(fine):
            return NOTHING
        span = self.dilation * (self.kernel_size - 1)
        first = -((span - fine[0] - self.low) // self.stride)
        last = (fine[1] - 1 + self.low) // self.stride + 1
        return common((first, last), (0, self.rows_in))

    def fine(self, coarse: Interval) -> Interval:
        """Return the rows of the fine axis that meet rows of the coarse one, and those between them.

        >>> Reach(3, 2, 1, 1, 4, 7).fine((1, 3))
        (1, 6)
        """
        if not length(coarse):
            return NOTHING
        first = coarse[0] * self.stride - self.low
        last = (coarse[1] - 1) * self.stride + self.dilation * (self.kernel_size - 1) + 1 - self.low
        return common((first, last), (0, self.rows_out))
