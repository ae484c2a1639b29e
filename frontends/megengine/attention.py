"""Row of attention with several heads, whose weights all are in one parameter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ..attention import attention
from ..tensor import like, plain
from .arguments import ArgumentError
from .names import NAMES
from .operands import tensor_of

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["multi_head_attention"]


def added(mask: Any, like_this: Tensor) -> Tensor | None:
    """Return a mask as what is added to scores: minus infinity where a mask of bools is true.

    Raises:
        AssertionError: it is of integers (a ValueError and RuntimeError too).
    """
    if mask is None:
        return None
    given = plain(tensor_of(mask, "a mask"))
    if given.dtype == torch.bool:
        return torch.zeros_like(given, dtype=like_this.dtype).masked_fill(given, -math.inf)
    if not given.is_floating_point():
        msg = f"a mask of {given.dtype}: only bool and floating types are supported. Use astype('bool')."
        raise ArgumentError(msg)
    return given


def multi_head_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim: int,
    num_heads: int,
    attn_drop: float,
    out_drop: float,
    io_weight_bias: Tensor,
    qbias: bool = False,
    kbias: bool = False,
    vbias: bool = False,
    obias: bool = False,
    key_padding_mask: Any = None,
    attn_mask: Any = None,
    need_weights: bool = False,
    average_attn_weights: bool = False,
    is_causal: bool = False,
    training: bool = True,
) -> tuple[Tensor, Tensor | None]:
    """Return what queries find among values by their keys, and if asked for how much each counts.

    Args:
        query: `(N, L, embed_dim)`, or without `N`.
        key: `(N, S, features)`.
        value: `(N, S, features)`.
        embed_dim: features of all heads together.
        num_heads: a divisor of `embed_dim`.
        attn_drop: what part of the weights is dropped in training.
        out_drop: what part of the output is.
        io_weight_bias: the maps of queries, keys, values and of the output, then their biases.
        qbias: whether the map of queries has a bias; likewise the next three.
        kbias: of keys.
        vbias: of values.
        obias: of the output.
        key_padding_mask: `(N, S)`, true where a key does not count, or what is added to scores.
        attn_mask: `(L, S)` or `(N * num_heads, L, S)`, likewise.
        need_weights: whether the weights are returned. Default: False, None is.
        average_attn_weights: whether as their mean over the heads. Default: False.
        is_causal: whether a query finds only keys that are not behind it. Default: False.
        training: whether anything is dropped.

    Raises:
        AssertionError: shapes do not fit, or a mask is of integers (a ValueError and RuntimeError too).
    """
    given = [plain(tensor_of(each, name)) for each, name in ((query, "query"), (key, "key"), (value, "value"))]
    if {each.dim() for each in given} not in ({3}, {2}):
        msg = f"query, key and value have {[each.dim() for each in given]} axes; each must have 3, or each 2."
        raise ArgumentError(msg)
    padding = added(key_padding_mask, given[0])
    if given[0].dim() == 2:
        given = [each.unsqueeze(0) for each in given]
        padding = None if padding is None else padding.unsqueeze(0)
    widths = (*(each.shape[-1] for each in given), embed_dim)
    biases = (qbias, kbias, vbias, obias)
    flat = plain(tensor_of(io_weight_bias, "io_weight_bias")).reshape(-1)
    lengths = [width * embed_dim for width in widths] + [embed_dim * bool(each) for each in biases]
    parts = torch.split(flat, lengths)
    maps = [part.reshape(width, embed_dim).T for part, width in zip(parts[:4], widths, strict=True)]
    shifts = [part if part.numel() else None for part in parts[4:]]
    batch, length, _ = given[0].shape
    queries, keys, values = (
        F.linear(each, weight, bias).reshape(batch, -1, num_heads, embed_dim // num_heads).transpose(1, 2)
        for each, weight, bias in zip(given, maps, shifts, strict=False)
    )
    mask = masks((batch, num_heads, length, keys.shape[2]), padding, added(attn_mask, queries), is_causal)
    mask = None if mask is None else mask.to(queries)
    found, weights = attention(queries, keys, values, mask, dropout=attn_drop, training=training)
    found = found.transpose(1, 2).reshape(batch, length, embed_dim)
    output = F.dropout(F.linear(found, maps[3], shifts[3]), out_drop, training)
    if not need_weights:
        return like(output, query), None
    shown = weights.mean(1) if average_attn_weights else weights.reshape(-1, *weights.shape[2:])
    return like(output, query), like(shown.detach(), query)  # MegEngine has no gradients by them


def masks(shape: tuple[int, ...], padding: Tensor | None, mask: Tensor | None, is_causal: bool) -> Tensor | None:
    """Return what is added to scores of a shape (N, heads, L, S); None for nothing."""
    batch, heads, length, keys = shape
    given = []
    if padding is not None:
        given.append(padding.reshape(batch, 1, 1, keys))
    if mask is not None:
        given.append(mask if mask.dim() == 2 else mask.reshape(batch, heads, length, keys))
    if is_causal and not given:
        given.append(torch.full((length, keys), -math.inf).triu(1))
    return sum(given[1:], given[0]) if given else None


NAMES.function("functional.multi_head_attention", multi_head_attention)
