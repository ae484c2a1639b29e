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

from ..geometry import phases
from ..layout import interleave
from .taps import DTYPES

if TYPE_CHECKING:
    from ..case import Case
    from ..geometry import Phase
    from ..spec import ConvTranspose3dSpec


class Fold:
    """A matrix product over the taps, then sums."""

    name = "fold"

    def refusal(self, case: Case) -> str | None:
        """It needs a floating-point matrix product."""
        if case.sums_in not in DTYPES:
            return f"torch multiplies no {case.dtype} matrices fast"
        return None

    def cost(self, case: Case) -> float:
        """Predicted seconds: the products, the sums, and the interleaving."""
        return 1.0

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
        batch = input.size(0)
        size = (input.size(2), input.size(3), input.size(4))
        axes = phases(spec, size)
        flat = input.transpose(0, 1).reshape(spec.in_channels, -1)
        depth = spec.in_channels // spec.groups
        width = spec.out_channels // spec.groups
        for group in range(spec.groups):
            product = prepared[group].t() @ flat[group * depth : (group + 1) * depth]
            rows = product.view(width, *spec.kernel_size, batch, *size)
            of_group = slice(group * width, (group + 1) * width)
            part = _Sums(rows, None if bias is None else bias[of_group], axes)
            interleave(output[:, of_group], part, spec.stride)


class _Sums:
    """The sums of one phase at a time, (N, C, D, H, W)."""

    def __init__(self, rows: torch.Tensor, bias: torch.Tensor | None, axes: tuple[tuple[Phase, ...], ...]) -> None:
        self.rows, self.axes = rows, axes
        self.bias = None if bias is None else bias.reshape(-1, 1, 1, 1, 1)

    def __call__(self, p: int, q: int, r: int) -> torch.Tensor:
        depth, height, width = self.axes[0][p], self.axes[1][q], self.axes[2][r]
        channels, _, _, _, batch, *size = self.rows.shape
        shape = (channels, batch, depth.length, height.length, width.length)
        sums: torch.Tensor | None = None
        for (a, i), (b, j), (c, k) in itertools.product(depth.taps, height.taps, width.taps):
            (to_d, from_d), (to_h, from_h), (to_w, from_w) = (
                _overlap(shift, count, length) for shift, count, length in zip((i, j, k), shape[2:], size, strict=True)
            )
            row = self.rows[:, a, b, c, :, from_d, from_h, from_w]
            if sums is None and row.shape == shape:
                sums = row if self.bias is None else row.add_(self.bias)
                continue
            if sums is None:
                sums = self._start(shape)
            sums[:, :, to_d, to_h, to_w] += row
        return (self._start(shape) if sums is None else sums).transpose(0, 1)

    def _start(self, shape: tuple[int, ...]) -> torch.Tensor:
        if self.bias is None:
            return torch.zeros(shape, dtype=self.rows.dtype, device="cpu")
        return torch.empty(shape, dtype=self.rows.dtype, device="cpu").copy_(self.bias)


def _overlap(shift: int, count: int, length: int) -> tuple[slice, slice]:
    """Positions j < count of a phase with 0 <= j + shift < length, and the inputs they read."""
    first = max(0, -shift)
    last = max(first, min(count, length - shift))
    return slice(first, last), slice(first + shift, last + shift)
