"""torch's operator in the other memory layout: for GPUs, whose libraries have different kernels for the two.

Cost: that of `native` there, and a transposing copy of input, weight and result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...execution.layout import is_channels_last_3d
from ...planning.costs import Counts
from ..native import native, native_gradients

if TYPE_CHECKING:
    from ...planning.case import Case
    from ...spec import ConvTranspose3dSpec


class OtherLayout:
    """torch's operator on a channels-last copy of a contiguous volume, or the other way round."""

    name = "other_layout"
    slab = 0
    alone = 0

    def refusal(self, case: Case) -> str | None:
        """It always applies."""
        return None

    def counts(self, case: Case) -> Counts:
        """Nothing: the planner predicts nothing on GPUs."""
        return Counts("gpu", {})

    def operands(self, case: Case) -> torch.dtype:
        """As they are."""
        return case.sums_in

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its channels once more."""
        return float(case.dtype.itemsize * case.spec.out_channels)

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Use the weight as it is; `compute` knows the layout."""
        return weight

    def compute(
        self,
        input: torch.Tensor,
        prepared: Any,
        bias: torch.Tensor | None,
        spec: ConvTranspose3dSpec,
        output: torch.Tensor,
    ) -> None:
        """Write the output."""
        other = _other(input)
        output.copy_(native(_in(other, input), _in(other, prepared), bias, spec))


class OtherLayoutGradient:
    """torch's backward operator on such copies."""

    name = "other_layout"
    slab = 0

    def refusal(self, case: Case) -> str | None:
        """It keeps away from what is wrong on the CPU."""
        if case.spec.groups > 1 and max(case.spec.dilation) > 1:
            return "torch 2.13 is wrong on CPUs with groups, dilation and channels-last together"
        return None

    def counts(self, case: Case) -> Counts:
        """Nothing: the planner predicts nothing on GPUs."""
        return Counts("gpu", {})

    def operands(self, case: Case) -> torch.dtype:
        """As they are."""
        return case.sums_in

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its gradient once more."""
        return float(case.dtype.itemsize * case.spec.out_channels)

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
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the gradients with respect to input and weight."""
        other = _other(input)
        return native_gradients(_in(other, gradient), _in(other, input), _in(other, weight), spec, wanted)


def _other(input: torch.Tensor) -> torch.memory_format:
    return torch.contiguous_format if is_channels_last_3d(input) else torch.channels_last_3d


def _in(layout: torch.memory_format, tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous(memory_format=layout)
