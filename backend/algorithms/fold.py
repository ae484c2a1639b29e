"""One matrix product for all taps, whose rows are then added up where they overlap.

With a kernel as large as the stride nothing overlaps: it is the product and the interleaving alone. Where
out_channels / groups is small, the products of other algorithms are thin; here the taps are rows too. They are added
axis by axis, all those of the other axes at once, which makes few additions of many numbers. Nothing is padded, so
small volumes cost no more than their voxels. The weight is used as it lies.

Cost: the products of the definition at the speed of a matrix product with taps times out_channels / groups rows; one
addition per tap that overlaps another, output channel and input voxel; one more pass over the output to interleave.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import torch

from ..execution.geometry import phases
from ..execution.layout import merge
from ..execution.memory import Scratch
from ..execution.products import multiply_each, sums_of
from ..planning import costs
from ..planning.costs import Counts
from .flat import ROWS, leading, no_product

if TYPE_CHECKING:
    from ..execution.geometry import Phase
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec


class Fold:
    """A matrix product over the taps, then sums."""

    name = "fold"
    slab = 6 * 2**20  # what neighbouring slabs share is computed twice
    alone = slab

    def refusal(self, case: Case) -> str | None:
        """It needs a floating-point matrix product."""
        return no_product(case)

    def counts(self, case: Case) -> Counts:
        """Count the products; the sums; the interleaving."""
        spec = case.spec
        taps = math.prod(spec.kernel_size)
        terms, rows = spec.in_channels / spec.groups, spec.out_channels / spec.groups * taps
        work = costs.products(case, "bfloat16_sums") * costs.halo(case, self.workspace(case), self.slab)
        additions, passes, left = 0, 1.0, 1.0
        for k, s in zip(spec.kernel_size, spec.stride, strict=True):
            additions += max(0, k - s)
            passes += 2 * left * max(0, k - s) / k
            left *= min(1.0, s / k)
        step, many = _blocks(spec)
        blocks = -(-spec.out_channels // (step * many))
        number = costs.slabs(case, self.workspace(case), self.slab)
        empty = any(k < s for k, s in zip(spec.kernel_size, spec.stride, strict=True))
        return Counts(
            f"fold/{costs.dtype_of(case, self.operands(case))}/{costs.layout_of(case)}",
            {
                **costs.multiplied(work, case, terms, rows),
                "sums": costs.written(case, case.input_voxels * spec.out_channels * taps * passes),
                "empty phases": costs.passes(case) if empty else 0.0,
                "passes": costs.passes(case),
                "weights": costs.weights(case),
                "calls": costs.calls(case, number),
                "steps": costs.calls(case, number * blocks),
                "additions": costs.calls(case, number * blocks * additions),
                "cast": costs.cast(case, self.operands(case)),
                **costs.interleaved(case),
            },
        )

    def operands(self, case: Case) -> torch.dtype:
        """Products whose results are added up."""
        return costs.operands(case, "bfloat16_sums")

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
        batch, _, *size = input.shape
        axes = phases(spec, (size[0], size[1], size[2]))
        weight, scratch = prepared
        voxels = batch * math.prod(size)
        operands = scratch.empty("input", (*weight.shape[:2], leading(voxels)), input)
        box = torch.unflatten(operands[..., :voxels], 2, (batch, *size))
        box.copy_(torch.unflatten(input, 1, weight.shape[:2]).permute(1, 2, 0, 3, 4, 5))
        operands[..., voxels:] = 0
        taps, width = math.prod(spec.kernel_size), spec.out_channels // spec.groups
        step, many = (width, spec.groups) if input.device.type != "cpu" else _blocks(spec)
        product = scratch.empty("product", (many, taps * step, operands.size(2)), input, sums_of(input.dtype))
        for group, first in itertools.product(range(0, spec.groups, many), range(0, width, step)):
            groups, here = slice(group, min(group + many, spec.groups)), slice(first, min(first + step, width))
            number, rows = groups.stop - groups.start, taps * (here.stop - here.start)
            matrices = weight[groups, :, taps * here.start : taps * here.stop].transpose(1, 2)
            result = product[:number, :rows]
            multiply_each(matrices, operands[groups], result)
            sums = torch.unflatten(result[..., :voxels], 2, (batch, *size))
            sums = torch.unflatten(sums, 1, (-1, *spec.kernel_size)).flatten(0, 1)
            for axis in range(3):
                sums = _add(sums, axis, axes[axis], scratch)
            channels = slice(group * width + here.start, (groups.stop - 1) * width + here.stop)
            if bias is not None:
                sums += bias[channels].reshape(-1, 1, 1, 1, 1, 1, 1, 1)
            merge(output[:, channels], sums.permute(1, 2, 3, 4, 0, 5, 6, 7), spec.stride)


def _blocks(spec: ConvTranspose3dSpec) -> tuple[int, int]:
    """Return how many output channels of a group, and how many groups, are computed together."""
    width = spec.out_channels // spec.groups
    channels = max(1, ROWS // math.prod(spec.kernel_size))
    return min(width, channels), min(spec.groups, max(1, channels // width))


def _add(rows: torch.Tensor, axis: int, of_axis: tuple[Phase, ...], scratch: Scratch) -> torch.Tensor:
    """Sum the taps of each phase of an axis: of rows (channels, kernel_size, N, D, H, W) it becomes phases."""
    taps, length = axis + 1, axis + 5
    size, number = rows.size(length), of_axis[0].length
    base = _base(of_axis, size)
    if base is not None:
        return _add_in_place(rows, axis, of_axis, *base)
    shape = list(rows.shape)
    shape[taps], shape[length] = len(of_axis), number
    sums = scratch.empty(f"sums {axis}", shape, rows)
    for index, phase in enumerate(of_axis):
        target = sums.select(taps, index)
        ranges = {tap: _range(shift, number, size) for tap, shift in phase.taps}
        edges = sorted({0, number, *(edge for ends in ranges.values() for edge in ends)})
        for start, stop in itertools.pairwise(edges):
            parts = [
                rows.select(taps, tap).narrow(length - 1, start + shift, stop - start)
                for tap, shift in phase.taps
                if ranges[tap][0] <= start and stop <= ranges[tap][1]
            ]
            _sum(target.narrow(length - 1, start, stop - start), parts)
    return sums


def _base(of_axis: tuple[Phase, ...], size: int) -> tuple[int, int] | None:
    """Return the first phase's tap onto which the others can be added, and its shift; the next phases' taps follow it.

    It reaches every position of its phase, and so do they, at the same shift. There may be none.
    """
    for tap, shift in of_axis[0].taps:
        reaches = 0 <= shift <= size - of_axis[0].length
        if reaches and all((tap + index, shift) in phase.taps for index, phase in enumerate(of_axis)):
            return tap, shift
    return None


def _add_in_place(rows: torch.Tensor, axis: int, of_axis: tuple[Phase, ...], first: int, base: int) -> torch.Tensor:
    """Add every phase's other taps onto its row of `first` and the next ones, and return those."""
    taps, length = axis + 1, axis + 5
    for index, phase in enumerate(of_axis):
        for tap, shift in phase.taps:
            start, stop = _range(shift, phase.length, rows.size(length))
            if start < stop and tap != first + index:
                target = rows.select(taps, first + index).narrow(length - 1, base + start, stop - start)
                target += rows.select(taps, tap).narrow(length - 1, start + shift, stop - start)
    return rows.narrow(taps, first, len(of_axis)).narrow(length, base, of_axis[0].length)


def _range(shift: int, number: int, size: int) -> tuple[int, int]:
    """Return where, of `number` positions, those that a shift away are between 0 and `size`."""
    start = min(max(0, -shift), number)
    return start, max(start, min(number, size - shift))


def _sum(target: torch.Tensor, parts: list[torch.Tensor]) -> None:
    if len(parts) < 2:
        target.copy_(parts[0]) if parts else target.zero_()
        return
    torch.add(parts[0], parts[1], out=target)
    for part in parts[2:]:
        target += part
