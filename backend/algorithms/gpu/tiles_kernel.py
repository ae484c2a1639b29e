# mypy: disable-error-code="no-untyped-def"
"""The Triton kernel of `tiles`: a matrix product whose results go straight to their places in the output.

Rows of the product are (output channel, tap), columns are input voxels. With an even number of taps along the width,
neighbouring taps are two products that are joined before they are written, so that threads write neighbouring
addresses. `kernel` is None where triton is not installed. Triton reads annotations too: constexpr is the only one.
"""

from __future__ import annotations

from typing import Any

try:
    import triton
    import triton.language as tl
except ImportError:
    triton = None


def _kernel(
    input,
    weight,
    bias,
    output,
    voxels,
    depth,
    height,
    width,
    out_depth,
    out_height,
    out_width,
    front,
    top,
    left,
    input_n,
    input_c,
    input_d,
    input_h,
    input_w,
    output_n,
    output_c,
    output_d,
    output_h,
    output_w,
    terms,
    channels,
    row_blocks,
    kernel_d: tl.constexpr,
    kernel_h: tl.constexpr,
    kernel_w: tl.constexpr,
    stride_d: tl.constexpr,
    stride_h: tl.constexpr,
    stride_w: tl.constexpr,
    has_bias: tl.constexpr,
    pairs: tl.constexpr,
    wide: tl.constexpr,
    precision: tl.constexpr,
    block_rows: tl.constexpr,
    block_voxels: tl.constexpr,
    block_terms: tl.constexpr,
):
    """Write what `block_rows` rows (pairs of rows) of one group make of `block_voxels` voxels."""
    index = tl.int64 if wide else tl.int32
    group = (tl.program_id(1) // row_blocks).to(index)
    taps_w = kernel_w // 2 if pairs else kernel_w
    rows = channels * kernel_d * kernel_h * taps_w
    row = (tl.program_id(1) % row_blocks).to(index) * block_rows + tl.arange(0, block_rows)
    c = row % taps_w * (2 if pairs else 1)
    b = row // taps_w % kernel_h
    a = row // (taps_w * kernel_h) % kernel_d
    channel = row // (taps_w * kernel_h * kernel_d)
    in_rows = row < rows
    voxel = tl.program_id(0).to(index) * block_voxels + tl.arange(0, block_voxels)
    in_voxels = voxel < voxels
    w, voxel = voxel % width, voxel // width
    h, voxel = voxel % height, voxel // height
    d, n = voxel % depth, voxel // depth

    term = tl.arange(0, block_terms).to(index)
    taps = kernel_d * kernel_h * kernel_w
    lane = ((channel * kernel_d + a) * kernel_h + b) * kernel_w + c
    weights = weight + group * terms * channels * taps + lane[:, None]
    values = input + (n * input_n + d * input_d + h * input_h + w * input_w)[None, :]
    sums = tl.zeros((block_rows, block_voxels), dtype=tl.float32)
    others = tl.zeros((block_rows, block_voxels), dtype=tl.float32)
    for start in range(0, terms, block_terms):
        now = start + term
        of_weight = in_rows[:, None] & (now < terms)[None, :]
        of_input = (now < terms)[:, None] & in_voxels[None, :]
        matrix = weights + now[None, :] * channels * taps
        value = tl.load(values + (group * terms + now)[:, None] * input_c, mask=of_input, other=0.0)
        sums = tl.dot(tl.load(matrix, mask=of_weight, other=0.0), value, sums, input_precision=precision)
        if pairs:
            others = tl.dot(tl.load(matrix + 1, mask=of_weight, other=0.0), value, others, input_precision=precision)

    channel = group * channels + channel
    if has_bias:
        added = tl.load(bias + channel, mask=in_rows, other=0.0).to(tl.float32)[:, None]
        sums += added
        others += added
    z = d[None, :] * stride_d + a[:, None] - front
    y = h[None, :] * stride_h + b[:, None] - top
    x = w[None, :] * stride_w + c[:, None] - left
    inside = in_rows[:, None] & in_voxels[None, :]
    inside &= (z >= 0) & (z < out_depth) & (y >= 0) & (y < out_height)
    place = n[None, :] * output_n + channel[:, None] * output_c + z * output_d + y * output_h + x * output_w
    target = tl.where(inside & (x >= 0) & (x < out_width), place, -1)
    if pairs:
        other = tl.where(inside & (x >= -1) & (x < out_width - 1), place + output_w, -1)
        target = tl.interleave(target, other)
        sums = tl.interleave(sums, others)
    tl.store(output + target, sums.to(output.dtype.element_ty), mask=target >= 0)


kernel: Any = None if triton is None else triton.jit(_kernel)
