"""Mirrors `megengine.module.MultiHeadAttention`."""

from __future__ import annotations

from typing import Any

import torch

from .. import attention
from ..arguments import ArgumentError
from ..drawing import fans
from ..names import name_among
from ..tensor import Parameter
from .module import Module

__all__ = ["MultiHeadAttention"]


class MultiHeadAttention(Module):
    """Attention with several heads, whose maps and biases all are in the parameter `io_weight_bias`.

    Args:
        embed_dim: features of queries and of the output.
        num_heads: a divisor of it.
        attn_dropout: kept nowhere: MegEngine sets it to 0 when it draws the parameters, and so does this.
        out_dropout: likewise.
        bias: whether the maps have biases. Default: True.
        add_bias_kv: only False, as in MegEngine.
        add_zero_attn: likewise.
        kdim: features of keys. Default: None, `embed_dim`.
        vdim: features of values. Default: None, `embed_dim`.
        kwargs: `name`.

    Raises:
        AssertionError: the heads do not divide the features, or one of the two is given (a ValueError too).
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        attn_dropout: float = 0.0,
        out_dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name_among(kwargs))
        if embed_dim % num_heads:
            msg = f"embed_dim must be divisible by num_heads; they are {embed_dim} and {num_heads}."
            raise ArgumentError(msg)
        for name, value in (("add_bias_kv", add_bias_kv), ("add_zero_attn", add_zero_attn)):
            if value:
                msg = f"{name} should be set to False; MegEngine supports nothing else. Leave it out."
                raise ArgumentError(msg)
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.add_bias_kv = add_bias_kv
        self.add_zero_attn = add_zero_attn
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.bias = bias
        self.weight_bias_len = (2 * embed_dim + self.kdim + self.vdim) * embed_dim + 4 * embed_dim * bool(bias)
        self.io_weight_bias = Parameter(torch.empty(1, self.weight_bias_len))
        self.bias_k = self.bias_v = None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the maps anew as one matrix of one row, and set the biases to zero."""
        self.attn_dropout = self.out_dropout = 0.0
        reach = (6 / sum(fans(self.io_weight_bias))) ** 0.5
        torch.nn.init.uniform_(self.io_weight_bias, -reach, reach)
        if self.bias:
            with torch.no_grad():
                torch.Tensor.__getitem__(self.io_weight_bias.data, (..., slice(-4 * self.embed_dim, None))).zero_()

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        attn_mask: Any = None,
        need_weights: bool = False,
        average_attn_weights: bool = False,
        is_causal: bool = False,
        maybe_cudnn_style_mask: bool = False,
    ) -> Any:
        """Return what queries find, and the weights or None; `functional.multi_head_attention` says how.

        Raises:
            NotImplementedError: `maybe_cudnn_style_mask`: masks of first and last places.
        """
        if maybe_cudnn_style_mask:
            msg = "maybe_cudnn_style_mask=True; only False is served. Give a mask of bools."
            raise NotImplementedError(msg)
        return attention.multi_head_attention(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.attn_dropout,
            self.out_dropout,
            self.io_weight_bias,
            self.bias,
            self.bias,
            self.bias,
            self.bias,
            key_padding_mask=key_padding_mask,
            attn_mask=attn_mask,
            need_weights=need_weights,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
            training=self.training,
        )

    def _module_info_string(self) -> str:
        names = ("embed_dim", "num_heads", "bias", "kdim", "vdim")
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)
