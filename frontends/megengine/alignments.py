"""Row of the loss of alignments: how likely a sequence is whose places in time are unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..tensor import like, plain
from .arguments import ArgumentError
from .losses import reduced
from .names import NAMES
from .operands import tensor_of

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []


def ctc_loss(
    pred: Tensor,
    pred_lengths: Tensor,
    label: Tensor,
    label_lengths: Tensor,
    blank: int = 0,
    reduction: str = "mean",
) -> Tensor:
    """Return minus the logarithm of the probability of labels, summed over all their alignments in time.

    Args:
        pred: probabilities of the classes at each time, `(T, N, C)`.
        pred_lengths: how many times count, `(N,)`.
        label: the classes, `(N, S)`, or those of all samples one after the other.
        label_lengths: how many they are, `(N,)`.
        blank: the class of nothing. Default: 0.
        reduction: 'mean', of the losses by the lengths of their labels, 'sum' or 'none'. Default: 'mean'.

    Raises:
        AssertionError: a length, the number of labels or `blank` is out of range (a ValueError and RuntimeError too).
        ValueError: there is no such reduction.
    """
    steps, batch, classes = tuple(tensor_of(pred, "pred").shape)
    times, counts = plain(pred_lengths).long().reshape(-1), plain(label_lengths).long().reshape(-1)
    flat = plain(label).long()
    wrong = {
        f"pred_lengths must be equal to batch_size {batch}, but got {len(times)}": len(times) != batch,
        f"label_lengths must be euqal to batch_size {batch}, but got {len(counts)}": len(counts) != batch,
        f"blank must be in label range [0, {classes}), but got {blank}": not 0 <= blank < classes,
        f"pred_lengths must be in range (0, {steps}]; they are {times.tolist()}": not bool(
            ((times > 0) & (times <= steps)).all()
        ),
        f"label lengths must be positive; they are {counts.tolist()}": not bool((counts > 0).all()),
        f"label_lengths {counts.tolist()} do not fit labels of shape {tuple(flat.shape)}": bool(
            counts.sum() != flat.numel() if flat.dim() == 1 else (counts > flat.shape[-1]).any()
        ),
    }
    for msg, holds in wrong.items():
        if holds:
            raise ArgumentError(msg)
    if flat.dim() == 1:
        rows = torch.split(flat, counts.tolist())
        flat = torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True, padding_value=blank)
    # blanks around each
    path = torch.full((batch, 2 * flat.shape[1] + 1), blank, device=flat.device)
    path[:, 1::2] = flat
    likely = torch.gather(plain(pred), 2, path.expand(steps, -1, -1))
    logs = torch.log(torch.clamp(likely, min=torch.finfo(likely.dtype).tiny))
    never = torch.log(torch.full_like(logs[0], torch.finfo(likely.dtype).tiny))
    skips = path[:, 2:] != path[:, :-2]  # over a blank between two that differ
    state = torch.cat([logs[0, :, :2], never[:, 2:]], 1)
    ends = torch.stack([2 * counts, 2 * counts - 1], 1)
    results = []
    for step in range(steps):
        if step:
            moved = torch.cat([state[:, :1], torch.logaddexp(state[:, 1:], state[:, :-1])], 1)
            skipped = torch.where(skips, torch.logaddexp(moved[:, 2:], state[:, :-2]), moved[:, 2:])
            state = torch.cat([moved[:, :2], skipped], 1) + logs[step]
        results.append(-torch.logsumexp(torch.gather(state, 1, ends), 1))
    losses = torch.stack(results)[times - 1, torch.arange(batch, device=times.device)]
    return like(reduced(losses / counts if reduction == "mean" else losses, reduction), pred)


NAMES.function("functional.loss.ctc_loss", ctc_loss)
