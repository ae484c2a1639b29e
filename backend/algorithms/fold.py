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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from .. import costs
from ..geometry import phases
from ..layout import interleave
from .taps import flatten, no_product, padded, span

if TYPE_CHECKING:
    from ..case import Case
    from ..geometry import Phase
    from ..spec import ConvTranspose3dSpec


class Fold:
    """A matrix product over the taps, then sums."""

    name = "fold"
    slab = 16 * 2**20  # what neighbouring slabs share is computed twice

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
        """Bytes per output voxel: each tap's row, and the sums."""
        spec = case.spec
        overlap = math.prod(spec.kernel_size) / math.prod(spec.stride)
        return case.sums_in.itemsize * spec.out_channels * (overlap + 1)

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Take the weight as it lies: (groups, in_channels / groups, rows of all taps of all output channels)."""
        return weight.reshape(spec.groups, spec.in_channels // spec.groups, -1)

    def compute(
        self,
        input: torch.Tensor,
        prepared: Any,
        bias: torch.Tensor | None,
        spec: ConvTranspose3dSpec,
        output: torch.Tensor,
    ) -> None:
        """Write the output of one slab."""
        size = (input.size(2), input.size(3), input.size(4))
        axes = phases(spec, size)
        flat, strides, origin = flatten(input, axes)
        if spec.groups == 1:
            product = prepared[0].t() @ flat
        else:
            product = torch.bmm(prepared.transpose(1, 2), torch.unflatten(flat, 0, (spec.groups, -1)))
        sums = _Sums(
            product.view(spec.out_channels, *spec.kernel_size, -1),
            None if bias is None else bias.unsqueeze(-1),
            axes,
            input.size(0),
            strides,
            origin,
        )
        interleave(output, sums, spec.stride)


@dataclass(frozen=True)
class _Sums:
    """Adds the rows of one phase at a time; gives (N, C, D, H, W)."""

    rows: torch.Tensor
    bias: torch.Tensor | None
    axes: tuple[tuple[Phase, ...], ...]
    batch: int
    strides: tuple[int, int, int, int]
    origin: int

    def __call__(self, p: int, q: int, r: int) -> torch.Tensor:
        count = [axis[0].length for axis in self.axes]
        length = span(self.batch, count, self.strides)
        sums: torch.Tensor | None = None
        alone = True
        taps = itertools.product(self.axes[0][p].taps, self.axes[1][q].taps, self.axes[2][r].taps)
        for (a, i), (b, j), (c, k) in taps:
            offset = self.origin + i * self.strides[1] + j * self.strides[2] + k
            row = self.rows[:, a, b, c, offset : offset + length]
            if sums is None:
                sums = row
            elif alone:
                sums, alone = sums + row, False
            else:
                sums += row
        if sums is None:
            empty = self.rows.new_zeros(self.rows.size(0), 1) if self.bias is None else self.bias
            return empty.reshape(1, -1, 1, 1, 1).expand(self.batch, -1, *count)
        if self.bias is not None:
            sums = sums + self.bias if alone else sums.add_(self.bias)
        return sums.as_strided(
            (self.batch, sums.size(0), *count),
            (self.strides[0], sums.stride(0), *(step * sums.stride(1) for step in self.strides[1:])),
            sums.storage_offset(),
        )
