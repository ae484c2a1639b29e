"""One matrix product with a row per input voxel, which is its patch of the output; for a kernel that is the stride.

Patches neither overlap nor leave gaps. The weight is used as it lies, and the input is read where it lies. The taps
of a patch along W are neighbours in the product and in the output, so the copy that puts the patches in their places
moves two or four numbers at once.

Cost: the products of the definition at the speed of a matrix product; one more pass over the output.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import torch

from ..execution.layout import copy_words, fill
from ..execution.memory import Scratch
from ..planning import costs
from ..planning.costs import Counts
from .flat import no_product

if TYPE_CHECKING:
    from ..arguments import Triple
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec

_COLUMNS = 1024  # of a product: with a slab's voxels they stay in the second-level cache
_APART = 16  # elements between the rows of a product: at powers of two they would share their place in the cache


class Patches:
    """Voxels times weight."""

    name = "patches"
    slab = 4 * 2**20
    alone = slab

    def refusal(self, case: Case) -> str | None:
        """It needs a kernel that is the stride, and a floating-point matrix product."""
        spec = case.spec
        if spec.kernel_size != spec.stride:
            return f"kernel_size={spec.kernel_size} is not stride={spec.stride}: patches overlap or leave gaps"
        if any(spread > 1 < k for spread, k in zip(spec.dilation, spec.kernel_size, strict=True)):
            return f"dilation={spec.dilation} leaves gaps in the patches"
        return no_product(case)

    def counts(self, case: Case) -> Counts:
        """Count the products; the copy into place."""
        spec = case.spec
        taps, width = math.prod(spec.kernel_size), spec.out_channels // spec.groups
        columns = taps * _step(spec)
        blocks = spec.groups * -(-width // _step(spec))
        number = costs.slabs(case, self.workspace(case), self.slab)
        width_out, patch = spec.output_size(case.size)[2], spec.kernel_size[2]
        paired = patch % 2 == 0 and width_out % patch == 0  # see copy_words
        kind = "along channels" if case.channels_last else "in words" if paired else "one by one"
        product = min(self.slab, case.input_voxels * columns * case.sums_in.itemsize) / case.sums_in.itemsize
        return Counts(
            f"patches/{costs.dtype_of(case, self.operands(case))}/{costs.layout_of(case)}",
            {
                **costs.multiplied(costs.products(case, "bfloat16"), case, spec.in_channels / spec.groups, columns),
                f"copied {kind}": costs.passes(case),
                "cut": costs.passes(case) if _is_cut(spec) else 0.0,
                "weights": costs.weights(case),
                "fresh": costs.written(case, product),  # its memory is new to every call
                "calls": costs.calls(case, number),
                "steps": costs.calls(case, number * blocks),
                "cast": costs.cast(case, self.operands(case)),
            },
        )

    def operands(self, case: Case) -> torch.dtype:
        """One product is the result."""
        return costs.operands(case, "bfloat16")

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: a block of its channels once more; where padding cuts, all of them too."""
        spec = case.spec
        return float(case.sums_in.itemsize * (_step(spec) + (spec.out_channels if _is_cut(spec) else 0)))

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Take the weight as it lies; its blocks are made on demand, for the layout of the output."""
        return torch.unflatten(weight, 0, (spec.groups, -1)), {}, Scratch()

    def compute(
        self,
        input: torch.Tensor,
        prepared: Any,
        bias: torch.Tensor | None,
        spec: ConvTranspose3dSpec,
        output: torch.Tensor,
    ) -> None:
        """Write the output of one slab."""
        full = spec.full_size((input.size(2), input.size(3), input.size(4)))
        if any(low for low, _ in spec.padding) or any(n < m for n, m in zip(output.shape[2:], full, strict=True)):
            layout = torch.channels_last_3d if output.stride(1) == 1 else torch.contiguous_format
            shape = (output.size(0), spec.out_channels, *full)
            whole = torch.empty(shape, dtype=input.dtype, device=input.device, memory_format=layout)
            _compute(input, prepared, bias, spec, whole)
            _put(output, whole, bias, spec)
            return
        if tuple(output.shape[2:]) != full:
            fill(output, bias)
        _compute(input, prepared, bias, spec, output[:, :, : full[0], : full[1], : full[2]])


def _is_cut(spec: ConvTranspose3dSpec) -> bool:
    """Whether padding cuts or moves any patch."""
    return any(low or high > extra for (low, high), extra in zip(spec.padding, spec.output_padding, strict=True))


def _step(spec: ConvTranspose3dSpec) -> int:
    """Return how many output channels of a group are computed together."""
    width, most = spec.out_channels // spec.groups, max(1, _COLUMNS // math.prod(spec.kernel_size))
    return -(-width // -(-width // most))


def _compute(
    input: torch.Tensor, prepared: Any, bias: torch.Tensor | None, spec: ConvTranspose3dSpec, output: torch.Tensor
) -> None:
    """Write all patches."""
    batch, _, *size = input.shape
    weight, blocks, scratch = prepared
    taps, width, step = math.prod(spec.kernel_size), spec.out_channels // spec.groups, _step(spec)
    last = output.stride(1) == 1 != output.stride(4)  # channels are neighbours there
    grouped = torch.unflatten(input, 1, (spec.groups, -1))
    product = scratch.empty("product", (batch * math.prod(size), taps * step + _APART), input)
    for group, first in itertools.product(range(spec.groups), range(0, width, step)):
        number = min(step, width - first)
        channels = slice(group * width + first, group * width + first + number)
        key = (group, first, last)
        if key not in blocks:
            block = weight[group, :, first : first + number]
            block = (block.permute(0, 2, 3, 4, 1) if last else block).flatten(1)
            row = None
            if bias is not None:
                row = bias[channels].repeat(taps) if last else bias[channels].repeat_interleave(taps)
            blocks[key] = block, row
        block, row = blocks[key]
        voxels = grouped[:, group].permute(0, 2, 3, 4, 1).flatten(0, 3)
        result = product[:, : taps * number]
        if row is None:
            torch.mm(voxels, block, out=result)
        else:
            torch.addmm(row, voxels, block, out=result)
        rows = torch.unflatten(result, 0, (batch, *size))
        target = _split(output[:, channels], spec.kernel_size)
        if last:  # (N, D, kD, H, kH, W, kW, C)
            source = torch.unflatten(rows, 4, (*spec.kernel_size, number)).permute(0, 1, 4, 2, 5, 3, 6, 7)
            target.permute(0, 2, 3, 4, 5, 6, 7, 1).copy_(source)
        else:  # (N, C, D, kD, H, kH, W, kW)
            source = torch.unflatten(rows, 4, (number, *spec.kernel_size)).permute(0, 4, 1, 5, 2, 6, 3, 7)
            copy_words(target, source)


def _split(output: torch.Tensor, patch: Triple) -> torch.Tensor:
    """View (N, C, D, H, W) as (N, C, D, kD, H, kH, W, kW)."""
    for axis in (4, 3, 2):
        output = torch.unflatten(output, axis, (-1, patch[axis - 2]))
    return output


def _put(output: torch.Tensor, whole: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec) -> None:
    """Copy the window that padding leaves; what reaches beyond is the bias alone."""
    target = output
    for axis, (low, _) in enumerate(spec.padding, 2):
        start, stop = max(low, 0), min(low + output.size(axis), whole.size(axis))
        whole = whole.narrow(axis, min(start, whole.size(axis)), max(0, stop - start))
        target = target.narrow(axis, min(max(-low, 0), target.size(axis)), max(0, stop - start))
    if target.shape != output.shape:
        fill(output, bias)
    target.copy_(whole)
