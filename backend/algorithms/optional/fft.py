"""Products of spectra, block by block: for kernels with many taps per stride. Taken only where `allow_fft` permits it.

An output phase is a correlation of the input with the taps that meet it, at stride 1. The input is cut into blocks
that overlap by the reach of the taps (overlap-save); each block is transformed once, for all phases. Per frequency,
the sum over the input channels is a matrix product; of each block's inverse transform, the positions are kept that
the cyclic end does not reach. No zero is put between voxels. The taps are few beside the points of a block, so their
spectra are products with the matrix of the transform, axis by axis, which leaves them in the order that is needed.

Rounding: let x be a block of the input, all channels of the group, of n points per channel; w the kernel of one output
channel; c the input channels of the group; k the taps of a phase, per axis. Every voxel of the block errs by at most
about

    eps * (7 * log2(n) + sum of k ** 1.5 + c) * ||x||_2 * ||w||_2

A transform errs by log2(n) * eta times the norm, eta = 6.7 * eps / 2 (Higham, Accuracy and Stability of Numerical
Algorithms, 2nd ed., theorem 24.2, radix 2; other radices differ by a constant). The matrix that transforms k taps has
entries of modulus 1: its product errs by about k * eps times the sum of the moduli, that is sqrt(k) times the norm.
By Cauchy-Schwarz over frequencies and channels, these errors and those of the products, c * eps, multiply
n * ||x|| * ||w|| in the sum over all frequencies, of which a voxel sees the n-th part; the butterflies of the inverse
transform, one path from each frequency to each voxel, add log2(n) * eta once more. It is a bound by the norm of a
block: next to a large value, small ones are lost, and an infinity or NaN spoils its block.

Cost: the transforms of input and output, the spectra of the weight once per slab, four real multiplications per
pair of channels and frequency, of which there are half as many as points.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from ...caching import remembered
from ...execution.geometry import phases, slabs
from ...execution.layout import interleave
from ...planning import costs
from ...planning.costs import Counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...arguments import Triple
    from ...execution.geometry import Phase
    from ...planning.case import Case
    from ...spec import ConvTranspose3dSpec

_LENGTHS = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)  # of blocks that do not hold the whole axis
_SPECTRA = 16 * 2**20  # bytes of spectra, of weight or output, that are made at a time: fresh memory is slow
_POINT = {4: 290, 8: 180}  # products that take as long as a point of so many bytes, transformed and put into order
_FEW = 8  # terms of a sum, or blocks, below which products of spectra are slow
_COMPLEX = 1.5  # times as long as real ones their products take


class Block(NamedTuple):
    """How an axis is cut: transforms of `points`, each good for `step` positions of a phase, `number` of them.

    The first begins `front` positions before the input; within it, if that is negative.
    """

    points: int
    step: int
    number: int
    front: int


class Fft:
    """Products of spectra."""

    name = "fft"
    slab = 256 * 2**20  # each slab needs the spectra of the weight anew
    alone = 0

    def refusal(self, case: Case) -> str | None:
        """It needs permission, and a dtype that torch transforms."""
        if not case.fft:
            return "its rounding is bounded by the whole volume, not by each voxel: allow_fft() permits it"
        if case.sums_in not in (torch.float32, torch.float64):
            return f"torch transforms no {case.dtype}"
        return None

    def counts(self, case: Case) -> Counts:
        """Count a slab in the middle, as often as there are slabs; the interleaving."""
        limit = max(1, int(self.slab / self.workspace(case)))
        found = slabs(case.spec, case.batch, case.size, limit)
        parts: dict[str, float] = {}
        if found:
            (lot, depth, height), _, spec = found[len(found) // 2]
            batch, size = lot[1] - lot[0], (depth[1] - depth[0], height[1] - height[0], case.size[2])
            each = _work(spec, batch, _blocks(spec, batch, size, case.sums_in.itemsize))
            parts = {
                "transformed": costs.written(case, len(found) * each.transformed),
                "products": len(found) * each.products * costs.products(case) / max(1, case.products),
                "calls": costs.calls(case, len(found) * math.prod(spec.stride)),
            }
        return Counts(f"fft/{costs.dtype_of(case)}", {**parts, **costs.interleaved(case)})

    def operands(self, case: Case) -> torch.dtype:
        """Transforms."""
        return case.sums_in

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: blocks, spectra and their copies, of the input and of one row of phases."""
        spec = case.spec
        rows = spec.in_channels + spec.out_channels * (spec.stride[2] + 3)
        return 4.0 * case.sums_in.itemsize * rows / math.prod(spec.stride)

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Put the taps first: (kD, kH, kW, groups, out_channels / groups, in_channels / groups)."""
        return weight.reshape(spec.groups, -1, *weight.shape[1:]).permute(3, 4, 5, 0, 2, 1).contiguous()

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
        blocks = _blocks(spec, input.size(0), size, input.element_size())
        spectra = _transform(input, blocks, spec.groups)
        interleave(output, _Part(spectra, prepared, bias, axes, blocks, input.size(0)), spec.stride)


@dataclass(frozen=True)
class _Part:
    """Computes one phase of the output; gives (N, C, D, H, W)."""

    spectra: torch.Tensor  # frequencies first, or last where there is nothing to sum
    weight: torch.Tensor
    bias: torch.Tensor | None
    axes: tuple[tuple[Phase, ...], ...]
    blocks: tuple[Block, Block, Block]
    batch: int

    def __call__(self, p: int, q: int, r: int) -> torch.Tensor:
        chosen = [axis[index] for axis, index in zip(self.axes, (p, q, r), strict=True)]
        groups, width, depth = self.weight.shape[3:]
        size = [phase.length for phase in chosen]
        if not all(phase.taps for phase in chosen):
            empty = self.spectra.real.new_zeros(groups * width) if self.bias is None else self.bias
            return empty.reshape(1, -1, 1, 1, 1).expand(self.batch, -1, *size)
        kernel = self.weight
        for axis, phase in enumerate(chosen):
            kernel = kernel.index_select(axis, torch.tensor([tap for tap, _ in phase.taps], device="cpu"))
        places = [
            [shift + block.front for _, shift in phase.taps] for phase, block in zip(chosen, self.blocks, strict=True)
        ]
        covered = [length for block in self.blocks for length in (block.number, block.step)]
        result = self.spectra.real.new_empty(self.batch, groups, width, *covered)
        frequencies = self.spectra.size(3 if depth == 1 else 0)
        wider = max(depth, self.spectra.numel() // (frequencies * groups * depth))
        channels = max(1, _SPECTRA // (frequencies * groups * wider * self.spectra.element_size()))
        for first in range(0, width, channels):
            some = kernel[:, :, :, :, first : first + channels]
            spectra = _spectra(some, places, self.blocks)
            if depth == 1:
                product = spectra.t().reshape(*some.shape[3:], frequencies) * self.spectra
            else:
                product = (spectra.view(frequencies, *some.shape[3:]) @ self.spectra).flatten(1).t().contiguous()
            result[:, :, first : first + channels].copy_(self._restore(product))
        whole = result.view(self.batch, groups * width, *(block.number * block.step for block in self.blocks))
        return whole if self.bias is None else whole.add_(self.bias.reshape(-1, 1, 1, 1))

    def _restore(self, product: torch.Tensor) -> torch.Tensor:
        """Transform back: (N, groups, channels, blocks and positions of each axis)."""
        points = [block.points for block in self.blocks]
        counts = [block.number for block in self.blocks]
        rows = product.view(self.weight.size(3), -1, self.batch, *counts, *points[:2], points[2] // 2 + 1)
        real: torch.Tensor = torch.fft.irfftn(rows, s=points, dim=(-3, -2, -1))
        depth, height, width = (block.step for block in self.blocks)
        return real[..., :depth, :height, :width].permute(2, 0, 1, 3, 6, 4, 7, 5, 8)


def _transform(input: torch.Tensor, blocks: Sequence[Block], groups: int) -> torch.Tensor:
    """Return the spectra of the input's blocks: (frequencies, groups, in_channels / groups, samples and blocks).

    One channel per group is not summed, but multiplied: then (groups, 1, samples and blocks, frequencies).
    """
    covered = [(block.number - 1) * block.step + block.points for block in blocks]
    cut = input.new_zeros(input.size(1), input.size(0), *covered)
    target, source = cut, input.transpose(0, 1)
    for axis, (block, length) in enumerate(zip(blocks, covered, strict=True), 2):
        before, skipped = max(block.front, 0), max(-block.front, 0)
        met = max(0, min(length - before, source.size(axis) - skipped))
        target = target.narrow(axis, min(before, length), met)
        source = source.narrow(axis, min(skipped, source.size(axis)), met)
    target.copy_(source)
    for axis, block in enumerate(blocks, 2):
        cut = cut.unfold(axis, block.points, block.step)
    depth = input.size(1) // groups
    frequencies: torch.Tensor = torch.fft.rfftn(cut, dim=(-3, -2, -1)).flatten(5).flatten(0, 4)
    if depth == 1:
        return frequencies.view(groups, 1, -1, frequencies.size(1))
    return frequencies.t().contiguous().view(frequencies.size(1), groups, depth, -1)


def _spectra(kernel: torch.Tensor, places: Sequence[Sequence[int]], blocks: Sequence[Block]) -> torch.Tensor:
    """Return the conjugate spectra of a kernel (kD, kH, kW, ...) whose taps lie at `places`: frequencies first."""
    spectra = torch.complex(kernel, torch.zeros_like(kernel)).reshape(1, len(places[0]), -1)
    for axis, (block, place) in enumerate(zip(blocks, places, strict=True)):
        spectra = spectra.view(-1, len(place), spectra.size(-2) * spectra.size(-1) // len(place))
        rows = block.points // 2 + 1 if axis == 2 else block.points
        turns = torch.outer(torch.arange(rows, device="cpu"), torch.tensor(place, device="cpu")) % block.points
        angles = turns.double() * (2 * math.pi / block.points)
        roots = torch.polar(torch.ones_like(angles), angles).to(spectra.dtype)
        spectra = roots.expand(spectra.size(0), -1, -1) @ spectra
        following = len(places[axis + 1]) if axis < 2 else 1
        spectra = spectra.view(-1, following, spectra.size(-1) // following)
    return spectra.flatten(0, 1)


@remembered
def _blocks(spec: ConvTranspose3dSpec, batch: int, size: Triple, item: int) -> tuple[Block, Block, Block]:
    """Return the cut of each axis with which a slab is predicted to take the least time."""
    depth, height, width = (_cuts(axis, length) for axis, length in zip(phases(spec, size), size, strict=True))
    choices = itertools.product(depth, height, width)
    return min(choices, key=lambda blocks: _length(_work(spec, batch, blocks), item))


def _cuts(axis: Sequence[Phase], length: int) -> list[Block]:
    """Return the ways to cut an axis of the input: as a whole, or into blocks of good lengths."""
    shifts = [shift for phase in axis for _, shift in phase.taps]
    front = -min(shifts, default=0)
    reach = max(shifts, default=0) + front
    count = axis[0].length
    # as a whole, what passes the end comes back to the start: there must be zeros, at one of the two at least
    end = count + reach
    whole = good_length(max(count, min(front + length, end), end - max(front, 0)))
    found = [Block(whole, count, 1, front)]
    for points in _LENGTHS:
        step = points - reach
        if 0 < step < count and points < whole:
            found.append(Block(points, step, -(-count // step), front))
    return found


def good_length(least: int) -> int:
    """Return the smallest number from `least` on that is a product of twos, threes, fives and sevens.

    >>> [good_length(least) for least in (1, 11, 43, 127)]
    [1, 12, 45, 128]
    """
    return next(length for length in itertools.count(least) if _is_good(length))


def _is_good(length: int) -> bool:
    for factor in (2, 3, 5, 7):
        while length % factor == 0:
            length //= factor
    return length == 1


def _length(work: _Work, item: int) -> float:
    """Return how long a slab takes, in products."""
    return work.transformed * _POINT[item] + work.products


class _Work(NamedTuple):
    transformed: float  # points
    products: float


def _work(spec: ConvTranspose3dSpec, batch: int, blocks: Sequence[Block]) -> _Work:
    """Count one slab: transforms of both sides and of the weight, and products of spectra."""
    points = math.prod(block.points for block in blocks)
    count = batch * math.prod(block.number for block in blocks)
    made = math.prod(spec.stride)
    depth, width = spec.in_channels // spec.groups, spec.out_channels // spec.groups
    pairs = made * spec.in_channels * width
    volumes = count * (spec.in_channels + 2 * made * spec.out_channels) + pairs
    taps = -(-spec.kernel_size[2] // spec.stride[2])
    slow = _COMPLEX * (1 + _FEW / depth) * (1 + _FEW / count)
    return _Work(volumes * points, pairs * points * 2 * (taps + count * slow))
