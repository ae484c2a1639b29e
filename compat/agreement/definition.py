"""The mathematical definition in NumPy, without loops over voxels. It imports nothing of ours.

    output[n, o, stride * voxel + dilation * tap - low] += input[n, c, voxel] * weight[c, o, tap]

for every pair of channels (c, o) in one group, wherever the left side lies in the output; then the bias.
For one tap that is a matrix product over channels, added into a strided slice of the output. The gradients are the
same products read the other way round (torch's convention for complex numbers: the other factor is conjugated).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = npt.NDArray[Any]
Triple = tuple[int, int, int]
Pads = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]

# Products of one block of voxels, over output channels and taps: bounds the temporaries to some 100 MB.
BLOCK = 1 << 22


class Values(NamedTuple):
    """What an operator gives: the output, and the gradients of sum(output * conj(upstream))."""

    output: Array
    grad_input: Array
    grad_weight: Array
    grad_bias: Array | None


EVERY = (slice(None), slice(None))


def evaluate(
    input: Array,
    weight: Array,
    bias: Array | None,
    upstream: Array,
    *,
    stride: Triple = (1, 1, 1),
    padding: Pads = ((0, 0), (0, 0), (0, 0)),
    dilation: Triple = (1, 1, 1),
    groups: int = 1,
    dtype: type[Any] | None = None,
) -> Values:
    """Return output and gradients; the spatial size of the output is that of `upstream`.

    Args:
        input: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`.
        weight: `(C_in, C_out / groups, kD, kH, kW)`.
        bias: `(C_out,)` or None.
        upstream: `(N, C_out, D_out, H_out, W_out)` or `(C_out, D_out, H_out, W_out)`.
        stride: per axis.
        padding: (low, high) per axis; `high` is implied by the size of `upstream`.
        dilation: per axis.
        groups: a divisor of both channel counts.
        dtype: in which to compute. Default: float64 or complex128.

    Example:
        >>> import numpy as np
        >>> one = np.ones((1, 1, 1, 1, 3))
        >>> evaluate(one, one, None, np.ones((1, 1, 1, 1, 7)), stride=(1, 1, 2)).output.ravel()
        array([1., 1., 2., 1., 2., 1., 1.])
    """
    if dtype is None:
        dtype = np.complex128 if np.iscomplexobj(input) else np.float64
    if input.ndim == 4:
        values = evaluate(
            input[None],
            weight,
            bias,
            upstream[None],
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            dtype=dtype,
        )
        return values._replace(output=values.output[0], grad_input=values.grad_input[0])
    x, g = _grouped(input, groups), _grouped(upstream, groups)
    in_channels, out_per_group, *kernel = weight.shape
    # (groups, in, out * taps): what one voxel is multiplied with
    w = weight.reshape(groups, in_channels // groups, -1).astype(dtype)
    y, gx, gw = np.zeros(g.shape, dtype), np.zeros(x.shape, dtype), np.zeros(w.shape, dtype)
    taps = list(product(*(range(length) for length in kernel)))
    for volumes, *voxels in _blocks(x.shape, w.shape[0] * w.shape[2]):
        block = (slice(None), slice(None), volumes, *(slice(axis.start, axis.stop) for axis in voxels))
        meetings = [_meet(tap, voxels, g.shape[3:], stride, dilation, padding) for tap in taps]
        columns = np.ascontiguousarray(x[block], dtype=dtype).reshape(*x.shape[:2], -1)
        size = x[block].shape[2:]
        spread = (w.swapaxes(1, 2) @ columns).reshape(groups, out_per_group, *kernel, *size)
        gathered = np.zeros_like(spread)
        for tap, (source, target) in zip(taps, meetings, strict=True):
            at, place = (*EVERY, *tap, slice(None), *source), (*EVERY, volumes, *target)
            y[place] += spread[at]
            gathered[at] = g[place]
        upstream_columns = gathered.reshape(groups, w.shape[2], -1)
        gx[block] += (w.conj() @ upstream_columns).reshape(gx[block].shape)
        gw += columns.conj() @ upstream_columns.swapaxes(1, 2)
    output = _ungrouped(y)
    if bias is not None:
        output += bias.astype(dtype).reshape(-1, 1, 1, 1)
    return Values(
        output,
        _ungrouped(gx),
        gw.reshape(weight.shape),
        None if bias is None else upstream.sum(axis=(0, 2, 3, 4), dtype=dtype),
    )


def _grouped(array: Array, groups: int) -> Array:
    """View (N, C, D, H, W) as (groups, C / groups, N, D, H, W)."""
    batch, channels, *size = array.shape
    return array.reshape(batch, groups, channels // groups, *size).transpose(1, 2, 0, 3, 4, 5)


def _ungrouped(array: Array) -> Array:
    groups, channels, batch, *size = array.shape
    return array.transpose(2, 0, 1, 3, 4, 5).reshape(batch, groups * channels, *size)


def _blocks(shape: tuple[int, ...], products: int) -> Iterator[tuple[slice, range, range, range]]:
    """Split batch, depth and height so that a block has about `BLOCK` products, `products` for each voxel."""
    batch, depth, height, width = shape[2:]
    rows = max(BLOCK // max(products * width, 1), 1)
    steps = (max(rows // (depth * height), 1), min(max(rows // height, 1), depth), min(rows, height))
    for volume in range(0, batch, steps[0]):
        for plane in range(0, depth, steps[1]):
            for row in range(0, height, steps[2]):
                yield (
                    slice(volume, min(volume + steps[0], batch)),
                    range(plane, min(plane + steps[1], depth)),
                    range(row, min(row + steps[2], height)),
                    range(width),
                )


def _meet(
    tap: tuple[int, ...],
    voxels: list[range],
    output_size: tuple[int, ...],
    stride: Triple,
    dilation: Triple,
    padding: Pads,
) -> tuple[list[slice], list[slice]]:
    """Return which voxels of a block one tap takes to which cells of the output: slices of equal length per axis."""
    sources, targets = [], []
    for index, axis, size, step, spread, (low, _) in zip(
        tap, voxels, output_size, stride, dilation, padding, strict=True
    ):
        offset = spread * index - low
        # voxel * step + offset must lie in [0, size)
        first = max(axis.start, -(offset // step))
        last = min(axis.stop - 1, (size - 1 - offset) // step)
        count = max(last - first + 1, 0)
        start = first * step + offset if count else 0
        first = first - axis.start if count else 0
        sources.append(slice(first, first + count))
        targets.append(slice(start, start + (count - 1) * step + 1 if count else start, step))
    return sources, targets
