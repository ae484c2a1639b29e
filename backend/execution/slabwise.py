"""Run an algorithm slab by slab: each output voxel is computed once, each slab by an operator of its own.

torch's own operator computes all at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from ..algorithms.native import native
from ..planning.faults import ordered
from .geometry import slabs
from .layout import channels_last
from .memory import own, recycler

if TYPE_CHECKING:
    from ..algorithms import Algorithm, Gradient
    from ..planning.case import Case


def compute(
    algorithm: Algorithm | None,
    case: Case,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    *,
    slab: int | None = None,
) -> torch.Tensor:
    """Compute the output of batched operands, by torch's own operator where no algorithm is given."""
    if algorithm is None:
        output = native(input, weight, bias, case.spec)
        return output.contiguous(memory_format=torch.channels_last_3d) if case.channels_last else output
    with torch.no_grad():
        return forward(algorithm, case, input, weight, bias, slab=slab)


def forward(
    algorithm: Algorithm,
    case: Case,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    *,
    slab: int | None = None,
) -> torch.Tensor:
    """Compute the output of batched operands; no gradients are recorded.

    `slab` bounds the workspace of a slab, in bytes. Default: what the algorithm is fastest with; on a GPU all at once.
    """
    spec = case.spec
    shape = (case.batch, spec.out_channels, *spec.output_size(case.size))
    output = _empty(shape, case, input.device)
    if not output.numel():
        return output
    dtype = case.sums_in
    prepared = algorithm.prepare(ordered(weight.to(dtype)), spec)
    bias = None if bias is None else bias.to(dtype).contiguous()  # oneDNN reads it through its address
    for (lot, d_in, h_in), (_, d_out, h_out), of_slab in slabs(
        spec, case.batch, case.size, _limit(algorithm, case, slab)
    ):
        algorithm.compute(
            input[slice(*lot), :, slice(*d_in), slice(*h_in)].to(dtype),
            prepared,
            bias,
            of_slab,
            output[slice(*lot), :, slice(*d_out), slice(*h_out)],
        )
    return output


def backward(
    algorithm: Gradient,
    case: Case,
    gradient: torch.Tensor,
    input: torch.Tensor,
    weight: torch.Tensor,
    wanted: tuple[bool, bool],
    *,
    slab: int | None = None,
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Compute the gradients with respect to input and weight: those of the slabs, added up."""
    dtype = case.sums_in
    prepared = algorithm.prepare(ordered(weight.to(dtype)), case.spec)
    parts = slabs(case.spec, case.batch, case.size, _limit(algorithm, case, slab))
    whole = len(parts) == 1 and parts[0].input == ((0, case.batch), (0, case.size[0]), (0, case.size[1]))
    to_input = None if whole or not wanted[0] else torch.zeros(input.shape, dtype=dtype, device=input.device)
    to_weight = torch.zeros(weight.shape, dtype=dtype, device=input.device) if wanted[1] and not parts else None
    for (lot, d_in, h_in), (_, d_out, h_out), of_slab in parts:
        box = (slice(*lot), slice(None), slice(*d_in), slice(*h_in))
        of_output = gradient[slice(*lot), :, slice(*d_out), slice(*h_out)]
        of_input, of_weight = algorithm.gradients(of_output.to(dtype), input[box].to(dtype), prepared, of_slab, wanted)
        if whole:
            to_input = of_input
        elif to_input is not None and of_input is not None:
            to_input[box] += of_input
        to_weight = of_weight if to_weight is None or of_weight is None else to_weight.add_(of_weight)
    if to_input is not None:
        to_input = to_input.to(case.dtype)
        to_input = own(channels_last(to_input) if case.channels_last else to_input.contiguous())
    return to_input, None if to_weight is None else own(to_weight.to(case.dtype))


def _empty(shape: tuple[int, ...], case: Case, device: torch.device) -> torch.Tensor:
    if case.gpu is None:
        return recycler.empty(shape, case.dtype, channels_last=case.channels_last)
    layout = torch.channels_last_3d if case.channels_last else torch.contiguous_format
    return torch.empty(shape, dtype=case.dtype, device=device, memory_format=layout)


def _limit(algorithm: Algorithm | Gradient, case: Case, slab: int | None) -> int:
    """Output voxels of a slab."""
    each = algorithm.workspace(case) if case.gpu is None else 0.0  # one slab: a GPU has no use for less work at a time
    size = algorithm.slab if slab is None else min(slab, algorithm.slab)
    return max(1, math.floor(size / each)) if each else case.output_voxels
