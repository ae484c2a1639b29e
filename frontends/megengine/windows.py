"""Rows of boxes and windows in pictures: `nms`, `roi_align`, `roi_pooling`, and the correlation of two pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...backend import OperatorError
from ..tensor import like, plain
from .arguments import ArgumentError
from .names import NAMES
from .operands import tensor_of

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def nms(boxes: Tensor, scores: Tensor, iou_thresh: float, max_output: int | None = None) -> Tensor:
    """Return which boxes `(N, 4)`, two corners each, are kept: the best, and what covers no better one too much.

    Args:
        boxes: columns and rows of the corners.
        scores: `(N,)`.
        iou_thresh: intersection by union above which a box goes.
        max_output: how many are kept at most. Default: None, all.

    Raises:
        AssertionError: a shape is another (a ValueError and RuntimeError too).
    """
    if boxes.dim() != 2 or tuple(boxes.shape)[1] != 4:
        msg = f"the expected shape of boxes is (N, 4); it is {tuple(boxes.shape)}."
        raise ArgumentError(msg)
    if scores.dim() != 1:
        msg = f"the expected shape of scores is (N,); it is {tuple(scores.shape)}."
        raise ArgumentError(msg)
    if len(boxes) != len(scores):
        msg = f"number of boxes and scores are not matched: {len(boxes)} and {len(scores)}."
        raise ArgumentError(msg)
    order = torch.argsort(plain(scores).detach(), descending=True, stable=True)
    sorted_boxes = plain(boxes).detach()[order]
    areas = (sorted_boxes[:, 2:] - sorted_boxes[:, :2]).prod(1)
    low = torch.maximum(sorted_boxes[:, None, :2], sorted_boxes[None, :, :2])
    high = torch.minimum(sorted_boxes[:, None, 2:], sorted_boxes[None, :, 2:])
    shared = torch.clamp(high - low, min=0).prod(2)
    covers = (shared > iou_thresh * (areas[:, None] + areas[None, :] - shared)).cpu()
    kept: list[int] = []
    for index in range(len(order)):
        if max_output is not None and len(kept) >= max_output:
            break
        if not covers[index, kept].any():
            kept.append(index)
    return like(order[kept].to(torch.int32), boxes)


def checked_mode(mode: str) -> str:
    """Return 'max' or 'average'.

    Raises:
        AssertionError: it is another word (a ValueError and RuntimeError too).
    """
    if mode.lower() not in ("max", "average"):
        msg = f"mode={mode!r}: only max/average mode is supported."
        raise ArgumentError(msg)
    return mode.lower()


def checked_rois(rois: Tensor) -> Tensor:
    """Return windows `(N, 5)`, plain.

    Raises:
        RuntimeError: they are of another shape (a ValueError too).
    """
    if rois.dim() != 2 or tuple(rois.shape)[1] != 5:
        msg = f"rois has shape {tuple(rois.shape)}; it must be (N, 5): the sample and two corners."
        raise OperatorError(msg)
    return plain(rois).detach()


def both(value: Any) -> tuple[int, int]:
    """Return two numbers; one stands for both."""
    rows, columns = (value, value) if isinstance(value, int) else value
    return int(rows), int(columns)


def roi_align(
    input: Tensor,
    rois: Tensor,
    output_shape: Any,
    mode: str = "average",
    spatial_scale: float = 1.0,
    sample_points: Any = 2,
    aligned: bool = True,
) -> Tensor:
    """Return windows of planes, resized: each pixel is the mean, or the largest, of values between pixels.

    Args:
        input: `(N, C, H, W)`.
        rois: `(windows, 5)`: the sample, columns and rows of two corners.
        output_shape: height and width of what comes out, or one number for both.
        mode: 'average' or 'max'. Default: 'average'.
        spatial_scale: by which the corners are multiplied. Default: 1.
        sample_points: values in each direction of a pixel. Default: 2.
        aligned: whether pixels are at halves, as corners count. Default: True.

    Raises:
        AssertionError: there is no such mode (a ValueError and RuntimeError too).
        RuntimeError: `rois` has another shape (a ValueError too).
    """
    checked_mode(mode)
    windows, planes = checked_rois(rois).float(), plain(input).float()
    (rows, columns), (down, across) = both(output_shape), both(sample_points)
    low = windows[:, 1:3] * spatial_scale - (0.5 if aligned else 0.0)
    high = windows[:, 3:5] * spatial_scale - (0.5 if aligned else 0.0)
    span = torch.clamp(high - low, min=0.0)
    x = low[:, :1] + places(span[:, :1], columns, across)
    y = low[:, 1:] + places(span[:, 1:], rows, down)
    found = between(planes, windows[:, 0].long(), y, x)
    found = found.reshape(*found.shape[:2], rows, down, columns, across)
    return like(found.amax((3, 5)) if mode.lower() == "max" else found.mean((3, 5)), input)


def places(span: Tensor, bins: int, points: int) -> Tensor:
    """Return where the points of bins are in a span, `(windows, bins * points)`."""
    return span / bins * ((torch.arange(bins * points, device=span.device) + 0.5) / points)


def between(planes: Tensor, samples: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Return values between pixels, of each window at the crossings of its rows and columns; 0 beyond the border."""
    height, width = planes.shape[-2:]
    chosen = planes[samples]

    def weights(place: Tensor, size: int) -> Tensor:
        # how much of each pixel is at a place: a hat one pixel wide to each side
        return torch.clamp(1 - torch.abs(place[..., None] - torch.arange(size, device=place.device)), min=0)

    return torch.einsum("nyh,nchw,nxw->ncyx", weights(y, height), chosen, weights(x, width))


