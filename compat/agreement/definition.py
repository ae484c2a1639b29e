"""The mathematical definition in NumPy, one kernel tap at a time. It imports nothing of ours.

    output[n, o, stride * voxel + dilation * tap - low] += input[n, c, voxel] * weight[c, o, tap]

for every pair of channels (c, o) in one group, wherever the left side lies in the output; then the bias.
For one tap that is a matrix product over channels, added into a strided slice. The gradients are the same products
read the other way round (torch's convention for complex numbers: the other factor is conjugated).
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Triple = tuple[int, int, int]
Pads = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]

# Elements of one block of the input, all channels: bounds the temporaries to some 100 MB.
BLOCK = 1 << 22


class Values(NamedTuple):
    """What an operator gives: the output, and the gradients of sum(output * conj(upstream))."""

    output: Array
    grad_input: Array
    grad_weight: Array
    grad_bias: Array | None


class _Axis(NamedTuple):
    """Where one tap meets one axis: these voxels of the input go to these cells of the output."""

    source: slice
    target: slice
    empty: bool


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
    in_per_group = in_channels // groups
    # (groups, taps..., in, out): one contiguous matrix per group and tap
    w = weight.reshape(groups, in_per_group, out_per_group, *kernel).transpose(0, 3, 4, 5, 1, 2).astype(dtype)
    y, gx, gw = np.zeros(g.shape, dtype), np.zeros(x.shape, dtype), np.zeros(w.shape, dtype)
    taps = list(product(*(range(length) for length in kernel)))
    for volumes, slab in _blocks(x.shape):
        for tap in taps:
            axes = _meet(tap, slab, x.shape[3:], g.shape[3:], stride, dilation, padding)
            if any(axis.empty for axis in axes):
                continue
            source: tuple[slice, ...] = (slice(None), slice(None), volumes, *(axis.source for axis in axes))
            target: tuple[slice, ...] = (slice(None), slice(None), volumes, *(axis.target for axis in axes))
            at: Any = (slice(None), *tap)
            from_input, from_output = _columns(x[source], dtype), _columns(g[target], dtype)
            y[target] += (w[at].swapaxes(1, 2) @ from_input).reshape(y[target].shape)
            gx[source] += (w[at].conj() @ from_output).reshape(gx[source].shape)
            gw[at] += from_input.conj() @ from_output.swapaxes(1, 2)
    output = _ungrouped(y)
    if bias is not None:
        output += bias.astype(dtype).reshape(-1, 1, 1, 1)
    return Values(
        output,
        _ungrouped(gx),
        gw.transpose(0, 4, 5, 1, 2, 3).reshape(weight.shape),
        None if bias is None else upstream.sum(axis=(0, 2, 3, 4), dtype=dtype),
    )


def _grouped(array: Array, groups: int) -> Array:
    """View (N, C, D, H, W) as (groups, C / groups, N, D, H, W)."""
    batch, channels, *size = array.shape
    return array.reshape(batch, groups, channels // groups, *size).transpose(1, 2, 0, 3, 4, 5)


def _ungrouped(array: Array) -> Array:
    groups, channels, batch, *size = array.shape
    return array.transpose(2, 0, 1, 3, 4, 5).reshape(batch, groups * channels, *size)


def _columns(array: Array, dtype: type[Any]) -> Array:
    """Copy (groups, C, N, D, H, W) to (groups, C, N * D * H * W)."""
    return np.ascontiguousarray(array, dtype=dtype).reshape(array.shape[0], array.shape[1], -1)


def _blocks(shape: tuple[int, ...]) -> list[tuple[slice, range]]:
    """Split batch, and depth where one volume is too large, into blocks of about `BLOCK` elements."""
    groups, channels, batch, depth, height, width = shape
    plane = groups * channels * height * width
    planes = max(BLOCK // max(plane, 1), 1)
    if planes >= depth:
        step = max(planes // depth, 1)
        return [(slice(start, min(start + step, batch)), range(depth)) for start in range(0, batch, step)]
    return [
        (slice(volume, volume + 1), range(start, min(start + planes, depth)))
        for volume in range(batch)
        for start in range(0, depth, planes)
    ]


def _meet(
    tap: tuple[int, ...],
    slab: range,
    input_size: tuple[int, ...],
    output_size: tuple[int, ...],
    stride: Triple,
    dilation: Triple,
    padding: Pads,
) -> list[_Axis]:
    axes = []
    ranges = (slab, range(input_size[1]), range(input_size[2]))
    for index, voxels, size, step, spread, (low, _) in zip(
        tap, ranges, output_size, stride, dilation, padding, strict=True
    ):
        offset = spread * index - low
        # voxel * step + offset must lie in [0, size)
        first = max(voxels.start, -(offset // step))
        last = min(voxels.stop - 1, (size - 1 - offset) // step)
        count = max(last - first + 1, 0)
        start = first * step + offset
        axes.append(_Axis(slice(first, first + count), slice(start, start + (count - 1) * step + 1, step), count == 0))
    return axes
