"""Rows of sequences of several lengths, and of ranks among classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch.nn.utils import rnn

from ..names import NAMES

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def pad_sequence(sequences: Any, batch_first: bool = False, padding_value: float = 0.0) -> Tensor:
    """Stack sequences `(L, ...)` of several lengths; the shorter ones are filled up."""
    return rnn.pad_sequence(list(sequences), batch_first, padding_value)


def unpad_sequence(padded_sequences: Tensor, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """Return the sequences that `pad_sequence` stacked."""
    each = padded_sequences.unbind(0 if batch_first else 1)
    return [sequence[: int(length)] for sequence, length in zip(each, lengths, strict=True)]


def in_top_k(targets: Tensor, predictions: Tensor, k: int) -> Tensor:
    """Say for each row of predictions whether less than k classes are above the target."""
    chosen = predictions.gather(1, targets.long().unsqueeze(1))
    return (predictions > chosen).sum(1) < k


fn("nn.utils.rnn.pad_sequence", pad_sequence)
fn("nn.utils.rnn.unpad_sequence", unpad_sequence)
fn("in_top_k", in_top_k)