def roi_pooling(input: Tensor, rois: Tensor, output_shape: Any, mode: str = "max", scale: float = 1.0) -> Tensor:
    """Return the largest value, or the mean, of each part of windows of planes.

    Args:
        input: `(N, C, H, W)`.
        rois: `(windows, 5)`: the sample, columns and rows of two corners, which are rounded.
        output_shape: how many parts there are, from above and from the left, or one number for both.
        mode: 'max' or 'average'. Default: 'max'.
        scale: by which the corners are multiplied. Default: 1.

    Raises:
        AssertionError: there is no such mode (a ValueError and RuntimeError too).
        RuntimeError: `rois` has another shape (a ValueError too).
    """
    kind, planes = checked_mode(mode), plain(input)
    rows, columns = both(output_shape)
    height, width = planes.shape[-2:]
    results = []
    for sample, *corners in checked_rois(rois).tolist():
        left, top, right, bottom = (int(corner * scale + 0.5) for corner in corners)
        part = planes[int(sample)]
        found = [
            pooled(
                part[:, slice(*cut(top, bottom, row, rows, height)), slice(*cut(left, right, column, columns, width))],
                kind,
            )
            for row in range(rows)
            for column in range(columns)
        ]
        results.append(torch.stack(found, -1).reshape(-1, rows, columns))
    return like(torch.stack(results), input)


def cut(low: int, high: int, part: int, parts: int, size: int) -> tuple[int, int]:
    """Return where a part of a window begins and ends."""
    length = max(high - low + 1, 1) / parts
    begin, end = low + int(part * length), low + -int(-(part + 1) * length // 1)
    return min(max(begin, 0), size), min(max(end, 0), size)


def pooled(part: Tensor, mode: str) -> Tensor:
    """Return the largest value of each channel, or the mean; 0 of nothing."""
    if part.shape[-1] * part.shape[-2] == 0:
        return part.sum((-2, -1))
    return part.amax((-2, -1)) if mode == "max" else part.mean((-2, -1))


def correlation(
    data1: Tensor,
    data2: Tensor,
    kernel_size: int = 1,
    max_displacement: int = 1,
    stride1: int = 1,
    stride2: int = 1,
    pad_size: int = 0,
    is_multiply: bool = True,
) -> Tensor:
    """Return how alike two planes `(N, C, H, W)` are, one moved against the other: a channel for each displacement.

    Args:
        data1: the plane that stays.
        data2: the plane that moves.
        kernel_size: of the windows that are compared.
        max_displacement: how far it moves in each direction.
        stride1: steps between windows.
        stride2: steps between displacements.
        pad_size: zeros around both.
        is_multiply: whether products are averaged; else absolute differences.

    Raises:
        RuntimeError: the shapes differ (a ValueError too).
    """
    if tuple(data1.shape) != tuple(tensor_of(data2, "data2").shape):
        msg = f"data1 has shape {tuple(data1.shape)} and data2 {tuple(data2.shape)}. Make them alike."
        raise OperatorError(msg)
    first, second = (F.pad(plain(each), [pad_size] * 4) for each in (data1, data2))
    reach = max_displacement // stride2
    border = max_displacement + kernel_size // 2
    height, width = (-((2 * border - size) // stride1) for size in first.shape[-2:])  # rounded up
    moves = [step * stride2 for step in range(-reach, reach + 1)]
    rows, columns = (size - 2 * max_displacement for size in first.shape[-2:])
    still = first[..., max_displacement : max_displacement + rows, max_displacement : max_displacement + columns]
    results = []
    for down in moves:
        for across in moves:
            top, left = max_displacement + down, max_displacement + across
            moved = second[..., top : top + rows, left : left + columns]
            compared = (still * moved if is_multiply else torch.abs(still - moved)).mean(1, keepdim=True)
            results.append(F.avg_pool2d(compared, kernel_size, stride1))
    return like(torch.cat(results, 1)[..., :height, :width], data1)


fn("functional.vision.nms", nms)
fn("functional.vision.roi_align", roi_align)
fn("functional.vision.roi_pooling", roi_pooling)
fn("functional.vision.correlation", correlation)
