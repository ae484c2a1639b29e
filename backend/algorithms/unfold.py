"""Gradients by two matrix products with the output's gradient unfolded: a column per input voxel, what it reaches.

It is `fold` transposed. Both products read the same columns, a few MiB at a time; nothing is added up but the weight's
gradient. The weight is used as it lies, and the input where it lies.

Cost: twice the products of the definition at the speed of a matrix product; one copy of each number of the gradient
for every tap that it comes from, rows of a stride beyond 1 read number by number.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ..execution.memory import Scratch
from ..execution.products import multiply_each, sums_of
from ..planning import costs
from ..planning.costs import Counts
from .flat import leading, no_product

if TYPE_CHECKING:
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec


class UnfoldGradient:
    """Matrix products with unfolded columns."""

    name = "unfold"
    slab = 8 * 2**20

    def refusal(self, case: Case) -> str | None:
        """It needs a floating-point matrix product, and rows along W."""
        return "its columns would be gathered one number at a time" if case.channels_last else no_product(case)

    def counts(self, case: Case) -> Counts:
        """Count two products, and the unfolding."""
        spec = case.spec
        taps = math.prod(spec.kernel_size)
        terms, rows = spec.in_channels / spec.groups, spec.out_channels / spec.groups * taps
        unfolded = costs.written(case, case.input_voxels * spec.out_channels * taps)
        number = costs.slabs(case, self.workspace(case), self.slab)
        work, step = costs.products(case, "bfloat16_sums"), spec.stride[2]
        heavy = math.prod(spec.weight_shape) * case.sums_in.itemsize >= self.slab
        kind = "heavy" if heavy else "whole" if spec.groups == 1 else "grouped"
        return Counts(
            f"gradient unfold/{costs.dtype_of(case, self.operands(case))}/{kind}",
            {
                **costs.multiplied(work, case, terms, rows),
                "products per column": work * number / max(1, case.input_voxels),
                f"unfolded by {step if step < 5 else 'more'}": unfolded,
                "short rows": unfolded / case.size[2],
                "padded": costs.passes(case) if any(map(any, spec.padding)) else 0.0,
                "copied": costs.read(case),
                "weights": number * costs.weights(case),  # each slab adds to its gradient
                "calls": costs.calls(case, number),
                "steps": costs.calls(case, number * spec.groups),
                "cast": costs.cast(case, self.operands(case)),
            },
        )

    def operands(self, case: Case) -> torch.dtype:
        """Products whose results are added up."""
        return costs.operands(case, "bfloat16_sums")

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its gradient once for each tap that reaches it."""
        spec = case.spec
        return case.sums_in.itemsize * spec.out_channels * math.prod(spec.kernel_size) / math.prod(spec.stride)

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Take the weight as it lies: (groups, in_channels / groups, rows of all taps of all output channels)."""
        return weight.reshape(spec.groups, spec.in_channels // spec.groups, -1), Scratch()

    def gradients(
        self,
        gradient: torch.Tensor,
        input: torch.Tensor,
        prepared: Any,
        spec: ConvTranspose3dSpec,
        wanted: tuple[bool, bool],
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the gradients of one slab with respect to input and weight.

        That of the input lies in memory which the next call writes.
        """
        weight, scratch = prepared
        batch, _, *size = input.shape
        columns = _unfolded(gradient, spec, (batch, *size), scratch)
        of_input = of_weight = None
        if wanted[0]:
            product = scratch.empty("of input", (*weight.shape[:2], columns.size(2)), input, sums_of(input.dtype))
            multiply_each(weight, columns, product)
            of_input = product.view(spec.in_channels, batch, *size).transpose(0, 1)
        if wanted[1]:
            voxels = input.transpose(0, 1).reshape(spec.groups, -1, columns.size(2))
            of_weight = torch.empty_like(weight, dtype=sums_of(input.dtype))
            multiply_each(voxels, columns.transpose(1, 2), of_weight)
            of_weight = of_weight.view(spec.weight_shape)
        return of_input, of_weight


def _unfolded(
    gradient: torch.Tensor, spec: ConvTranspose3dSpec, voxels: tuple[int, ...], scratch: Scratch
) -> torch.Tensor:
    """Return (groups, taps of the output channels of a group, voxels): the gradients that each input voxel reaches."""
    _, depth, height, width = voxels
    ends = spec.full_size((depth, height, width))
    margins = [
        (low, end - low - length)
        for (low, _), end, length in reversed(list(zip(spec.padding, ends, gradient.shape[2:], strict=True)))
    ]
    for bound in (max, min):  # zeros first: a window wholly outside the full result is cut out of them
        amounts = [bound(amount, 0) for pair in margins for amount in pair]
        gradient = torch.nn.functional.pad(gradient, amounts) if any(amounts) else gradient
    sample, channel, *steps = gradient.stride()
    source = gradient.as_strided(
        (spec.out_channels, *spec.kernel_size, *voxels),
        (
            channel,
            *(step * spread for step, spread in zip(steps, spec.dilation, strict=True)),
            sample,
            *(step * stride for step, stride in zip(steps, spec.stride, strict=True)),
        ),
    )
    count, rows = math.prod(voxels), math.prod(spec.weight_shape[1:])
    columns = scratch.empty("columns", (spec.groups, rows, leading(count)), gradient)[..., :count]
    target = torch.unflatten(torch.unflatten(columns, -1, voxels), 1, (-1, *spec.kernel_size))
    target.copy_(torch.unflatten(source, 0, (spec.groups, -1)))
    return columns
