"""Run an algorithm slab by slab: each output voxel is computed once, each slab by an operator of its own.

torch's own operator computes all at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from ..algorithms.native import narrow, native
from ..planning import costs
from ..planning.faults import ordered
from .geometry import slabs, slabs_of_input
from .layout import stored
from .memory import own, recycler
from .workers import team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..algorithms import Algorithm, Gradient
    from ..planning.case import Case
    from .geometry import Slab
    from .workers import Team

# Measured (docs/performance.md, Threads).
LONG = 5e-3  # predicted seconds from which on a call has threads of ours: torch's own spin for some milliseconds more
SEVERAL = 4  # slabs per thread beyond which it does not matter who gets the last
SHARED = 1.3  # times as much input may be read as where all threads share a slab
_ALL = 2**62  # voxels of a slab


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
        of = narrow if costs.native_operands(case) is torch.bfloat16 else native
        output = of(input, weight, bias, case.spec)
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
    dtype = algorithm.operands(case)
    prepared = algorithm.prepare(ordered(weight.to(dtype)), spec)
    bias = None if bias is None else bias.to(dtype).contiguous()  # oneDNN reads it through its address

    def of(part: Slab) -> None:
        (lot, d_in, h_in), (_, d_out, h_out), of_slab = part
        algorithm.compute(
            input[slice(*lot), :, slice(*d_in), slice(*h_in)].to(dtype),
            prepared,
            bias,
            of_slab,
            output[slice(*lot), :, slice(*d_out), slice(*h_out)],
        )

    parts, workers = shared(algorithm, case, slab)
    if workers is None:
        for part in parts:
            of(part)
    else:
        workers.run(parts, of)
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
    """Compute the gradients with respect to input and weight: each input voxel's once, the weight's added up."""
    dtype = algorithm.operands(case)
    prepared = algorithm.prepare(ordered(weight.to(dtype)), case.spec)
    parts = slabs_of_input(case.spec, case.batch, case.size, _limit(algorithm, case, slab))
    to_input = _empty(tuple(input.shape), case, input.device) if wanted[0] and len(parts) != 1 else None
    to_weight = None if parts or not wanted[1] else torch.zeros(weight.shape, dtype=dtype, device=input.device)
    for (lot, d_in, h_in), (_, d_out, h_out), of_slab in parts:
        box = (slice(*lot), slice(None), slice(*d_in), slice(*h_in))
        of_output = gradient[slice(*lot), :, slice(*d_out), slice(*h_out)]
        of_input, of_weight = algorithm.gradients(of_output.to(dtype), input[box].to(dtype), prepared, of_slab, wanted)
        if to_input is None:
            to_input = of_input
        elif of_input is not None:
            to_input[box] = of_input
        to_weight = of_weight if to_weight is None or of_weight is None else to_weight.add_(of_weight)
    if to_input is not None:
        to_input = own(stored(to_input.to(case.dtype), case.channels_last))
    return to_input, None if to_weight is None else own(to_weight.to(case.dtype))


def shared(algorithm: Algorithm, case: Case, slab: int | None = None) -> tuple[Sequence[Slab], Team | None]:
    """Split a call into slabs, and say who computes them, side by side.

    Nobody does where torch shares every operator of each slab among its threads: in short calls, and where slabs so
    small would share much of the input.
    """
    parts = slabs(case.spec, case.batch, case.size, _limit(algorithm, case, slab))
    if case.gpu is not None or not algorithm.alone or case.threads == 1 or costs.seconds(algorithm, case) < LONG:
        return parts, None
    workers = team(case.threads)
    each = math.floor((algorithm.alone if slab is None else slab / workers.size) / algorithm.workspace(case))
    number = len(slabs(case.spec, case.batch, case.size, max(1, each)))
    if number < SEVERAL * workers.size:  # who gets the last one matters
        number = -(-number // workers.size) * workers.size
    finer = slabs(case.spec, case.batch, case.size, max(1, -(-case.output_voxels // number)))
    return (parts, None) if _read(finer) > SHARED * _read(parts) else (finer, workers)


def _read(parts: Sequence[Slab]) -> int:
    """Rows of the input that slabs read, the shared ones each time."""
    return sum(math.prod(stop - first for first, stop in part.input) for part in parts)


def _empty(shape: tuple[int, ...], case: Case, device: torch.device) -> torch.Tensor:
    if case.gpu is None:
        return recycler.empty(shape, case.dtype, channels_last=case.channels_last)
    layout = torch.channels_last_3d if case.channels_last else torch.contiguous_format
    return torch.empty(shape, dtype=case.dtype, device=device, memory_format=layout)


def _limit(algorithm: Algorithm | Gradient, case: Case, slab: int | None) -> int:
    """Output voxels of a slab."""
    each = algorithm.workspace(case) if case.gpu is None else 0.0  # one slab: a GPU has no use for less work at a time
    size = algorithm.slab if slab is None else min(slab, algorithm.slab)
    return max(1, math.floor(size / each)) if each else _ALL
