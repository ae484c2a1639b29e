"""The row of attention."""

from __future__ import annotations

from typing import Any

import torch

from ...attention import attention, expanded_heads
from ...names import nothing
from ..names import NAMES
from ..static.executor import trained_by_run

__all__: list[str] = []

fn: Any = NAMES.function


@trained_by_run
def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    training: bool = True,
    scale: float | None = None,
    enable_gqa: bool = True,
) -> Any:
    """Return attention of (N, L, heads, E) to (N, S, heads, E).

    A causal query sees no key after its own place, and all before it: the release leaves a mask aside there.
    """
    query, key, value = (each.transpose(-3, -2) for each in (query, key, value))
    heads = query.shape[-3]
    if not enable_gqa and key.shape[-3] != heads:
        msg = f"{key.shape[-3]} heads of keys for {heads} heads of queries need enable_gqa=True."
        raise AssertionError(msg)
    if enable_gqa:
        key, value = (expanded_heads(each, heads, -3) for each in (key, value))
    mask = attn_mask
    if is_causal:
        mask = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool, device=query.device).tril()
    if mask is not None and mask.dtype == torch.bool:
        mask = torch.zeros(mask.shape, dtype=query.dtype, device=query.device).masked_fill(~mask, float("-inf"))
    found, _ = attention(query, key, value, mask, scale=scale, dropout=dropout_p, training=training)
    return found.transpose(-3, -2)


fn(
    "nn.functional.scaled_dot_product_attention",
    scaled_dot_product_attention,
    backend=nothing("all kernels compute the same"),
)
