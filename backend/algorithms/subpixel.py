"""One dense convolution per output phase, by oneDNN: for depthwise kernels, small channel counts and stride 1.

The positions s * j + p of the output are an ordinary convolution of the input with every s-th tap of the kernel,
reversed. At stride 1 there is one phase: the convolution with the flipped kernel.

Cost: the products of the definition at the speed of oneDNN's convolution; one more pass over the output.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import torch

from ..execution.geometry import phases
from ..execution.layout import channels_last, copy, fill
from ..planning import costs
from ..planning.costs import Counts
from . import onednn

if TYPE_CHECKING:
    from ..execution.geometry import Phase
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec


_LEAST = 2.5  # times what few input channels need that oneDNN's convolutions compute at most


class Subpixel:
    """A convolution per phase."""

    slab = 8 * 2**20  # stays in the cache
    alone = slab

    def __init__(self, layout: torch.memory_format | None = None) -> None:
        """Convolve by torch's own operator in that layout; by default oneDNN does in its own, where it can."""
        self.layout = layout
        self.name = "subpixel_channels_last" if layout is torch.channels_last_3d else "subpixel"

    def refusal(self, case: Case) -> str | None:
        """It needs oneDNN, float32 sums, and a number of phases that is worth a call each."""
        if self.layout is None and case.sums_in is torch.float32 and not onednn.available:
            return "this torch has no oneDNN"
        if math.prod(case.spec.stride) > 64:
            return f"{math.prod(case.spec.stride)} phases are more convolutions than pay"
        return None

    def counts(self, case: Case) -> Counts:
        """Count the products, and the passes that interleave and transpose."""
        spec = case.spec
        count = math.prod(spec.stride)
        uneven = any(k % s for k, s in zip(spec.kernel_size, spec.stride, strict=True))
        kind = costs.kind_of(case).replace("buffered", "plain")
        kind += "/uneven" if uneven else "/even" if count > 1 else "/stride 1"
        number = costs.slabs(case, self.workspace(case), self.slab)
        parts = costs.convolution(case, _LEAST) if case.sums_in is torch.float32 else costs.buffered(case)
        halo = costs.halo(case, self.workspace(case), self.slab)
        read = case.input_voxels * spec.in_channels * math.prod(spec.kernel_size)
        return Counts(
            f"subpixel/{costs.dtype_of(case)}/{costs.layout_of(case)}/{kind}",
            {
                **{name: seconds * (halo if "convolved" in name else 1) for name, seconds in parts.items()},
                "calls": costs.calls(case, number),
                "phases": costs.calls(case, number * count),
                "columns": costs.written(case, read) if case.sums_in is not torch.float32 else 0.0,
            },
        )

    def operands(self, case: Case) -> torch.dtype:
        """Convolutions, which torch computes wrongly in bfloat16."""
        return case.sums_in

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its channels once more, and one phase of them."""
        return 4.0 * case.spec.out_channels * (1 + 1 / math.prod(case.spec.stride))

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Swap the channel axes within each group, as convolutions want them; pick each phase's taps on demand."""
        groups = spec.groups
        swapped = weight.view(groups, -1, *weight.shape[1:]).transpose(1, 2).flatten(0, 1)
        return swapped, {}

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
        swapped, kernels = prepared
        blocked = self.layout is None and input.dtype is torch.float32  # oneDNN's
        layout = torch.channels_last_3d if blocked else self.layout or torch.contiguous_format
        input = channels_last(input) if layout is torch.channels_last_3d else input.contiguous()
        # interleaved where channels are neighbours, then transposed tile by tile
        direct = output.stride(1) == 1 or layout is torch.contiguous_format
        whole = output if direct else torch.empty_like(output, memory_format=torch.channels_last_3d)
        dilation = [d // math.gcd(d, s) for d, s in zip(spec.dilation, spec.stride, strict=True)]
        for index in itertools.product(*(range(len(axis)) for axis in axes)):
            chosen = [axis[phase] for axis, phase in zip(axes, index, strict=True)]
            target = whole[:, :, index[0] :: spec.stride[0], index[1] :: spec.stride[1], index[2] :: spec.stride[2]]
            if not all(phase.taps for phase in chosen):
                fill(target, bias)
                continue
            taps = tuple(map(_run, chosen))
            if taps not in kernels:
                depth, height, width = (slice(*run) for run in taps)
                kernel = swapped[:, :, depth, height, width].flip(2, 3, 4)
                kernels[taps] = kernel.contiguous(memory_format=layout)
            placed = [_place(phase, d, n) for phase, d, n in zip(chosen, dilation, size, strict=True)]
            padding = [amount for amount, _ in placed]
            if blocked:
                result = onednn.convolution(input, kernels[taps], bias, padding, dilation, spec.groups)
            else:
                result = torch.nn.functional.conv3d(input, kernels[taps], bias, 1, padding, dilation, spec.groups)
            for axis, ((_, first), phase) in enumerate(zip(placed, chosen, strict=True)):
                result = result.narrow(axis + 2, first, phase.length)
            target.copy_(result)
        if whole is not output:
            copy(output, whole)


def _run(phase: Phase) -> tuple[int, int, int]:
    """Return start, stop and step of the taps: an index would be a copy to the GPU, which CUDA graphs forbid."""
    first, *others = (tap for tap, _ in phase.taps)
    return (first, phase.taps[-1][0] + 1, others[0] - first if others else 1)


def _place(phase: Phase, dilation: int, length: int) -> tuple[int, int]:
    """Return the symmetric padding under which a convolution covers the phase, and where the phase begins in it."""
    base = phase.taps[-1][1]  # the last tap meets the lowest input
    reach = (len(phase.taps) - 1) * dilation
    padding = max(0, -base, phase.length + base + reach - length)
    return padding, padding + base
