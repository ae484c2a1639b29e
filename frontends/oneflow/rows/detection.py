"""Rows of functions of boxes, of deformable windows, and of what is decoded from scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from ...deformable import deformed
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
    """Apply a convolution of planes whose taps are moved by offsets; `../../deformable.py` computes it.

    Raises:
        RuntimeError: the offsets do not fit (a ValueError too).
    """
    result = deformed(input, offset, weight, mask, tuple(stride), tuple(padding), tuple(dilation))
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
