"""Gradients of a slab by torch's own backward operator, in the memory format in which oneDNN is fast.

Cost: twice the products of the definition, and a transposing copy of the output's gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..execution.layout import channels_last
from ..planning import costs
from ..planning.costs import Counts
from . import taps, voxel
from .native import native_gradients

if TYPE_CHECKING:
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec

_FAR = 4  # columns of a stride from which on each read takes a line of the cache

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

    def counts(self, case: Case) -> Counts:
        """Count two convolutions, and a transposing copy."""
        kind = "voxel" if case.input_voxels == case.batch else costs.kind_of(case)
        number = costs.slabs(case, self.workspace(case), self.slab)
        parts = {**costs.convolution(case), "calls": costs.calls(case, number)}
        if kind.endswith("buffered"):  # torch calls no oneDNN then, in either layout
            parts |= {"columns": costs.buffered(case)["columns"]}
        if case.products < costs.TINY:
            return Counts("gradient channels_last/tiny", parts)
        return Counts(f"gradient channels_last/{kind}/{costs.layout_of(case)}/{costs.few_of(case)}", parts)

    def operands(self, case: Case) -> torch.dtype:
        """Gradients, which torch computes wrongly in bfloat16."""
        return case.sums_in

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

    def counts(self, case: Case) -> Counts:
        """Count two products, and spreading the gradient into phases."""
        spec = case.spec
        apart = spec.kernel_size == spec.stride and not any(map(any, spec.padding))
        read = costs.passes(case)  # each column by itself: lines of the cache for few numbers
        parts = {**taps.Taps().counts(case).parts, f"spread by {min(spec.stride[2], _FAR)}": read}
        kind = (
            f"{costs.dtype_of(case, self.operands(case))}/{costs.layout_of(case)}/{'apart' if apart else 'overlapping'}"
        )
        return Counts(f"gradient taps/{kind}", parts)

    def operands(self, case: Case) -> torch.dtype:
        """Products whose results are added up."""
        return costs.operands(case, "bfloat16_sums")

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

    def counts(self, case: Case) -> Counts:
        """Count two products, and writing a gradient as large as the weight."""
        return voxel.counts_of_gradients(case)

    def operands(self, case: Case) -> torch.dtype:
        """Products whose results are added up."""
        return costs.operands(case, "bfloat16_sums")

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

    def counts(self, case: Case) -> Counts:
        """Count torch's own call."""
        return costs.native_gradient(case)

    def operands(self, case: Case) -> torch.dtype:
        """Gradients, which torch computes wrongly in bfloat16."""
        return case.sums_in

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
