"""One matrix product per distance between output and input, straight from the input, into one row per output phase.

Output position s * j + p of an axis takes its taps from inputs j + shift, with few different shifts (one if the kernel
equals the stride). With the volume flattened and padded by zeros, a shift is an offset: the operand of each product is
a view of the input. No column buffer is built. What a shift contributes to several phases is one product.

Cost: the products of the definition at the speed of a matrix product with in_channels / groups terms; one more pass
over the output to interleave the phases; a padded copy of the input unless every shift is zero.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from .. import costs
from ..caching import remembered
from ..geometry import phases
from ..layout import interleave

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..case import Case
    from ..geometry import Phase
    from ..spec import ConvTranspose3dSpec

_DTYPES = (torch.float32, torch.float64)


class Term(NamedTuple):
    """The taps that meet the input at one shift, and the phases (a contiguous run of rows) they go to."""

    shift: tuple[int, int, int]
    first: int
    taps: tuple[int, ...]


def no_product(case: Case) -> str | None:
    """Why torch's matrix product cannot take the place of a convolution, or None where it can."""
    if case.sums_in not in _DTYPES:
        if case.gpu is not None:
            return f"each product would round its sums to {case.dtype}"
        return f"torch multiplies no {case.dtype} matrices fast"
    if case.gpu is not None and case.dtype is torch.float32 and case.gpu.matmul_tf32 and not case.gpu.conv_tf32:
        return "torch's flags allow TF32 in matrix products and not in convolutions"
    return None


class Taps:
    """Matrix products on shifted views of the input."""

    name = "taps"
    slab = 8 * 2**20  # stays in the cache

    def refusal(self, case: Case) -> str | None:
        """It needs a floating-point matrix product."""
        return no_product(case)

    def cost(self, case: Case) -> float:
        """Predicted seconds: the products, of the padding too; a pass for each term; the interleaving."""
        spec = case.spec
        terms = _terms(spec, case.size)
        count = math.prod(map(len, phases(spec, case.size)))
        rows = spec.out_channels / spec.groups * count
        if count > 1 or case.sums_in is torch.float32:
            rows /= max(1, len(terms)) ** 0.5
        work = 1.1 * costs.products(case) * costs.product(case, spec.in_channels / spec.groups, rows) * padded(case)
        sums = (1 + 0.15 * len(terms)) * costs.passes(case)
        calls = (10 + spec.groups * (len(terms) + 5 * math.prod(spec.stride))) * costs.slabs(
            case, self.workspace(case), self.slab
        )
        return calls * costs.CALL + work + sums + costs.interleaving(case) + costs.reordering(case)

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its channels once more."""
        return float(case.sums_in.itemsize * case.spec.out_channels)

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Put the taps first: (groups, taps, out_channels / groups, in_channels / groups); gather runs on demand."""
        matrices = weight.reshape(spec.groups, -1, weight.size(1), math.prod(spec.kernel_size))
        return matrices.permute(0, 3, 2, 1).contiguous(), {}

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
        terms = _terms(spec, size)
        flat, strides, origin = flatten(input, axes)
        count = [axis[0].length for axis in axes]  # the first phase has the most positions
        batch = input.size(0)
        length = span(batch, count, strides)
        rows = math.prod(map(len, axes))
        groups, depth = spec.groups, spec.in_channels // spec.groups
        width = spec.out_channels // groups
        product = torch.empty((groups, rows, width, batch * strides[0]), dtype=input.dtype, device=input.device)
        matrices, runs = prepared
        whole = len(terms) > 0 and len(terms[0].taps) == rows and bias is None
        for group in range(groups):
            channels = flat[group * depth : (group + 1) * depth]
            result = product[group].view(rows * width, -1)[:, :length]
            if bias is not None:
                result.view(rows, width, length).copy_(bias[group * width : (group + 1) * width].unsqueeze(-1))
            elif not whole:
                result.zero_()
            for index, term in enumerate(terms):
                key = (group, term.taps)
                if key not in runs:
                    runs[key] = _gather(matrices[group], term.taps).view(-1, depth)
                offset = origin + sum(shift * step for shift, step in zip(term.shift, strides[1:], strict=True))
                operand = channels[:, offset : offset + length]
                target = result[term.first * width : (term.first + len(term.taps)) * width]
                if whole and not index:
                    torch.mm(runs[key], operand, out=target)
                else:
                    target.addmm_(runs[key], operand)
        for group in range(groups):
            rows_of = _reader(product[group], (batch, *count), strides, axes)
            interleave(output[:, group * width : (group + 1) * width], rows_of, spec.stride)


