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
CALL = 11e-6  # seconds of one step of an algorithm: a torch operator on a view, and the Python around it
ALONE = 20e-6  # seconds of torch's own operator on next to nothing
_ONEDNN = 100e-6  # seconds more where that is oneDNN's
_VECTOR = 16  # channels that oneDNN computes at once
_BUFFERED = 3.5e-9  # seconds per element of a column buffer in float64
COLUMN = 3e-9  # seconds per element of a column buffer, forward and back
LARGE = 512  # taps beyond which it does not compute groups in blocks


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

    if spec.groups > 1 and math.prod(spec.kernel_size) > LARGE:
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
        return ALONE + products(case) + passes(case) + _buffers(case)
    alone = ALONE if case.dtype is case.sums_in else ALONE + 2 * CALL + passes(case)  # half precisions are cast
    if is_buffered(case):
        return alone + products(case) * few(case) + COLUMN / 2 * columns(case) + 2.5 * passes(case)
    matrices = case.spec.groups > 1 and math.prod(case.spec.kernel_size) > LARGE
    if 1 < case.spec.groups != case.spec.out_channels and max(case.spec.dilation) == 1 and not matrices:
        seconds = _grouped(case)
    else:
        seconds = 1.1 * products(case) * blocked(case) * short(case) + _reorders(case, matrices) * passes(case)
        seconds += reordering(case)
    return alone + _ONEDNN + seconds


def _reorders(case: Case, matrices: bool) -> float:
    """Passes over the output that oneDNN's deconvolution takes beside its products."""
    elements = case.output_voxels * case.spec.out_channels
    if matrices:
        return 3
    if case.channels_last and math.prod(case.spec.stride) > 1:
        reorders = 1 if elements < 1e7 else 3.5
        return reorders if is_whole(case) else reorders + 9
    if elements * 4 < 3 * 2**20:  # the result stays in the cache
        return 3 if is_whole(case) and case.spec.kernel_size != case.spec.stride else 12
    if math.prod(case.spec.stride) == 1:  # as many voxels in as out
        return 3.5 if case.channels_last else 8
    reorders = 14 if elements < 6e6 else 28
    return reorders if is_whole(case) else reorders + 9


def _grouped(case: Case) -> float:
    """Seconds of oneDNN's deconvolution with groups: by channels of a group, as measured."""
    spec = case.spec
    depth, width = spec.in_channels // spec.groups, spec.out_channels // spec.groups
    if case.channels_last and depth % _VECTOR == 0 == width % _VECTOR and is_whole(case):
        reorders = 3
    elif depth == 4:
        reorders = 47
    elif depth % _VECTOR == 0:
        elements = case.output_voxels * spec.out_channels
        reorders = (12 if elements < 2e6 else 22) if is_whole(case) else 7 if elements < 9e6 else 15
    else:
        reorders = 6 if depth % 8 == 0 == width % 8 else 16
    return 1.3 * products(case) + reorders * passes(case)


def is_whole(case: Case) -> bool:
    """Whether the output's sizes are multiples of the stride: oneDNN has other code then."""
    sizes = case.spec.output_size(case.size)
    return all(length % step == 0 for length, step in zip(sizes, case.spec.stride, strict=True))


def is_depthwise(case: Case) -> bool:
    """Whether every channel is convolved by itself."""
    return case.spec.groups == case.spec.in_channels == case.spec.out_channels > 1


def native_gradient(case: Case) -> float:
    """Torch's own backward operator; an awkward number of channels is not blocked in contiguous volumes."""
    spec = case.spec
    if case.input_voxels == case.batch and not is_depthwise(case):  # one voxel each: next to nothing for its blocks
        return 5 * ALONE + 25 * products(case) + 8 * passes(case)
    if case.sums_in is not torch.float32:
        return 5 * ALONE + 2 * products(case) + 2 * passes(case) + 1.8 * _buffers(case)
    if is_depthwise(case):  # neither in blocks nor in matrices
        return 5 * ALONE + 150 * products(case) + 8 * passes(case)
    depth, width = spec.in_channels // spec.groups, spec.out_channels // spec.groups
    slow = 1.5 if depth < 8 or (spec.groups > 1 and (depth % _VECTOR or width % _VECTOR)) else 1
    awkward = 2.4 if width % _VECTOR and width > 3 and spec.groups == 1 and not case.channels_last else 1
    dilated = 1.5 if max(spec.dilation) > 1 else 1
    large, apart = case.output_voxels * spec.out_channels > 6e6, spec.kernel_size == spec.stride
    work = (2.5 if apart else 2.2) * awkward * dilated * products(case)
    if is_buffered(case):
        return 5 * ALONE + slow * (work + COLUMN * columns(case) + 4 * passes(case))
    reads = 2 if _is_pointwise(case) else 13 if large and apart else 8 if large or apart else 5.5
    return 5 * ALONE + slow * (work + reads * passes(case))


def is_buffered(case: Case) -> bool:
    """Whether torch's own operator multiplies column buffers: in float32 small volumes never reach oneDNN."""
    spec = case.spec
    large = spec.in_channels * case.size[0] * case.size[1] > 20480
    return not (large or case.batch > 1 or spec.groups > 1 or min(spec.kernel_size[1:]) > 3)


def _is_pointwise(case: Case) -> bool:
    """Whether the convolution is one product, of the input as it lies."""
    return math.prod(case.spec.kernel_size) == math.prod(case.spec.stride) == 1


def columns(case: Case) -> int:
    """Elements of a column buffer; none where the input as it lies is one."""
    if _is_pointwise(case):
        return 0
    return case.input_voxels * case.spec.out_channels * math.prod(case.spec.kernel_size)


def _buffers(case: Case) -> float:
    """Seconds for column buffers: an element beyond the cache takes twice as long."""
    elements = columns(case)
    return (2 if elements > (3e5 if case.spec.kernel_size == case.spec.stride else 8e6) else 1) * _BUFFERED * elements


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
