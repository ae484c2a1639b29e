"""A slab as a matrix: channels by voxels, padded by zeros so that a shift in space is an offset in memory.

The products of `taps` and `fold` read their operand at such offsets, and leave their results in positions of the same
strides. Everything a slab needs is copied together first: rows that lie far apart in a large volume are slow to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from ..caching import remembered
from ..execution.geometry import phases

if TYPE_CHECKING:
    from ..arguments import Triple
    from ..execution.memory import Scratch
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec

_DTYPES = (torch.float32, torch.float64)
_LINE = 16  # elements
# Rows of one matrix product on a CPU: with a slab's columns its result stays near the cache.
ROWS = 512


class Flat(NamedTuple):
    """Where the voxels of a slab lie in its flat form.

    `front` are the zeros before the first voxel along D, H and W; `origin` is the position of the first voxel, `number`
    the positions of the phases that have the most, and `length` the flat positions from the first to the last of them,
    rounded up: MKL is up to twice as fast on whole lines of a cache.
    """

    padded: Triple
    front: Triple
    strides: tuple[int, int, int, int]
    origin: int
    number: Triple
    length: int

    @property
    def positions(self) -> int:
        """Flat positions of one sample."""
        return self.strides[0]


@remembered
def flat(spec: ConvTranspose3dSpec, batch: int, size: Triple) -> Flat:
    """Return the flat form of an input in which every tap of every phase finds a voxel or a zero."""
    axes = phases(spec, size)
    front, padded = [], []
    for axis, length in zip(axes, size, strict=True):
        longest = axis[0].length  # products are as long for the other phases, whose last position may be cut
        shifts = [shift for phase in axis for _, shift in phase.taps]
        before = max(0, -min(shifts, default=0))
        after = max(0, longest - length + max(0, max(shifts, default=0)))
        front.append(before)
        padded.append(before + length + after)
    depth, height, width = padded
    strides = (depth * height * width, height * width, width, 1)
    origin = sum(amount * step for amount, step in zip(front, strides[1:], strict=True))
    count = (axes[0][0].length, axes[1][0].length, axes[2][0].length)
    last = (batch - 1) * strides[0] + sum((n - 1) * step for n, step in zip(count, strides[1:], strict=True))
    length = (last // _LINE + 1) * _LINE
    return Flat((depth, height, width), (front[0], front[1], front[2]), strides, origin, count, length)


def flatten(input: torch.Tensor, form: Flat, groups: int, scratch: Scratch, *, ones: bool = False) -> torch.Tensor:
    """Return the slab as (groups, channels of a group, flat positions and more); `ones` adds a row of ones to each."""
    batch, channels, *size = input.shape
    depth = channels // groups
    positions = batch * form.positions
    columns = leading(positions + _LINE)  # products read up to a line more
    matrix = scratch.empty("input", (groups, depth + ones, columns), input)
    if form.padded != tuple(size):
        matrix.zero_()
    else:
        matrix[:, :, positions:] = 0
    if ones:
        matrix[:, depth] = 1
    boxes = torch.unflatten(matrix[:, :depth, :positions], 2, (batch, *form.padded))
    for axis, (first, length) in enumerate(zip(form.front, size, strict=True)):
        boxes = boxes.narrow(axis + 3, first, length)
    boxes.copy_(torch.unflatten(input, 1, (groups, depth)).permute(1, 2, 0, 3, 4, 5))
    return matrix


def leading(columns: int) -> int:
    """Return how far apart rows of a matrix lie: whole lines of a cache, and not all in the same place of it."""
    lines = -(-columns // _LINE)
    return _LINE * (lines + (lines % 64 == 0))


def no_product(case: Case) -> str | None:
    """Why torch's matrix product cannot take the place of a convolution, or None where it can."""
    if case.sums_in not in _DTYPES:
        if case.gpu is not None:
            return f"each product would round its sums to {case.dtype}"
        return f"torch multiplies no {case.dtype} matrices fast"
    if case.gpu is not None and case.dtype is torch.float32 and case.gpu.matmul_tf32 and not case.gpu.conv_tf32:
        return "torch's flags allow TF32 in matrix products and not in convolutions"
    return None


def padded(case: Case) -> float:
    """How many times the positions of the input the padded, flat volume has, about."""
    factor = 1.0
    first = 0 if case.batch > 1 else 1  # between samples there are zeros along D too
    for axis, length in zip(phases(case.spec, case.size)[first:], case.size[first:], strict=True):
        shifts = [shift for phase in axis for _, shift in phase.taps]
        factor *= 1 + (max(shifts, default=0) - min(shifts, default=0)) / length
    return factor
