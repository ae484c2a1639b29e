"""The definition of 3-D transposed convolution: nested loops over the formula, in NumPy, importing nothing of ours.

    full[n, o, stride * voxel + dilation * tap] += input[n, c, voxel] * weight[c, o, tap]

for every voxel of the input, every tap of the kernel (three indices each) and every pair (c, o) of channels in one
group; the output is the slice [low, full + output_padding - high) of it, zeros where that leaves `full`; then the bias.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Triple = tuple[int, int, int]
Pads = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


class Gradients(NamedTuple):
    """Gradients of sum(output * grad_output)."""

    input: Array
    weight: Array
    bias: Array


def conv_transpose3d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Triple = (1, 1, 1),
    padding: Pads = ((0, 0), (0, 0), (0, 0)),
    output_padding: Triple = (0, 0, 0),
    dilation: Triple = (1, 1, 1),
    groups: int = 1,
) -> Array:
    """Return the output for `input` (N, C_in, D, H, W) and `weight` (C_in, C_out / groups, kD, kH, kW)."""
    size = output_size(input.shape[2:], weight.shape[2:], stride, padding, output_padding, dilation)
    output: Array = np.zeros((input.shape[0], weight.shape[1] * groups, *size), dtype=np.result_type(input, weight))
    for source, tap, target in _links(input.shape, weight.shape, size, stride, padding, dilation, groups):
        output[target] += input[source] * weight[tap]
    if bias is not None:
        output += bias.reshape(1, -1, 1, 1, 1)
    return output


def gradients(
    grad_output: Array,
    input: Array,
    weight: Array,
    *,
    stride: Triple = (1, 1, 1),
    padding: Pads = ((0, 0), (0, 0), (0, 0)),
    output_padding: Triple = (0, 0, 0),
    dilation: Triple = (1, 1, 1),
    groups: int = 1,
) -> Gradients:
    """Return the three gradients: each product of the definition, differentiated by hand."""
    size = output_size(input.shape[2:], weight.shape[2:], stride, padding, output_padding, dilation)
    assert grad_output.shape[2:] == size, "grad_output has the shape of the output"
    grad_input, grad_weight = np.zeros_like(input), np.zeros_like(weight)
    for source, tap, target in _links(input.shape, weight.shape, size, stride, padding, dilation, groups):
        grad_input[source] += grad_output[target] * weight[tap].conj()
        grad_weight[tap] += grad_output[target] * input[source].conj()
    return Gradients(grad_input, grad_weight, grad_output.sum(axis=(0, 2, 3, 4)))


def output_size(
    input_size: tuple[int, ...],
    kernel_size: tuple[int, ...],
    stride: Triple,
    padding: Pads,
    output_padding: Triple,
    dilation: Triple,
) -> tuple[int, ...]:
    """Return (D_out, H_out, W_out)."""
    return tuple(
        (input_size[axis] - 1) * stride[axis]
        - padding[axis][0]
        - padding[axis][1]
        + dilation[axis] * (kernel_size[axis] - 1)
        + output_padding[axis]
        + 1
        for axis in range(3)
    )


def _links(
    input_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    size: tuple[int, ...],
    stride: Triple,
    padding: Pads,
    dilation: Triple,
    groups: int,
) -> Any:
    """Yield the indices (input, weight, output) of every product of the definition that lands in the output."""
    batch, in_channels = input_shape[:2]
    out_per_group = weight_shape[1]
    in_per_group = in_channels // groups
    for n, c, o in product(range(batch), range(in_channels), range(out_per_group)):
        channel = c // in_per_group * out_per_group + o
        for voxel in product(*(range(length) for length in input_shape[2:])):
            for tap in product(*(range(length) for length in weight_shape[2:])):
                place = tuple(
                    voxel[axis] * stride[axis] + tap[axis] * dilation[axis] - padding[axis][0] for axis in range(3)
                )
                if all(0 <= place[axis] < size[axis] for axis in range(3)):
                    yield (n, c, *voxel), (c, o, *tap), (n, channel, *place)
