"""oneDNN's deconvolution, in the layout it was written for, a slab at a time.

Called through `torch.nn.functional.conv_transpose3d`, oneDNN reorders the whole result of a contiguous volume, into
memory that faults page by page, and torch does not call it at all for small slabs (it has a threshold of
N * C * D * H = 20480). Here the input is channels-last, each slab's result stays in the cache, and goes to its place
tile by tile. oneDNN is fastest on windows whose sizes are multiples of the stride, so each slab is one, a few voxels
larger than is wanted.

Cost: the products of the definition at nearly the speed of a matrix product (16 channels and above), and one copy of
the result.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ..execution.geometry import whole_strides
from ..execution.layout import channels_last, copy
from ..planning import costs
from . import onednn

if TYPE_CHECKING:
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec


class Deconvolution:
    """oneDNN's deconvolution on channels-last slabs."""

    name = "deconvolution"
    slab = 96 * 2**20  # oneDNN is slow on thin slabs: two times below 16 planes
    alone = 48 * 2**20

    def refusal(self, case: Case) -> str | None:
        """It needs oneDNN and float32 sums."""
        if not onednn.available:
            return "this torch has no oneDNN"
        if case.sums_in is not torch.float32:
            return f"oneDNN has no {case.dtype}"
        return None

    def cost(self, case: Case) -> float:
        """Predicted seconds: the products, and a transposing copy."""
        if case.channels_last and case.dtype is torch.float32 and costs.is_whole(case):
            return 26 * costs.CALL + 1.05 * costs.native(case)  # what torch calls itself, and a copy
        spec, width = case.spec, case.spec.out_channels // case.spec.groups
        large = case.output_voxels * spec.out_channels > 6e6  # beyond the cache
        copies = 3.0 if case.channels_last else (7.5 if large else 6) + 24 / max(8, spec.out_channels)
        work = costs.products(case)
        if spec.groups > 1 == width:  # neither blocks nor matrices
            depth, step = spec.in_channels // spec.groups, math.prod(spec.stride)
            copies += math.prod(spec.kernel_size) * (depth / step if depth > 1 else 0.5)
        elif spec.groups > 1 and max(spec.dilation) == 1:
            work *= 1.2
            copies = min(copies, 6) + (0 if width == 8 else 2 if width > 2 else 5)
        else:
            work *= costs.blocked(case, 4) * costs.short(case)
        if spec.stride[2] == 1 < max(spec.stride):
            work *= 1.8
        work *= costs.halo(case, self.workspace(case), self.slab)
        calls = 26 * costs.slabs(case, self.workspace(case), self.slab)
        return calls * costs.CALL + work + costs.reordering(case) + copies * costs.passes(case)

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its channels once more."""
        return 4.0 * case.spec.out_channels

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Use the weight as it is; oneDNN reorders it."""
        return weight

    def compute(
        self,
        input: torch.Tensor,
        prepared: Any,
        bias: torch.Tensor | None,
        spec: ConvTranspose3dSpec,
        output: torch.Tensor,
    ) -> None:
        """Write the output of one slab."""
        plan = whole_strides(spec, (input.size(2), input.size(3), input.size(4)))
        result = onednn.deconvolution(channels_last(input), prepared, None if plan.extend else bias, spec, plan)
        if plan.extend:
            result = torch.nn.functional.pad(result, plan.extend)
            if bias is not None:
                result += bias.reshape(-1, 1, 1, 1)
        if plan.crop:  # a view: padding by negative amounts would be a copy more
            for axis, (front, back) in zip((4, 3, 2), zip(plan.crop[::2], plan.crop[1::2], strict=True), strict=True):
                result = result.narrow(axis, -front, result.size(axis) + front + back)
        copy(output, result)
