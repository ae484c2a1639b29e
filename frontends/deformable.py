"""The arithmetic of deformable convolutions: windows whose taps are moved, each by an offset of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..backend import OperatorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__ = ["deformed"]


def deformed(
    input: Tensor,
    offset: Tensor,
    weight: Tensor,
    mask: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> Tensor:
    """Apply a convolution of planes whose taps are moved.

    Zhu et al., 2019, equation 1: the sum of weight * input(p + p_k + offset) * mask, bilinear, zero outside.

    Args:
        input: (N, C_in, H, W).
        offset: (N, 2 * G * kH * kW, H_out, W_out), by tap y before x, in pixels; G groups of channels share offsets.
        weight: (C_out, C_in / groups, kH, kW).
        mask: (N, G * kH * kW, H_out, W_out), by which taps are multiplied. None: by 1.
        stride: along both axes.
        padding: likewise, on both sides.
        dilation: likewise.

    Raises:
        OperatorError: the offsets do not fit.
    """
    batch, channels, height, width = input.shape
    out_channels, group_channels, *window = weight.shape
    taps = window[0] * window[1]
    rows, columns = (
        (each + 2 * pad - spread * (along - 1) - 1) // step + 1
        for each, pad, spread, along, step in zip((height, width), padding, dilation, window, stride, strict=True)
    )
    if offset.dim() != 4 or tuple(offset.shape[2:]) != (rows, columns) or offset.shape[1] % (2 * taps):
        msg = f"offset has shape {tuple(offset.shape)}; legal is (N, 2 * groups * {taps}, {rows}, {columns})."
        raise OperatorError(msg)
    groups = offset.shape[1] // (2 * taps)
    moved = offset.reshape(batch, groups, taps, 2, rows, columns)
    options: dict[str, Any] = {"device": input.device, "dtype": input.dtype}
    starts = [
        torch.arange(count, **options) * step - pad
        for count, step, pad in zip((rows, columns), stride, padding, strict=True)
    ]
    reach = [torch.arange(count, **options) * spread for count, spread in zip(window, dilation, strict=True)]
    tap_rows, tap_columns = (each.reshape(taps, 1, 1) for each in torch.meshgrid(*reach, indexing="ij"))
    y = moved[:, :, :, 0] + tap_rows + starts[0].reshape(1, -1, 1)
    x = moved[:, :, :, 1] + tap_columns + starts[1].reshape(1, 1, -1)
    sampled = _sampled(input.reshape(batch, groups, channels // groups, height, width), y, x)
    if mask is not None:
        sampled = sampled * mask.reshape(batch, groups, 1, taps, rows, columns)
    parts = channels // group_channels
    patches = sampled.reshape(batch, parts, group_channels * taps, rows * columns)
    matrix = weight.reshape(parts, out_channels // parts, group_channels * taps)
    return torch.matmul(matrix, patches).reshape(batch, out_channels, rows, columns)


def _sampled(planes: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Return values of planes (N, G, C, H, W) at places (N, G, ...) between pixels, as (N, G, C, ...).

    Not torch's grid_sample: its coordinates round, and at a pixel the gradient of a place is that of one side.
    """
    batch, groups, channels, height, width = planes.shape
    flat = planes.reshape(batch, groups, channels, height * width)
    top, left = torch.floor(y.detach()), torch.floor(x.detach())
    total: Any = 0
    for row, vertical in ((top, 1 - (y - top)), (top + 1, y - top)):
        for column, horizontal in ((left, 1 - (x - left)), (left + 1, x - left)):
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            index = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
            places = index.long().reshape(batch, groups, 1, -1).expand(-1, -1, channels, -1)
            corner = torch.gather(flat, 3, places).reshape(batch, groups, channels, *y.shape[2:])
            total = total + corner * (vertical * horizontal * inside).unsqueeze(2)
    return total  # type: ignore[no-any-return]
