"""Gradients of a slab by torch's own backward operator, in the memory format in which oneDNN is fast.

Cost: twice the products of the definition, and a transposing copy of the output's gradient.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ..execution.layout import channels_last
from ..planning import costs
from . import taps, voxel
from .native import native_gradients

if TYPE_CHECKING:
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec

Gradients = tuple["torch.Tensor | None", "torch.Tensor | None"]


class ChannelsLastGradient:
    """torch's backward operator on channels-last slabs."""

    name = "channels_last"
    slab = 32 * 2**20

    def refusal(self, case: Case) -> str | None:
        """It pays in float32, where oneDNN computes."""
        if case.sums_in is not torch.float32:
            return f"oneDNN has no {case.dtype}"
        if case.spec.groups > 1 and max(case.spec.dilation) > 1:
            return "torch 2.13 writes beyond its memory there: groups, dilation and channels-last together"
        return None

    def cost(self, case: Case) -> float:
        """Predicted seconds: two products, and a transposing copy."""
        calls = 10 * costs.slabs(case, self.workspace(case), self.slab) * costs.CALL
        if case.channels_last and case.dtype is torch.float32:  # torch's own does the same at once
            return calls + 1.1 * costs.native_gradient(case)
        if costs.is_depthwise(case):
            return calls + 35 * costs.products(case) + 25 * costs.passes(case)
        if case.input_voxels == case.batch:  # one voxel each
            return calls + 30 * costs.products(case)
        depth, width = case.spec.in_channels // case.spec.groups, case.spec.out_channels // case.spec.groups
        few = 92 if depth < 4 else 9.2 if depth < 8 else None  # input channels that leave its vectors empty
        each = few or (2.6 if case.spec.kernel_size == case.spec.stride else 2.3)
        dilated = 8 if max(case.spec.dilation) > 1 else 1
        work = each * dilated * costs.products(case) + 7 * costs.passes(case)
        if case.spec.groups > 1:
            awkward = depth % 16 or width % 16  # for torch's own: it gains from the layout
            work *= 2 if math.prod(case.spec.kernel_size) > costs.LARGE else 0.7 if awkward else 1.2
        elif width < 4:
            work *= 1.7
        return calls + work + (2 * costs.COLUMN * costs.columns(case) if costs.is_buffered(case) else 0)

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its gradient once more."""
        return 4.0 * case.spec.out_channels

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> torch.Tensor:
        """Bring the weight into oneDNN's layout."""
        return weight.contiguous(memory_format=torch.channels_last_3d)

    def gradients(
        self,
        gradient: torch.Tensor,
        input: torch.Tensor,
        weight: torch.Tensor,
        spec: ConvTranspose3dSpec,
        wanted: tuple[bool, bool],
    ) -> Gradients:
        """Return the gradients of one slab with respect to input and weight."""
        return native_gradients(channels_last(gradient), channels_last(input), weight, spec, wanted)


class TapsGradient:
    """The transposed matrix products of `taps`."""

    name = "taps"
    slab = 16 * 2**20

    def refusal(self, case: Case) -> str | None:
        """As the forward algorithm's."""
        return taps.Taps().refusal(case)

    def cost(self, case: Case) -> float:
        """Predicted seconds: two products, and spreading the gradient into phases."""
        spec = case.spec
        if case.sums_in is torch.float64 or spec.kernel_size != spec.stride or any(map(any, spec.padding)):
            wide = 1.9 if case.sums_in is torch.float64 else 1.6
            read = spec.stride[2] ** 2 / 2  # passes: each column is read by itself, lines of the cache for few numbers
            wide = 1 if spec.in_channels < 8 else wide
            return 60 * costs.CALL + wide * taps.Taps().cost(case) + read * costs.passes(case)
        calls = 35 * costs.slabs(case, self.workspace(case), self.slab)
        read = 20 if case.channels_last else 6
        work = 2.2 * costs.products(case) + read * costs.passes(case) + costs.reordering(case)
        return calls * costs.CALL + work

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its gradient once more, in phases."""
        return float(case.sums_in.itemsize * case.spec.out_channels)

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """As the forward algorithm's."""
        return taps.Taps().prepare(weight, spec)

    def gradients(
        self,
        gradient: torch.Tensor,
        input: torch.Tensor,
        prepared: Any,
        spec: ConvTranspose3dSpec,
        wanted: tuple[bool, bool],
    ) -> Gradients:
        """Return the gradients of one slab with respect to input and weight."""
        return taps.gradients(gradient, input, prepared, spec, wanted)


class VoxelGradient:
    """The transposed matrix products of `voxel`."""

    name = "voxel"
    slab = 64 * 2**20

    def refusal(self, case: Case) -> str | None:
        """As the forward algorithm's."""
        return voxel.Voxel().refusal(case)

    def cost(self, case: Case) -> float:
        """Predicted seconds: two products, and writing a gradient as large as the weight."""
        slabs = costs.slabs(case, self.workspace(case), self.slab)
        return 10 * costs.CALL + 2.4 * costs.products(case) + slabs * costs.reordering(case) + 4 * costs.passes(case)

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its gradient once more, where padding cuts."""
        return float(case.sums_in.itemsize * case.spec.out_channels)

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
    ) -> Gradients:
        """Return the gradients of some samples with respect to input and weight."""
        return voxel.gradients(gradient, input, weight, spec, wanted)


class NativeGradient:
    """torch's backward operator as it is called for a contiguous volume."""

    name = "native"
    slab = 0

    def refusal(self, case: Case) -> str | None:
        """Nothing is refused."""
        return None

    def cost(self, case: Case) -> float:
        """Predicted seconds of torch's own call."""
        return costs.native_gradient(case)

    def workspace(self, case: Case) -> float:
        """The whole volume is one slab."""
        return 0.0

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
    ) -> Gradients:
        """Return the gradients with respect to input and weight."""
        return native_gradients(gradient, input, weight, spec, wanted)
