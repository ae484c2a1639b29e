"""Calls whose paddings follow sizes that a graph leaves free, by torch's operators alone: what exporters see.

The operators of exported graphs (ONNX's, for one) take numbers that are known. So the greatest result that may be asked
for is computed, and the part that is wanted taken out of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import torch

from ..algorithms import native as known
from ..arguments import AXES, is_free
from ..errors import OperatorError

if TYPE_CHECKING:
    from ..arguments import Pads, Triple
    from ..spec import ConvTranspose3dSpec


def native(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec
) -> torch.Tensor:
    """Compute the output of an operator that `is_free`; shapes as in `conv_transpose3d`."""
    depth, height, width = input.shape[-3:]
    parts = []  # axis, first voxel, number of voxels
    padding, output_padding = list(spec.padding), list(spec.output_padding)
    for axis, length in enumerate(spec.output_size((depth, height, width))):
        (low, high), extra, first = spec.padding[axis], spec.output_padding[axis], 0
        cuts, extends = is_free(low) or is_free(high), is_free(extra)
        if cuts:
            _check(spec, axis)
            padding[axis], first = (0, 0), low
        if extends:
            # ONNX knows those below stride only, which is all that an output size asks for
            limit = spec.stride[axis] if extra < spec.stride[axis] else spec.dilation[axis]
            output_padding[axis] = limit - 1
        if cuts or extends:
            parts.append((axis - 3, first, length))
    greatest = replace(spec, padding=cast("Pads", padding), output_padding=cast("Triple", output_padding))
    output = known.native(input, weight, bias, greatest)
    for axis, first, length in parts:
        # not a slice: whether one is the whole, and so contiguous, would become a condition of the graph
        output = output.index_select(axis, torch.arange(first, first + length, device=output.device))
    return output


def _check(spec: ConvTranspose3dSpec, axis: int) -> None:
    if any(pad < 0 for pad in spec.padding[axis]):
        msg = (
            f"padding={spec.padding} is negative along {AXES[axis]}, and follows a size that the graph leaves free; "
            f"legal values there are 0 and above. Pad the output instead."
        )
        raise OperatorError(msg)
