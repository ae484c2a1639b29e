"""What the planner knows of a call: the operator and the sizes, never the values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch

from ..execution.layout import is_channels_last_3d
from . import cuda, faults
from .permission import fft_is_allowed

if TYPE_CHECKING:
    from ..arguments import Triple
    from ..spec import ConvTranspose3dSpec


class Case(NamedTuple):
    """One call of the operator, as far as the choice of an algorithm depends on it."""

    spec: ConvTranspose3dSpec
    batch: int
    size: Triple
    dtype: torch.dtype
    device: str
    channels_last: bool
    threads: int
    gpu: cuda.Gpu | None = None
    fft: bool = False  # whether allow_fft() holds

    @property
    def sums_in(self) -> torch.dtype:
        """The dtype of the operands: float32 for half precisions on the CPU; a GPU multiplies these as they are."""
        return faults.wide(self.dtype) if self.gpu is None else self.dtype

    @property
    def input_voxels(self) -> int:
        """Voxels of the input, over the batch."""
        return self.batch * math.prod(self.size)

    @property
    def output_voxels(self) -> int:
        """Voxels of the output, over the batch."""
        return self.batch * math.prod(self.spec.output_size(self.size))

    @property
    def products(self) -> int:
        """Multiplications of the definition; floating-point operations are twice as many."""
        spec = self.spec
        return self.input_voxels * math.prod(spec.weight_shape)


def case_of(spec: ConvTranspose3dSpec, input: torch.Tensor) -> Case:
    """Describe a call on a batched input."""
    size = input.shape
    gpu = cuda.gpu(input.device) if cuda.is_cuda(input.device) else None
    device = "hip" if input.device.type == "cuda" and gpu is None else input.device.type
    return Case(
        spec,
        size[0],
        (size[2], size[3], size[4]),
        input.dtype,
        device,
        is_channels_last_3d(input),
        torch.get_num_threads() if gpu is None else 1,
        gpu,
        fft_is_allowed(),
    )


def records(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> bool:
    """Whether autograd records the call."""
    return torch.is_grad_enabled() and (
        input.requires_grad or weight.requires_grad or (bias is not None and bias.requires_grad)
    )
