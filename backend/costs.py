"""Predicted times: three rates of one core, and what they make of products, passes over the output, and calls.

The rates were measured on one machine (docs/performance.md). Their ratios, which alone decide between algorithms,
vary less between machines than they do. A factor in an algorithm's `cost` that is no count of anything is a
measurement likewise; `fourfold bench` shows where it is wrong.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from .case import Case

MULTIPLY = 45e9  # multiplications, each with its addition, per second and core: a large float32 matrix product
WRITE = 4.8e9  # bytes per second and core that one pass over the output writes
CALL = 4e-6  # seconds of one call of a torch operator
_VECTOR = 16  # channels that oneDNN computes at once
_LARGE = 512  # taps beyond which it does not compute groups in blocks


def products(case: Case) -> float:
    """Seconds of the definition's multiplications at full speed."""
    return case.products * case.sums_in.itemsize / 4 / (MULTIPLY * case.threads)


def product(case: Case, terms: float, rows: float) -> float:
    """How much longer a matrix product takes with so few terms per sum and so few rows: its operand is packed first."""
    return 1 + 12 / terms + 16 / rows


def few(case: Case) -> float:
    """How much longer matrix products take with few voxels for columns."""
    return 1 + 60 / max(1, case.input_voxels)


def passes(case: Case) -> float:
    """Seconds to write the output once."""
    written = case.output_voxels * case.spec.out_channels * case.sums_in.itemsize
    return written / (WRITE * case.threads)


def slabs(case: Case, workspace: float, size: int) -> float:
    """Slabs that a case is split into, about."""
    return 1 + case.output_voxels * workspace / size


def blocked(case: Case, least: float = _VECTOR) -> float:
    """How many times the definition's products oneDNN computes for channels that do not fill its vectors.

    Channels-last, few input channels cost `least` times at most.
    """
    spec = case.spec

    def filled(channels: int) -> float:
        return -(-channels // _VECTOR) * _VECTOR / channels

    if spec.groups > 1 and math.prod(spec.kernel_size) > _LARGE:
        return 5.0
    dilated = 4 if max(spec.dilation) > 1 else 1
    few = min(filled(spec.in_channels // spec.groups), least)
    return dilated * min(50.0, filled(spec.out_channels // spec.groups) * few)


def short(case: Case) -> float:
    """How much longer oneDNN takes on short rows."""
    return 1 + 8 / case.size[2] ** 2


def native(case: Case) -> float:
    """Torch's own operator: for contiguous volumes, reorders of the result are what it spends its time on."""
    if case.sums_in is not torch.float32:
        return 5 * CALL + (1 + 300 * case.spec.groups / case.spec.in_channels) * products(case) + 3 * passes(case)
    reorders = 3.5 if case.channels_last else 14 if case.output_voxels * case.spec.out_channels < 6e6 else 28
    small = case.output_voxels * case.spec.out_channels * 4 < 3 * 2**20  # the result stays in the cache
    slow = 1 if case.dtype is torch.float32 else 4  # half precisions are emulated
    spec = case.spec
    work = 1.1 * products(case) * blocked(case) * short(case)
    width = spec.out_channels // spec.groups
    if spec.groups > 1 and 1 < width < _VECTOR and max(spec.dilation) == 1:  # computed as matrices, not reordered
        work, reorders = 1.1 * products(case) * _VECTOR / width, 3
    elif spec.groups > 1 and math.prod(spec.kernel_size) > _LARGE:
        reorders = 3
    elif math.prod(spec.stride) == 1:  # as many voxels in as out
        reorders = 4
    return 5 * CALL + slow * (work + passes(case) * (3 if small else reorders))


def is_depthwise(case: Case) -> bool:
    """Whether every channel is convolved by itself."""
    return case.spec.groups == case.spec.in_channels == case.spec.out_channels > 1


def native_gradient(case: Case) -> float:
    """Torch's own backward operator; an awkward number of channels is not blocked in contiguous volumes."""
    spec = case.spec
    if case.input_voxels == case.batch and not is_depthwise(case):  # one voxel each: next to nothing for its blocks
        return 5 * CALL + 25 * products(case) + 8 * passes(case)
    if case.sums_in is not torch.float32:
        return 5 * CALL + (1.8 + 600 * spec.groups / spec.in_channels) * products(case) + 2 * passes(case)
    if is_depthwise(case):  # neither in blocks nor in matrices
        return 5 * CALL + 150 * products(case) + 8 * passes(case)
    width = spec.out_channels // spec.groups
    awkward = 2.4 if width % _VECTOR and width > 3 and not case.channels_last else 1
    dilated = 1.5 if max(spec.dilation) > 1 else 1
    slow = 1 if case.dtype is torch.float32 else 4  # half precisions are emulated
    work = 2.2 * awkward * dilated * products(case) + 8 * passes(case)
    return 5 * CALL + slow * (work + columns(case))


def columns(case: Case) -> float:
    """Seconds for the column buffers of torch's backward operator, on one core: small volumes never reach oneDNN."""
    spec = case.spec
    large = spec.in_channels * case.size[0] * case.size[1] > 20480
    if large or case.batch > 1 or spec.groups > 1 or min(spec.kernel_size[1:]) > 3:
        return 0.0
    return 20 * case.input_voxels * spec.out_channels * math.prod(spec.kernel_size) / WRITE


def halo(case: Case, workspace: float, size: int) -> float:
    """How many times an input plane is computed, because slabs of the output share it."""
    spec = case.spec
    depth, height, width = spec.output_size(case.size)
    planes = max(spec.stride[0], size // max(1, int(workspace)) // (height * width))
    shared = max(0, spec.dilation[0] * (spec.kernel_size[0] - 1) + 1 - spec.stride[0])
    return 1.0 if planes >= depth else 1 + shared / planes


def reordering(case: Case) -> float:
    """Seconds to bring the weight into another layout."""
    return 5 * math.prod(case.spec.weight_shape) * case.sums_in.itemsize / (WRITE * case.threads)


def interleaving(case: Case) -> float:
    """Seconds to write the phases of the output in their places; along the channels it is slow."""
    written = passes(case)
    if case.channels_last:
        return 8 * written
    if math.prod(case.spec.stride) == 1:
        return written
    step, width = case.spec.stride[2], case.spec.output_size(case.size)[2]
    if step == 1:
        factor = 1.5
    elif width % step:
        factor = 2.5 if step == 2 else 4.0  # a copy more, or column by column
    else:
        factor = 1.5 if step == 2 else 4.0 if step % 2 else 2.0
    return factor * (1 + 8 / case.size[2]) * written  # rows are what copies are made of
