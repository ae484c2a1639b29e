"""The weight's gradient from matrix products of rows, for groups of few channels; the input's gradient is torch's own.

A tap's gradient is the sum, over all voxels, of an input voxel times the gradient of the output voxel that it reaches
through the tap. Two rows, of the input and of the output's gradient, belong together for each tap along D and H; the
product of all first rows with all second ones has the taps along W on its diagonals, `dilation` apart, with a slope of
`stride`. Rows are cut into pieces, so that little else is computed.

Cost: the products of the definition, times the width of a piece's window by the taps along W, at the speed of small
matrix products; three passes over the output's gradient; torch's gradient of the input.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from ..planning import costs
from ..planning.costs import Counts
from .flat import no_product
from .native import native_gradients

if TYPE_CHECKING:
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec

_PIECE = 16  # voxels of an input row
_MOST_PAIRS = 4  # of an input and an output channel; most of a product is of no use, which others save


class RowsGradient:
    """Diagonals of products of rows."""

    name = "rows"
    slab = 64 * 2**20

    def refusal(self, case: Case) -> str | None:
        """It needs a floating-point matrix product, and few channels: all pairs of a group have products."""
        spec = case.spec
        pairs = spec.in_channels * spec.out_channels // spec.groups
        if pairs > _MOST_PAIRS * spec.groups:
            return f"groups have {pairs // spec.groups} pairs of channels, it is for {_MOST_PAIRS} at most"
        piece, pieces, window = _pieces(spec, case.size[2])
        bytes = pieces * piece * window * pairs * case.sums_in.itemsize
        if bytes > self.slab:
            return f"its products would take {bytes / 2**20:.0f} MiB, of any slab"
        return no_product(case)

    def counts(self, case: Case) -> Counts:
        """Count the products of the pieces, the passes, and torch's gradient of the input."""
        spec = case.spec
        piece, pieces, window = _pieces(spec, case.size[2])
        excess = pieces * piece / case.size[2] * window / spec.kernel_size[2]
        number = int(costs.slabs(case, self.workspace(case), self.slab))
        steps = math.prod(spec.stride[:2]) + math.prod(spec.kernel_size[:2])
        return Counts(
            f"gradient rows/{costs.dtype_of(case)}/{costs.layout_of(case)}",
            {
                "products": costs.products(case) * excess,
                "of the input": costs.products(case),
                "passes": costs.passes(case),
                "calls": costs.calls(case, number),
                "steps": costs.calls(case, number * steps),
                "cast": costs.cast(case),
            },
        )

    def operands(self, case: Case) -> torch.dtype:
        """As torch's gradient of the input."""
        return case.sums_in

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its gradient once more, in windows that overlap."""
        spec = case.spec
        piece, _, window = _pieces(spec, case.size[2])
        return case.sums_in.itemsize * spec.out_channels * (1 + window / (piece * spec.stride[2]))

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> torch.Tensor:
        """Take the weight as it is."""
        return weight

    def gradients(
        self,
        gradient: torch.Tensor,
        input: torch.Tensor,
        weight: torch.Tensor,
        spec: ConvTranspose3dSpec,
        wanted: tuple[bool, bool],
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the gradients of one slab with respect to input and weight."""
        of_input = native_gradients(gradient, input, weight, spec, (True, False))[0] if wanted[0] else None
        return of_input, _of_weight(gradient, input, spec) if wanted[1] else None


def _pieces(spec: ConvTranspose3dSpec, length: int) -> tuple[int, int, int]:
    """Return the voxels of a piece of an input row, the pieces, and the voxels of a window on an output row."""
    pieces = -(-length // _PIECE)
    piece = -(-length // pieces)
    return piece, pieces, spec.stride[2] * (piece - 1) + spec.dilation[2] * (spec.kernel_size[2] - 1) + 1


def _of_weight(gradient: torch.Tensor, input: torch.Tensor, spec: ConvTranspose3dSpec) -> torch.Tensor:
    batch, _, depth, height, width = input.shape
    groups, terms, sums = spec.groups, spec.in_channels // spec.groups, spec.out_channels // spec.groups
    piece, pieces, window = _pieces(spec, width)
    # how many phases of planes and rows a phase of the full result has; the input takes part in as many
    planes, rows = (
        size + spec.dilation[axis] * (spec.kernel_size[axis] - 1) // spec.stride[axis]
        for axis, size in enumerate((depth, height))
    )
    left = input.new_zeros(batch, groups, terms, planes, rows, pieces * piece)
    left[:, :, :, :depth, :height, :width] = torch.unflatten(input, 1, (groups, terms))
    left = torch.unflatten(left, -1, (pieces, piece)).permute(5, 1, 0, 3, 4, 2, 6)
    left = left.reshape(pieces * groups, batch * planes * rows, terms * piece).transpose(1, 2)
    result = input.new_zeros(groups, terms, sums, *spec.kernel_size)
    full = spec.stride[2] * (pieces * piece - 1) + spec.dilation[2] * (spec.kernel_size[2] - 1) + 1
    for p in range(spec.stride[0]):
        for q in range(spec.stride[1]):
            taps = [
                (a, b)
                for a in range(spec.kernel_size[0])
                for b in range(spec.kernel_size[1])
                if (spec.dilation[0] * a % spec.stride[0], spec.dilation[1] * b % spec.stride[1]) == (p, q)
            ]
            if not taps:
                continue
            right = gradient.new_zeros(batch, spec.out_channels, planes, rows, full)
            _place(right, gradient, spec, (p, q))
            right = torch.unflatten(right.unfold(-1, window, spec.stride[2] * piece), 1, (groups, sums))
            right = right.permute(5, 1, 0, 3, 4, 2, 6).reshape(pieces * groups, -1, sums * window)
            for a, b in taps:
                shift = spec.dilation[0] * a // spec.stride[0] * rows + spec.dilation[1] * b // spec.stride[1]
                length = right.size(1) - shift
                product = torch.bmm(left[:, :, :length], right[:, shift:])
                result[..., a, b, :] = _diagonals(product, (pieces, groups, terms, piece, sums, window), spec)
    return result.flatten(0, 1)


def _place(target: torch.Tensor, gradient: torch.Tensor, spec: ConvTranspose3dSpec, phase: tuple[int, int]) -> None:
    """Write every stride-th plane and row of the gradient where the full result has them; the rest stays zero."""
    targets, sources = [], []
    for axis, step in enumerate((spec.stride[0], spec.stride[1], 1)):
        low = spec.padding[axis][0]
        at = phase[axis] if axis < 2 else 0
        first = max(low, 0)
        first += (at - first) % step
        count = -(-(gradient.size(axis + 2) + low - first) // step)
        count = max(min(count, target.size(axis + 2) - first // step), 0)
        targets.append(slice(first // step, first // step + count))
        sources.append(slice(first - low, first - low + max(count - 1, 0) * step + min(count, 1), step))
    target[:, :, targets[0], targets[1], targets[2]] = gradient[:, :, sources[0], sources[1], sources[2]]


def _diagonals(product: torch.Tensor, shape: tuple[int, ...], spec: ConvTranspose3dSpec) -> torch.Tensor:
    """Sum the taps' diagonals: (groups, terms, sums, taps along W)."""
    pieces, groups, terms, piece, sums, window = shape
    line = sums * window
    of_group = terms * piece * line
    diagonals = product.as_strided(
        (pieces, groups, terms, sums, spec.kernel_size[2], piece),
        (groups * of_group, of_group, piece * line, window, spec.dilation[2], line + spec.stride[2]),
    )
    return diagonals.sum((0, -1))
