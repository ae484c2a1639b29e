"""A GPU that is not there: cases that say they are on one, for tensors that are on the CPU, and operators for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from tests.backend.forced import make

from fourfold.backend.execution import slabwise
from fourfold.backend.planning.case import Case, case_of
from fourfold.backend.planning.cuda import Gpu

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fourfold.backend import ConvTranspose3dSpec
    from fourfold.backend.algorithms import Algorithm, Gradient

GPU = Gpu(
    "a GPU", cudnn=91000, triton="3.0.0", benchmark=False, deterministic=False, conv_tf32=False, matmul_tf32=False
)
SPEC = make(kernel_size=2, stride=2)
OVERLAPPING = make(stride=2, padding=1)
SIZE = (2, 3, 2)


def volume(spec: ConvTranspose3dSpec = SPEC, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.empty(1, spec.in_channels, *SIZE, dtype=dtype)


def on_gpu(spec: ConvTranspose3dSpec, input: torch.Tensor, gpu: Gpu = GPU) -> Case:
    """Describe a call on a batched input as if it were on a GPU."""
    return case_of(spec, input)._replace(device="cuda", threads=1, gpu=gpu)


def forward(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, given: Sequence[torch.Tensor | None], gpu: Gpu = GPU
) -> torch.Tensor:
    """Compute the output as on a GPU."""
    input, weight, bias = given
    assert input is not None
    assert weight is not None
    return slabwise.forward(algorithm, on_gpu(spec, input, gpu), input, weight, bias)


def backward(
    algorithm: Gradient, spec: ConvTranspose3dSpec, given: Sequence[torch.Tensor]
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Compute gradients from (gradient of the output, input, weight) as on a GPU."""
    gradient, input, weight = given
    return slabwise.backward(algorithm, on_gpu(spec, input), gradient, input, weight, (True, True))
