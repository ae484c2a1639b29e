"""The arithmetic of attention: what each query takes from the values, by how its key fits."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

__all__ = ["attention", "attention_weights", "expanded_heads"]


def attention_weights(
    query: torch.Tensor, key: torch.Tensor, mask: torch.Tensor | None = None, scale: float | None = None
) -> torch.Tensor:
    """Return how much each query takes of each key, (..., L, S), which sums to 1 over S.

    Args:
        query: (..., L, E).
        key: (..., S, E).
        mask: added before the softmax, broadcast to (..., L, S). Default: None, nothing.
        scale: of the products. Default: None, 1 / sqrt(E).
    """
    scores = torch.matmul(query * (1 / math.sqrt(query.shape[-1]) if scale is None else scale), key.transpose(-2, -1))
    if mask is not None:
        scores = scores + mask
    return torch.softmax(scores, -1)


def attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None = None,
    *,
    scale: float | None = None,
    dropout: float = 0.0,
    training: bool = True,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what the queries take, (..., L, V), and the weights by which they do, as `attention_weights`.

    Args:
        query: (..., L, E).
        key: (..., S, E).
        value: (..., S, V).
        mask: as in `attention_weights`.
        scale: likewise.
        dropout: probability that a weight is dropped.
        training: whether any is.
    """
    weights = attention_weights(query, key, mask, scale)
    if dropout:
        weights = functional.dropout(weights, dropout, training)
    return torch.matmul(weights, value), weights


def expanded_heads(tensor: torch.Tensor, heads: int, axis: int) -> torch.Tensor:
    """Return a tensor whose heads along an axis are repeated, each for its group of queries, until there are `heads`.

    Raises:
        AssertionError: they do not divide.
    """
    own = tensor.shape[axis]
    if own == heads:
        return tensor
    if own == 0 or heads % own:
        msg = f"{own} heads of keys and values do not divide the {heads} heads of queries. Give a divisor of them."
        raise AssertionError(msg)
    return tensor.repeat_interleave(heads // own, axis)
