"""Predicted times: a few rates of one core, and how each algorithm uses them.

The rates were measured on one machine (docs/performance.md). Their ratios, which alone decide, vary less than they do.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from .case import Case

MULTIPLY = 55e9  # multiplications (with their additions) per second and core: a large float32 matrix product
BYTES = 5e9  # bytes written per second and core by a copy whose source is in the cache
FAULTS = 2.5e9  # bytes per second that fresh memory faults in
CALL = 4e-6  # seconds of one call of a torch operator


def product(case: Case, rows: float, terms: float) -> float:
    """Seconds per multiplication of a matrix product with that many rows and that many terms per sum."""
    speed = MULTIPLY * case.threads * (4 / case.sums_in.itemsize if case.sums_in.is_floating_point else 0.25)
    return (1 + 12 / rows) * (1 + 10 / terms) / speed


def write(case: Case, voxels: float, itemsize: float | None = None) -> float:
    """Seconds to write that many voxels of all output channels once."""
    size = case.sums_in.itemsize if itemsize is None else itemsize
    return voxels * case.spec.out_channels * size / (BYTES * case.threads)


def native_cost(case: Case) -> float:
    """Torch's own operator."""
    spec = case.spec
    written = write(case, case.output_voxels)
    work = case.products * product(case, spec.out_channels / spec.groups, spec.in_channels / spec.groups)
    if case.sums_in is not torch.float32:
        return CALL + 4 * work + 6 * math.prod(spec.kernel_size) / math.prod(spec.stride) * written
    if case.channels_last:
        return CALL + work + written
    return CALL + 2 * work + 4 * written
