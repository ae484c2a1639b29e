"""Mirrors attention of `paddle.nn`; `../../attention.py` computes them."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from ...attention import attention
from ...names import Layer as Row
from ...tensor import like, plain
from ..names import NAMES
from ..tensor import to_tensor
from .layer import Layer

__all__ = ["MultiHeadAttention"]


class Cache(NamedTuple):
    """Keys and values so far, to which each call adds."""

    k: Any
    v: Any


class StaticCache(NamedTuple):
    """Keys and values that stay, such as those of what an encoder gave."""

    k: Any
    v: Any


def made(name: str, *args: Any, **options: Any) -> Any:
    """Return a layer of `paddle.nn` by its name."""
    return NAMES.get(f"nn.{name}")(*args, **options)


def _added(mask: Any, dtype: torch.dtype) -> Any:
    """Return a mask to be added to products: False and 0 of integers mean -1e9."""
    if mask is None:
        return None
    mask = plain(mask)
    if mask.dtype == torch.bool or not mask.is_floating_point():
        return (mask.to(dtype) - 1.0) * 1e9
    return mask.to(dtype)


def check_sizes(**sizes: int) -> None:
    """Raise AssertionError where a size is not above zero."""
    for name, size in sizes.items():
        if size <= 0:
            msg = f"Expected {name} to be greater than 0, but received {size}."
            raise AssertionError(msg)


class MultiHeadAttention(Layer):
    """Attention of several heads, each to its part of the projected features.

    Args:
        embed_dim: features of queries and of the result.
        num_heads: heads, a divisor of it.
        dropout: probability that a weight is dropped in training. Default: 0.0.
        kdim: features of keys. Default: None, `embed_dim`.
        vdim: features of values. Default: None, `embed_dim`.
        need_weights: whether forward returns the weights too. Default: False.
        weight_attr: of the weights of all four products. Default: None.
        bias_attr: of their biases. Default: None.
    """

    row = Row("nn.MultiHeadAttention", kind="")
    Cache = Cache
    StaticCache = StaticCache
    q_proj: Any
    k_proj: Any
    v_proj: Any
    out_proj: Any

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        kdim: int | None = None,
        vdim: int | None = None,
        need_weights: bool = False,
        weight_attr: Any = None,
        bias_attr: Any = None,
    ) -> None:
        super().__init__()
        check_sizes(embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            msg = f"embed_dim must be divisible by num_heads; {embed_dim} is not by {num_heads}."
            raise AssertionError(msg)
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.dropout, self.need_weights = dropout, need_weights
        sizes = {"q_proj": embed_dim, "k_proj": self.kdim, "v_proj": self.vdim, "out_proj": embed_dim}
        for name, size in sizes.items():
            setattr(self, name, made("Linear", size, embed_dim, weight_attr, bias_attr=bias_attr))

    def _heads(self, projected: Any) -> Any:
        examples, length = projected.shape[:2]
        return torch.reshape(projected, (examples, length, self.num_heads, self.head_dim)).transpose(1, 2)

    def compute_kv(self, key: Any, value: Any) -> Any:
        """Return the projected keys and values, (N, heads, S, features of a head)."""
        keys, values = self.k_proj(key), self.v_proj(value)
        return like(self._heads(plain(keys)), keys), like(self._heads(plain(values)), values)

    def gen_cache(self, key: Any, value: Any = None, type: Any = Cache) -> Any:
        """Return a cache to give to forward.

        Args:
            key: what a StaticCache has the keys of; otherwise a tensor with as many examples, or the cache's keys.
            value: what a StaticCache has the values of; otherwise the cache's values. Default: None, it is empty.
            type: `Cache` or `StaticCache`. Default: `Cache`.
        """
        if type is StaticCache:
            return StaticCache(*self.compute_kv(key, value))
        if value is not None:
            return Cache(key, value)
        empty = torch.zeros(key.shape[0], self.num_heads, 0, self.head_dim, dtype=key.dtype, device=key.device)
        return Cache(to_tensor(empty), to_tensor(empty.clone()))

    def forward(self, query: Any, key: Any = None, value: Any = None, attn_mask: Any = None, cache: Any = None) -> Any:
        """Return what the queries take; with it the weights and the cache, where there are any.

        Args:
            query: (N, L, embed_dim).
            key: (N, S, kdim). Default: None, the queries.
            value: (N, S, vdim). Default: None, the queries.
            attn_mask: (..., L, S): what False and 0 of integers stand at is not looked at; others are added. Default:
                None.
            cache: from `gen_cache`. Default: None.
        """
        key = query if key is None else key
        value = query if value is None else value
        queries = self._heads(plain(self.q_proj(query)))
        if isinstance(cache, StaticCache):
            keys, values = cache
        else:
            keys, values = self.compute_kv(key, value)
        if isinstance(cache, Cache):
            keys, values = torch.cat([cache.k, keys], 2), torch.cat([cache.v, values], 2)
            cache = Cache(keys, values)
        found, weights = attention(
            queries,
            plain(keys),
            plain(values),
            _added(attn_mask, queries.dtype),
            dropout=self.dropout,
            training=self.training,
        )
        joined = found.transpose(1, 2).reshape(found.shape[0], found.shape[2], self.embed_dim)
        outputs = [self.out_proj(like(joined, query))]
        if self.need_weights:
            outputs.append(like(weights, query))
        if cache is not None:
            outputs.append(cache)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)
