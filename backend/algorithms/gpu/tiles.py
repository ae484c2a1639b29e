"""One matrix product per tile of the input, written straight into the strided output: a Triton kernel for GPUs.

With no tap beyond the stride each output voxel takes at most one tap, so a product is finished where it is computed:
no intermediate result, no second pass. What padding cuts is computed and not written; what no tap reaches is filled
with the bias first.

Cost: the products of the definition on tensor cores (TF32 where torch's convolutions may use it; half precisions are
summed in float32); input and output pass memory once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ...execution.layout import fill
from ...planning import cuda
from ...planning.costs import Counts

if TYPE_CHECKING:
    from ...planning.case import Case
    from ...spec import ConvTranspose3dSpec

_DTYPES = (torch.float16, torch.bfloat16, torch.float32)
_VOXELS, _ROWS, _TERMS = 128, 64, 32
_LEAST = 16  # rows, columns and terms of a product on tensor cores
_MOST_BLOCKS = 65535  # of a grid's second axis


class Tiles:
    """The Triton kernel."""

    name = "tiles"
    slab = 0
    alone = 0

    def refusal(self, case: Case) -> str | None:
        """It needs triton, kernels within their stride, and a dtype that tensor cores sum in float32."""
        spec = case.spec
        if case.gpu is None:
            return "it is written for GPUs"
        if case.gpu.triton is None:
            return "triton is not installed"
        if case.dtype not in _DTYPES:
            return f"the kernel multiplies no {case.dtype}"
        if any(k > s for k, s in zip(spec.kernel_size, spec.stride, strict=True)):
            return "kernels beyond the stride overlap"
        dilated = any(k > 1 and d > 1 for k, d in zip(spec.kernel_size, spec.dilation, strict=True))
        if dilated or spec.groups * math.prod(spec.weight_shape[1:]) > _MOST_BLOCKS:
            return "the kernel has no dilation" if dilated else f"a grid has {_MOST_BLOCKS} blocks of rows at most"
        return None

    def counts(self, case: Case) -> Counts:
        """Nothing: the planner predicts nothing on GPUs."""
        return Counts("gpu", {})

    def operands(self, case: Case) -> torch.dtype:
        """As they are."""
        return case.sums_in

    def workspace(self, case: Case) -> float:
        """Nothing."""
        return 0.0

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Take the weight as it lies: (in_channels, rows)."""
        return weight.reshape(spec.in_channels, -1).contiguous().resolve_neg()

    def compute(
        self,
        input: torch.Tensor,
        prepared: Any,
        bias: torch.Tensor | None,
        spec: ConvTranspose3dSpec,
        output: torch.Tensor,
    ) -> None:
        """Write the output."""
        from .tiles_kernel import kernel

        size = input.shape[2:]
        if not _covers(spec, size, output.shape[2:]):
            fill(output, bias)
        pairs = spec.kernel_size[2] % 2 == 0
        width = spec.out_channels // spec.groups
        rows = width * math.prod(spec.kernel_size) // (2 if pairs else 1)
        of_rows = _block(rows, _ROWS // (2 if pairs else 1))
        voxels = input.size(0) * math.prod(size)
        of_voxels, row_blocks = _block(voxels, _VOXELS), -(-rows // of_rows)
        terms = spec.in_channels // spec.groups
        input, launch = input.resolve_neg(), kernel  # it reads memory as it is
        with torch.cuda.device_of(input):  # type: ignore[no-untyped-call]
            launch[(-(-voxels // of_voxels), spec.groups * row_blocks)](
                input,
                prepared,
                input if bias is None else bias.resolve_neg(),
                output,
                voxels,
                *size,
                *output.shape[2:],
                *(low for low, _ in spec.padding),
                *input.stride(),
                *output.stride(),
                terms,
                width,
                row_blocks,
                *spec.kernel_size,
                *spec.stride,
                bias is not None,
                pairs,
                max(map(_reach, (input, prepared, output))) + voxels >= 2**31,
                "tf32" if cuda.conv_tf32() else "ieee",
                of_rows,
                of_voxels,
                _block(terms, _TERMS),
                num_stages=2 if input.dtype is torch.float32 else 3,
            )


def _block(length: int, most: int) -> int:
    """Return a power of two for blocks of a length."""
    return min(max(1 << (length - 1).bit_length(), _LEAST), most)


def _covers(spec: ConvTranspose3dSpec, size: torch.Size, written: torch.Size) -> bool:
    """Whether a tap reaches every output voxel."""
    return spec.kernel_size == spec.stride and all(
        low >= 0 and low + length <= n * step
        for (low, _), length, n, step in zip(spec.padding, written, size, spec.stride, strict=True)
    )


def _reach(tensor: torch.Tensor) -> int:
    """Return the distance between the first and the last element, in elements."""
    return sum((length - 1) * step for length, step in zip(tensor.shape, tensor.stride(), strict=True))