def gradients(
    gradient: torch.Tensor,
    input: torch.Tensor,
    weight: torch.Tensor,
    spec: ConvTranspose3dSpec,
    wanted: tuple[bool, bool],
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Return the gradients with respect to input and weight: the same products, transposed."""
    batch, _, *size = input.shape
    axes = phases(spec, (size[0], size[1], size[2]))
    flat, strides, origin = flatten(input, axes)
    count = [axis[0].length for axis in axes]
    length = span(batch, count, strides)
    rows = math.prod(map(len, axes))
    groups, depth = spec.groups, spec.in_channels // spec.groups
    width = spec.out_channels // groups
    matrices = Taps().prepare(weight, spec)[0]
    to_input = torch.zeros_like(flat) if wanted[0] else None
    to_weight = torch.zeros_like(matrices) if wanted[1] else None
    for group in range(groups):
        channels = slice(group * depth, (group + 1) * depth)
        spread = torch.zeros((rows, width, batch * strides[0]), dtype=input.dtype, device="cpu")
        part = _reader(spread, (batch, *count), strides, axes)
        for p, q, r in itertools.product(*(range(len(axis)) for axis in axes)):
            source = gradient[:, group * width : (group + 1) * width, p :: spec.stride[0], q :: spec.stride[1]]
            source = source[..., r :: spec.stride[2]]
            part(p, q, r)[:, :, : source.size(2), : source.size(3), : source.size(4)].copy_(source)
        for term in _terms(spec, (size[0], size[1], size[2])):
            offset = origin + sum(shift * step for shift, step in zip(term.shift, strides[1:], strict=True))
            of_rows = spread[term.first : term.first + len(term.taps)].view(-1, batch * strides[0])[:, :length]
            taps = list(term.taps)
            if to_input is not None:
                kernel = _gather(matrices[group], term.taps).view(-1, depth)
                to_input[channels, offset : offset + length].addmm_(kernel.t(), of_rows)
            if to_weight is not None:
                product = of_rows @ flat[channels, offset : offset + length].t()
                to_weight[group].index_add_(0, torch.tensor(taps, device="cpu"), product.view(len(taps), width, depth))
    return (
        None if to_input is None else _unflatten(to_input, input.shape, strides, origin),
        None if to_weight is None else to_weight.permute(0, 3, 2, 1).reshape(weight.shape),
    )


def _unflatten(flat: torch.Tensor, shape: torch.Size, strides: tuple[int, int, int, int], origin: int) -> torch.Tensor:
    batch, channels, *size = shape
    return flat.as_strided((batch, channels, *size), (strides[0], flat.stride(0), *strides[1:]), origin)


def _reader(
    product: torch.Tensor,
    shape: tuple[int, ...],
    strides: tuple[int, int, int, int],
    axes: tuple[tuple[Phase, ...], ...],
) -> Callable[[int, int, int], torch.Tensor]:
    """Return what gives a phase of the product (rows, channels, flat positions) as (N, C, D, H, W)."""
    _, channels, length = product.shape

    def part(p: int, q: int, r: int) -> torch.Tensor:
        row = (p * len(axes[1]) + q) * len(axes[2]) + r
        shape_of = (shape[0], channels, *shape[1:])
        return product[row].as_strided(shape_of, (strides[0], length, *strides[1:]))

    return part


def flatten(
    input: torch.Tensor, axes: tuple[tuple[Phase, ...], ...]
) -> tuple[torch.Tensor, tuple[int, int, int, int], int]:
    """Return the input as (C, flat positions), the flat strides of (N, D, H, W), and where shift 0 begins."""
    margins = []
    for axis, length in zip(axes, input.shape[2:], strict=True):
        longest = axis[0].length  # products are as long for the other phases, whose last position may be cut
        reach = [(shift, shift + longest - length) for phase in axis for _, shift in phase.taps]
        before = max([0, *(-low for low, _ in reach)])
        after = max([0, longest - length - before, *(high for _, high in reach)])
        margins.append((before, after))
    batch, channels, depth, height, width = input.shape
    (front, back), (top, bottom), (left, right) = margins
    padded = (front + depth + back, top + height + bottom, left + width + right)
    strides = (math.prod(padded), padded[1] * padded[2], padded[2], 1)
    origin = front * strides[1] + top * strides[2] + left
    dense = input.stride(4) == 1 and input.stride(3) == width and (depth == 1 or input.stride(2) == height * width)
    if batch == 1 and dense and not any(map(any, margins)):
        return input[0].as_strided((channels, strides[0]), (input.stride(1), 1)), strides, origin
    make = torch.zeros if any(map(any, margins)) else torch.empty
    flat = make((channels, batch, *padded), dtype=input.dtype, device=input.device)
    flat[:, :, front : front + depth, top : top + height, left : left + width].copy_(input.transpose(0, 1))
    return flat.view(channels, -1), strides, origin


def padded(case: Case) -> float:
    """How many times the positions of the input the padded, flat volume has, about."""
    factor = 1.0
    for axis, length in zip(phases(case.spec, case.size)[1:], case.size[1:], strict=True):
        shifts = [shift for phase in axis for _, shift in phase.taps]
        factor *= 1 + (max(shifts, default=0) - min(shifts, default=0)) / length
    return factor


def span(batch: int, count: Sequence[int], strides: tuple[int, int, int, int]) -> int:
    """Return how many flat positions lie between the first and the last of all samples."""
    return (batch - 1) * strides[0] + sum((c - 1) * step for c, step in zip(count, strides[1:], strict=True)) + 1


def _gather(matrices: torch.Tensor, taps: tuple[int, ...]) -> torch.Tensor:
    first, last = taps[0], taps[-1] + 1
    if taps == tuple(range(first, last)):
        return matrices[first:last]
    return torch.stack([matrices[tap] for tap in taps])  # an index would be a copy to the GPU, which graphs forbid


@remembered
def _terms(spec: ConvTranspose3dSpec, size: tuple[int, int, int]) -> tuple[Term, ...]:
    """Group the taps by shift; the shift with the most phases comes first."""
    axes = phases(spec, size)
    _, height, width = spec.kernel_size
    count = [len(axis) for axis in axes]
    found: dict[tuple[int, int, int], dict[int, int]] = {}
    for p, q, r in itertools.product(*map(range, count)):
        row = (p * count[1] + q) * count[2] + r
        for (a, i), (b, j), (c, k) in itertools.product(axes[0][p].taps, axes[1][q].taps, axes[2][r].taps):
            found.setdefault((i, j, k), {})[row] = (a * height + b) * width + c
    terms = []
    for shift, rows in found.items():
        first = -1
        taps: list[int] = []
        for row in sorted(rows):
            if taps and row != first + len(taps):
                terms.append(Term(shift, first, tuple(taps)))
                taps = []
            if not taps:
                first = row
            taps.append(rows[row])
        terms.append(Term(shift, first, tuple(taps)))
    return tuple(sorted(terms, key=lambda term: -len(term.taps)))
