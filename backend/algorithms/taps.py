"""One matrix product per distance between output and input, straight from the input, into one row per output phase.

Output position s * j + p of an axis takes its taps from inputs j + shift, with few different shifts (one if the kernel
equals the stride). With the volume flattened and padded by zeros, a shift is an offset: the operand of each product is
a view of the input. No column buffer is built. What a shift contributes to several phases is one product.

Cost: the products of the definition at the speed of a matrix product with in_channels / groups terms, whose result
stays near the cache; one more pass over the output to interleave the phases; a padded copy of the input.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from ..caching import remembered
from ..execution.geometry import phases
from ..execution.layout import fill, merge, scatter, split, transposed
from ..execution.memory import Scratch
from ..execution.products import multiply, product_of, sums_of
from ..planning import costs
from ..planning.costs import Counts
from .flat import ROWS, flat, flatten, no_product, padded

if TYPE_CHECKING:
    from ..arguments import Triple
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec
    from .flat import Flat

_ALL = 2**62  # rows: a GPU multiplies them at once


class Term(NamedTuple):
    """One product: the input at one shift times a tap for each row (a phase) from `first` on."""

    shift: Triple
    first: int
    taps: tuple[int, ...]


class Block(NamedTuple):
    """Phases that are computed together: some of those along D and H, all along W, which come first in the rows."""

    planes: slice
    lines: slice
    rows: int
    terms: tuple[Term, ...]
    fresh: bool  # the first terms cover every row once, and may overwrite what was there


class Plan(NamedTuple):
    """How a slab is computed."""

    blocks: tuple[Block, ...]
    step: int  # output channels of a group at a time
    dense: bool  # every phase has taps


class Taps:
    """Matrix products on shifted views of the input."""

    name = "taps"
    slab = 6 * 2**20
    alone = slab

    def refusal(self, case: Case) -> str | None:
        """It needs a floating-point matrix product."""
        return no_product(case)

    def counts(self, case: Case) -> Counts:
        """Count the products, of the padding too; a pass for each term; the interleaving."""
        spec = case.spec
        plan = _plan(spec, case.size, ROWS if case.gpu is None else _ALL)
        terms = [term for block in plan.blocks for term in block.terms]
        rows = max(1, sum(block.rows for block in plan.blocks))
        taken = sum(len(term.taps) for term in terms)
        depth, width = spec.in_channels / spec.groups, spec.out_channels / spec.groups
        each = max(1.0, taken / max(1, len(terms)) * min(width, plan.step))
        share = rows / math.prod(spec.stride)  # of the output that taps reach
        steps = spec.groups * math.ceil(width / plan.step) * (len(terms) + len(plan.blocks))
        number = costs.slabs(case, self.workspace(case), self.slab)
        placed = costs.interleaved(case) if plan.dense else {"phases apart": share * costs.passes(case)}
        return Counts(
            f"taps/{costs.dtype_of(case, self.operands(case))}/{costs.layout_of(case)}",
            {
                **costs.multiplied(costs.products(case, "bfloat16_sums") * padded(case), case, depth, each),
                "copied": costs.read(case),
                "sums": share * (taken / rows) * costs.passes(case),
                "passes": costs.passes(case),
                "blocks": len(plan.blocks) * costs.passes(case),  # each writes its lines of all planes, far apart
                "weights": costs.weights(case),
                "calls": costs.calls(case, number),
                "steps": costs.calls(case, number * steps),
                "cast": costs.cast(case, self.operands(case)),
                **placed,
            },
        )

    def operands(self, case: Case) -> torch.dtype:
        """Products whose results are added up."""
        return costs.operands(case, "bfloat16_sums")

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: the rows of a block."""
        plan = _plan(case.spec, case.size, ROWS if case.gpu is None else _ALL)
        rows = max((block.rows for block in plan.blocks), default=1)
        return case.sums_in.itemsize * rows * plan.step / math.prod(case.spec.stride)

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Put the taps before the output channels: (groups, in_channels / groups, taps, out_channels / groups)."""
        matrices = transposed(weight.reshape(spec.in_channels, -1, math.prod(spec.kernel_size)))
        return torch.unflatten(matrices, 0, (spec.groups, -1)), {}, Scratch()

    def compute(
        self,
        input: torch.Tensor,
        prepared: Any,
        bias: torch.Tensor | None,
        spec: ConvTranspose3dSpec,
        output: torch.Tensor,
    ) -> None:
        """Write the output of one slab."""
        on_cpu = input.device.type == "cpu"
        size = (input.size(2), input.size(3), input.size(4))
        plan, active = _plan(spec, size, ROWS if on_cpu else _ALL), _active(spec, size)
        form = flat(spec, input.size(0), size)
        weight, matrices, scratch = prepared
        if not plan.dense:
            fill(output, bias)
        alone = all(len(block.terms) == 1 for block in plan.blocks)
        ones = alone and bias is not None and on_cpu  # the bias is one product more
        operands = flatten(input, form, spec.groups, scratch, ones=ones)
        width = spec.out_channels // spec.groups
        for group, block, first in itertools.product(range(spec.groups), plan.blocks, range(0, width, plan.step)):
            number = min(plan.step, width - first)
            channels = slice(group * width + first, group * width + first + number)
            of_bias = None if bias is None else bias[channels]
            product = scratch.empty("product", (block.rows, number, form.length), input, sums_of(input.dtype))
            fresh = ones or (bias is None and block.fresh)
            if not fresh:
                product.zero_() if of_bias is None else product.copy_(of_bias.unsqueeze(-1))
            begun = 0
            for term in block.terms:
                stop = term.first + len(term.taps)
                key = (group, first, number, term.taps, ones)
                matrix = matrices.get(key)
                if matrix is None:
                    matrix = _gather(weight[group, ..., first : first + number], term.taps, of_bias if ones else None)
                    matrices[key] = matrix
                target = product[term.first : stop].flatten(0, 1)
                at = form.origin + sum(n * length for n, length in zip(term.shift, form.strides[1:], strict=True))
                operand = operands[group, : matrix.size(0), at : at + form.length]
                multiply(matrix.t(), operand, target, add=not (fresh and begun < block.rows))
                begun += len(term.taps)
            planes, lines = active[0][block.planes], active[1][block.lines]
            read = _phases(product, form, (len(planes), len(lines), len(active[2])), input.size(0))
            if plan.dense:
                merge(output[:, channels], read, spec.stride, planes, lines)
            else:
                scatter(output[:, channels], read, spec.stride, planes, lines, active[2])


def gradients(
    gradient: torch.Tensor,
    input: torch.Tensor,
    prepared: Any,
    spec: ConvTranspose3dSpec,
    wanted: tuple[bool, bool],
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Return the gradients with respect to input and weight: the same products, transposed.

    That of the input may lie in memory which the next call writes.
    """
    batch, size = input.size(0), (input.size(2), input.size(3), input.size(4))
    plan, form, active = _plan(spec, size, _ALL), flat(spec, batch, size), _active(spec, size)
    weight, matrices, scratch = prepared
    operands = flatten(input, form, spec.groups, scratch)
    groups, width = spec.groups, spec.out_channels // spec.groups
    sums = sums_of(input.dtype)
    to_input = scratch.empty("to input", operands.shape, input, sums).zero_() if wanted[0] else None
    to_weight = torch.zeros_like(weight, dtype=sums) if wanted[1] else None
    for group, block in itertools.product(range(groups), plan.blocks):
        spread = scratch.empty("spread", (block.rows, width, form.length), input).zero_()
        shape = (len(active[0]), len(active[1]), len(active[2]))
        channels = gradient[:, group * width : (group + 1) * width]
        split(_phases(spread, form, shape, batch), channels, spec.stride, active)
        for term in block.terms:
            at = form.origin + sum(n * length for n, length in zip(term.shift, form.strides[1:], strict=True))
            of_rows = spread[term.first : term.first + len(term.taps)].flatten(0, 1)
            if to_input is not None:
                key = (group, term.taps)
                if key not in matrices:
                    matrices[key] = _gather(weight[group], term.taps, None)
                multiply(matrices[key], of_rows, to_input[group, :, at : at + form.length], add=True)
            if to_weight is not None:
                product = product_of(operands[group, :, at : at + form.length], of_rows.t())
                for tap, part in zip(term.taps, torch.unflatten(product, 1, (-1, width)).unbind(1), strict=True):
                    to_weight[group, :, tap] += part
    if to_input is not None:
        inner = to_input[..., : batch * form.positions].unflatten(2, (batch, *form.padded))
        for axis, (first, length) in enumerate(zip(form.front, size, strict=True)):
            inner = inner.narrow(axis + 3, first, length)
        to_input = inner.permute(2, 0, 1, 3, 4, 5).reshape(input.shape)
    if to_weight is not None:
        to_weight = transposed(to_weight.flatten(0, 1)).view(spec.weight_shape)
    return to_input, to_weight


