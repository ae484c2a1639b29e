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
from ..planning import costs, faults
from ..planning.costs import Counts
from . import onednn

if TYPE_CHECKING:
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec


_LEAST = 4.0  # times what few input channels need that oneDNN computes at most, channels-last


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

    def counts(self, case: Case) -> Counts:
        """Count the products, and a transposing copy."""
        kind = costs.kind_of(case).replace("buffered", "plain")
        if case.channels_last and case.dtype is torch.float32 and costs.is_whole(case):
            kind += "/as torch's"  # what torch calls itself, and a copy
        elif case.spec.stride[2] == 1 < max(case.spec.stride):
            kind += "/stride 1 along W"
        halo = costs.halo(case, self.workspace(case), self.alone)
        number = costs.slabs(case, self.workspace(case), self.alone)
        operands = self.operands(case)
        parts = costs.convolution(case, _LEAST, operands)
        narrow = "bfloat16/" if operands is torch.bfloat16 else ""
        return Counts(
            f"deconvolution/{narrow}{costs.layout_of(case)}/{kind}",
            {
                **{name: seconds * (halo if "convolved" in name else 1) for name, seconds in parts.items()},
                "calls": costs.calls(case, number),
                "taps": math.prod(case.spec.kernel_size) * costs.passes(case) if kind.startswith("depthwise") else 0.0,
            },
        )

    def operands(self, case: Case) -> torch.dtype:
        """A window that oneDNN computes right in bfloat16, without groups, whose code is that of gradients."""
        spec = case.spec
        right = spec.groups == 1 and faults.rounds_once(whole_strides(spec, case.size), spec.dilation)
        return costs.operands(case, "bfloat16") if right else case.sums_in

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
        if input.dtype is torch.bfloat16 and not faults.rounds_once(plan, spec.dilation):
            input, prepared, bias = input.float(), prepared.float(), None if bias is None else bias.float()
        result = onednn.deconvolution(channels_last(input), prepared, None if plan.extend else bias, spec, plan)
        if plan.extend:
            result = torch.nn.functional.pad(result, plan.extend)
            if bias is not None:
                result += bias.reshape(-1, 1, 1, 1)
        if plan.crop:  # a view: padding by negative amounts would be a copy more
            for axis, (front, back) in zip((4, 3, 2), zip(plan.crop[::2], plan.crop[1::2], strict=True), strict=True):
                result = result.narrow(axis, -front, result.size(axis) + front + back)
        copy(output, result)
