"""One matrix product for all taps, whose rows are then added up where they overlap.

With a kernel as large as the stride nothing overlaps: it is the product and the interleaving alone. Where
out_channels / groups is small, the products of other algorithms are thin; here the taps are rows too, and are added
phase by phase, from contiguous runs to contiguous runs, while they are in the cache. The weight is used as it lies.

Cost: the products of the definition at the speed of a matrix product with taps times out_channels / groups rows; one
addition per tap that overlaps another, output channel and input voxel; one more pass over the output to interleave.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import torch

from .. import costs
from ..geometry import phases
from ..layout import merge
from ..memory import Scratch
from .flat import flat, flatten, no_product, padded

if TYPE_CHECKING:
    from ..case import Case
    from ..geometry import Phase
    from ..spec import ConvTranspose3dSpec


# Rows of one matrix product on a CPU: with a slab's columns its result stays in the cache.
_ROWS = 512


class Fold:
    """A matrix product over the taps, then sums."""

    name = "fold"
    slab = 4 * 2**20  # what neighbouring slabs share is computed twice

    def refusal(self, case: Case) -> str | None:
        """It needs a floating-point matrix product."""
        return no_product(case)

    def cost(self, case: Case) -> float:
        """Predicted seconds: the products, of the padding too; the sums; the interleaving."""
        spec = case.spec
        taps = math.prod(spec.kernel_size)
        rows = spec.out_channels / spec.groups * taps
        work = 1.1 * costs.products(case) * costs.product(case, spec.in_channels / spec.groups, rows) * padded(case)
        work *= costs.halo(case, self.workspace(case), self.slab)
        added = case.input_voxels * spec.out_channels * taps * case.sums_in.itemsize * padded(case)
        overlap = any(k > s for k, s in zip(spec.kernel_size, spec.stride, strict=True))
        sums = added * (3 if overlap else 1) / (costs.WRITE * case.threads)
        calls = (10 + 3 * taps + 4 * math.prod(spec.stride)) * costs.slabs(case, self.workspace(case), self.slab)
        return calls * costs.CALL + work + sums + costs.interleaving(case)

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: each tap's row of a block of the channels, and the sums."""
        spec = case.spec
        taps, count = math.prod(spec.kernel_size), math.prod(spec.stride)
        rows = taps * math.prod(_blocks(spec))
        return case.sums_in.itemsize * rows * (1 / count + 2 / max(taps, count))

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Take the weight as it lies: (groups, in_channels / groups, rows of all taps of all output channels)."""
        return weight.reshape(spec.groups, spec.in_channels // spec.groups, -1), Scratch()

    def compute(
        self,
        input: torch.Tensor,
        prepared: Any,
        bias: torch.Tensor | None,
        spec: ConvTranspose3dSpec,
        output: torch.Tensor,
    ) -> None:
        """Write the output of one slab."""
        batch, size = input.size(0), (input.size(2), input.size(3), input.size(4))
        axes, form = phases(spec, size), flat(spec, batch, size)
        weight, scratch = prepared
        operands = flatten(input, form, spec.groups, scratch)
        taps, width = math.prod(spec.kernel_size), spec.out_channels // spec.groups
        line = operands.size(2)
        step, many = (width, spec.groups) if input.device.type != "cpu" else _blocks(spec)
        product = scratch.empty("product", (many, taps * step, line), input)
        for group, first in itertools.product(range(0, spec.groups, many), range(0, width, step)):
            groups, here = slice(group, min(group + many, spec.groups)), slice(first, min(first + step, width))
            number, rows = groups.stop - groups.start, taps * (here.stop - here.start)
            matrices = weight[groups, :, taps * here.start : taps * here.stop].transpose(1, 2)
            result = product[:number, :rows]
            if number == 1:
                torch.mm(matrices[0], operands[group], out=result[0])
            else:
                torch.bmm(matrices, operands[groups], out=result)
            sums, origin = result.unflatten(1, (-1, *spec.kernel_size)).flatten(0, 1), form.origin
            for axis in range(3):
                sums, moved = _add(sums, axis + 1, axes[axis], form.strides[axis + 1], scratch)
                origin += moved
            channels = slice(group * width + here.start, (groups.stop - 1) * width + here.stop)
            if bias is not None:
                sums += bias[channels].reshape(-1, 1, 1, 1, 1)
            steps = sums.stride()
            read = sums.as_strided(
                (*sums.shape[1:4], batch, sums.size(0), *form.number),
                (*steps[1:4], form.strides[0], steps[0], *form.strides[1:]),
                sums.storage_offset() + origin,
            )
            merge(output[:, channels], read, spec.stride)


def _blocks(spec: ConvTranspose3dSpec) -> tuple[int, int]:
    """Return how many output channels of a group, and how many groups, are computed together."""
    width = spec.out_channels // spec.groups
    channels = max(1, _ROWS // math.prod(spec.kernel_size))
    return min(width, channels), min(spec.groups, max(1, channels // width))


def _add(
    rows: torch.Tensor, axis: int, of_axis: tuple[Phase, ...], step: int, scratch: Scratch
) -> tuple[torch.Tensor, int]:
    """Sum the taps of each phase of an axis; return the sums, and by how much their positions are moved."""
    shifts = [shift for phase in of_axis for _, shift in phase.taps]
    low, reach = min(shifts, default=0), max(shifts, default=0) - min(shifts, default=0)
    positions = rows.size(-1) - reach * step
    taps = [phase.taps[0][0] for phase in of_axis if phase.taps]
    if reach == 0 and all(len(phase.taps) == 1 for phase in of_axis) and taps == list(range(taps[0], taps[-1] + 1)):
        return rows.narrow(axis, taps[0], len(taps)), low * step
    shape = (*rows.shape[:axis], len(of_axis), *rows.shape[axis + 1 : -1], positions)
    sums = scratch.empty(f"sums {axis}", shape, rows)
    for index, phase in enumerate(of_axis):
        target = sums.select(axis, index)
        parts = [rows.select(axis, tap).narrow(-1, (shift - low) * step, positions) for tap, shift in phase.taps]
        if len(parts) < 2:
            target.copy_(parts[0]) if parts else target.zero_()
            continue
        torch.add(parts[0], parts[1], out=target)
        for part in parts[2:]:
            target += part
    return sums, low * step