def _phases(product: torch.Tensor, form: Flat, shape: tuple[int, int, int], batch: int) -> torch.Tensor:
    """Return rows of phases, those along W first, as (p, q, r, N, C, D, H, W)."""
    planes, lines, columns = shape
    _, number, line = product.shape
    row = number * line
    return product.as_strided(
        (planes, lines, columns, batch, number, *form.number),
        (lines * row, row, planes * lines * row, form.strides[0], line, *form.strides[1:]),
    )


def _gather(matrices: torch.Tensor, taps: tuple[int, ...], bias: torch.Tensor | None) -> torch.Tensor:
    """Return (terms of a sum, rows * channels), and a row more for the bias."""
    chosen = torch.stack([matrices[:, tap] for tap in taps], 1).flatten(1)  # an index would be a copy to the GPU
    return chosen if bias is None else torch.cat([chosen, bias.repeat(len(taps)).unsqueeze(0)])


@remembered
def _active(spec: ConvTranspose3dSpec, size: Triple) -> tuple[tuple[int, ...], ...]:
    """Return the phases of each axis that any tap reaches."""
    return tuple(tuple(index for index, phase in enumerate(axis) if phase.taps) for axis in phases(spec, size))


@remembered
def _plan(spec: ConvTranspose3dSpec, size: Triple, limit: int) -> Plan:
    """Split the phases into blocks of at most so many rows, or of one row per column of a stride."""
    axes, active = phases(spec, size), _active(spec, size)
    planes, lines, columns = map(len, active)
    width = spec.out_channels // spec.groups
    dense = all(len(some) == len(every) for some, every in zip(active, axes, strict=True))
    if not planes * lines * columns:
        return Plan((), width, dense)
    q = min(lines, max(1, limit // (columns * width)))
    p = min(planes, max(1, limit // (columns * width * lines))) if q == lines else 1
    step = min(width, max(1, limit // columns)) if p * q == 1 else width
    boxes = itertools.product(range(0, planes, p), range(0, lines, q))
    blocks = [_block(spec, size, slice(a, min(a + p, planes)), slice(b, min(b + q, lines))) for a, b in boxes]
    return Plan(tuple(blocks), step, dense)


def _block(spec: ConvTranspose3dSpec, size: Triple, planes: slice, lines: slice) -> Block:
    """Group the taps by shift; the shifts with the most phases come first."""
    axes, active = phases(spec, size), _active(spec, size)
    rows = list(itertools.product(active[2], active[0][planes], active[1][lines]))
    found: dict[Triple, dict[int, int]] = {}
    for row, (r, p, q) in enumerate(rows):
        for (a, i), (b, j), (c, k) in itertools.product(axes[0][p].taps, axes[1][q].taps, axes[2][r].taps):
            found.setdefault((i, j, k), {})[row] = (a * spec.kernel_size[1] + b) * spec.kernel_size[2] + c
    terms = []
    for shift, taps in found.items():
        while taps:
            first = min(taps)
            run: list[int] = []
            while first + len(run) in taps:
                run.append(taps.pop(first + len(run)))
            terms.append(Term(shift, first, tuple(run)))
    terms.sort(key=lambda term: -len(term.taps))
    covered: list[int] = []
    for term in terms:
        if len(covered) < len(rows):
            covered.extend(range(term.first, term.first + len(term.taps)))
    return Block(planes, lines, len(rows), tuple(terms), sorted(covered) == list(range(len(rows))))
