"""Rows of functions of boxes, of deformable windows, and of what is decoded from scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError
from ..names import NAMES

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Return the boxes `(x1, y1, x2, y2)` that overlap with no better one by more than the threshold, best first."""
    order = torch.argsort(scores, descending=True, stable=True)
    corners = boxes[order]
    area = (corners[:, 2:] - corners[:, :2]).prod(1)
    low = torch.maximum(corners[:, None, :2], corners[None, :, :2])
    high = torch.minimum(corners[:, None, 2:], corners[None, :, 2:])
    common = (high - low).clamp(min=0).prod(2)
    overlap = common / (area[:, None] + area[None] - common)
    kept = torch.ones(len(order), dtype=torch.bool, device=boxes.device)
    for best in range(len(order)):
        if kept[best]:
            kept[best + 1 :] &= overlap[best, best + 1 :] <= iou_threshold
    return order[kept]


def deform_conv2d(
    input: Tensor,
    offset: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = (1, 1),
    padding: Any = (0, 0),
    dilation: Any = (1, 1),
    mask: Tensor | None = None,
) -> Tensor:
    """Apply a convolution of planes whose taps are moved by offsets `(N, 2 * G * kH * kW, H_out, W_out)`, y first.

    Zhu et al., 2019, equation 1: sum of weight * input(p + p_k + offset) * mask, bilinear, zero outside.

    Raises:
        RuntimeError: the offsets do not fit (a ValueError too).
    """
    steps, pads, spreads = tuple(stride), tuple(padding), tuple(dilation)
    batch, channels, *size = input.shape
    out_channels, group_channels, *window = weight.shape
    taps = window[0] * window[1]
    rows, columns = (
        (each + 2 * pad - spread * (taps_along - 1) - 1) // step + 1
        for each, pad, spread, taps_along, step in zip(size, pads, spreads, window, steps, strict=True)
    )
    if offset.dim() != 4 or tuple(offset.shape[2:]) != (rows, columns) or offset.shape[1] % (2 * taps):
        msg = f"offset has shape {tuple(offset.shape)}; legal is (N, 2 * groups * {taps}, {rows}, {columns})."
        raise OperatorError(msg)
    groups = offset.shape[1] // (2 * taps)
    moved = offset.reshape(batch, groups, taps, 2, rows, columns)
    options: dict[str, Any] = {"device": input.device, "dtype": input.dtype}
    starts = [
        torch.arange(count, **options) * step - pad
        for count, step, pad in zip((rows, columns), steps, pads, strict=True)
    ]
    reach = [torch.arange(count, **options) * spread for count, spread in zip(window, spreads, strict=True)]
    tap_rows, tap_columns = (each.reshape(taps, 1, 1) for each in torch.meshgrid(*reach, indexing="ij"))
    y = moved[:, :, :, 0] + tap_rows + starts[0].reshape(1, -1, 1)
    x = moved[:, :, :, 1] + tap_columns + starts[1].reshape(1, 1, -1)
    # to grid_sample's units, in which -1 and 1 are the outer edges of the first and last pixel
    grid = torch.stack([(2 * x + 1) / size[1] - 1, (2 * y + 1) / size[0] - 1], -1)
    sampled = F.grid_sample(
        input.reshape(batch * groups, channels // groups, *size),
        grid.reshape(batch * groups, taps, rows * columns, 2),
        align_corners=False,
    ).reshape(batch, groups, channels // groups, taps, rows, columns)
    if mask is not None:
        sampled = sampled * mask.reshape(batch, groups, 1, taps, rows, columns)
    parts = channels // group_channels
    columns_of = sampled.reshape(batch, parts, group_channels * taps, rows * columns)
    matrix = weight.reshape(parts, out_channels // parts, group_channels * taps)
    result = torch.matmul(matrix, columns_of).reshape(batch, out_channels, rows, columns)
    return result if bias is None else result + bias.reshape(-1, 1, 1)


def decoded(log_probs: Tensor, input_lengths: Tensor, merge_repeated: bool = True) -> tuple[Tensor, Tensor]:
    """Return the best class at each time without blanks, the last class, and minus the sum of its scores.

    Raises:
        RuntimeError: a length is more than there is (a ValueError too), which ends the release's process.
    """
    times, batch, classes = log_probs.shape
    if int(input_lengths.max()) > times:
        msg = f"input_lengths={input_lengths.tolist()}; at most {times} are there."
        raise OperatorError(msg)
    score, best = log_probs.max(2)
    found = best.new_zeros(batch, times)
    sums = score.new_zeros(batch, 1)
    for index, length in enumerate(input_lengths.tolist()):
        path = best[:length, index]
        chosen = path != classes - 1
        if merge_repeated:
            chosen[1:] &= path[1:] != path[:-1]
        path = path[chosen]
        found[index, : len(path)] = path
        sums[index] = -score[:length, index].sum()
    return found, sums


def roc_auc_score(label: Tensor, pred: Tensor) -> Tensor:
    """Return how often what is labelled 1 is predicted above what is labelled 0; equal ones count half.

    Raises:
        RuntimeError: nothing is labelled 1, or everything (a ValueError too).
    """
    positive, negative = pred[label == 1], pred[label != 1]
    if not positive.numel() or not negative.numel():
        msg = f"label has {positive.numel()} ones of {label.numel()}: some of both kinds are needed."
        raise OperatorError(msg)
    above = (positive[:, None] > negative).sum() + 0.5 * (positive[:, None] == negative).sum()
    return (above / (positive.numel() * negative.numel())).float().reshape(1)


fn("nms", nms)
fn("nn.functional.deform_conv2d", deform_conv2d)
fn("nn.functional.ctc_greedy_decoder", decoded)
fn("roc_auc_score", roc_auc_score)
