"""Mirrors the transformers of `paddle.nn`."""

from __future__ import annotations

from typing import Any

import torch

from ..names import NAMES
from ..tensor import to_tensor
from .attention import MultiHeadAttention, check_sizes, made
from .container import LayerList
from .layer import Layer

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]


def _attributes(attr: Any, count: int) -> list[Any]:
    """Return an attribute for each of several parts, of one for all or of a list."""
    if isinstance(attr, (list, tuple)):
        if len(attr) != count:
            msg = f"length of param_attr should be {count} when it is a list/tuple; it is {len(attr)}."
            raise AssertionError(msg)
        return list(attr)
    name = getattr(attr, "name", None)
    if name is None:
        return [attr] * count
    # a name belongs to one parameter
    options = {key: value for key, value in vars(attr).items() if key != "name"}
    return [type(attr)(name=f"{name}_{index}", **options) for index in range(count)]


class _TransformerLayer(Layer):
    """What layers of encoders and decoders share: attention and two products, each added to its input."""

    attentions: tuple[str, ...] = ("self_attn",)
    self_attn: Any
    cross_attn: Any
    linear1: Any
    linear2: Any
    dropout: Any

    def _begin(self, given: dict[str, Any]) -> None:
        self._config = {name: value for name, value in given.items() if name not in ("self", "__class__")}
        size, heads, hidden, dropout = (given[each] for each in ("d_model", "nhead", "dim_feedforward", "dropout"))
        check_sizes(d_model=size, nhead=heads, dim_feedforward=hidden)
        inner = dropout if given["attn_dropout"] is None else given["attn_dropout"]
        between = dropout if given["act_dropout"] is None else given["act_dropout"]
        self.normalize_before = given["normalize_before"]
        count = len(self.attentions) + 1
        weights, biases = _attributes(given["weight_attr"], count), _attributes(given["bias_attr"], count)
        for index, name in enumerate(self.attentions):
            setattr(
                self,
                name,
                MultiHeadAttention(size, heads, dropout=inner, weight_attr=weights[index], bias_attr=biases[index]),
            )
        self.linear1 = made("Linear", size, hidden, weights[-1], bias_attr=biases[-1])
        self.dropout = made("Dropout", between)
        self.linear2 = made("Linear", hidden, size, weights[-1], bias_attr=biases[-1])
        for index in range(count):
            setattr(self, f"norm{index + 1}", made("LayerNorm", size, epsilon=given["layer_norm_eps"]))
        for index in range(count):
            setattr(self, f"dropout{index + 1}", made("Dropout", dropout))
        if not NAMES.serves(f"nn.functional.{given['activation']}"):
            msg = f"activation={given['activation']!r}: paddle.nn.functional has no such function that is served."
            raise AttributeError(msg)
        self.activation = NAMES.get(f"nn.functional.{given['activation']}")

    def _added(self, index: int, inputs: Any, compute: Any) -> Any:
        """Return inputs and what is computed of them, normalised before or after; and what else was computed."""
        norm = getattr(self, f"norm{index}")
        found = compute(norm(inputs) if self.normalize_before else inputs)
        found, *rest = found if isinstance(found, tuple) else (found,)
        total = inputs + getattr(self, f"dropout{index}")(found)
        return (total if self.normalize_before else norm(total)), *rest

    def _fed(self, inputs: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(inputs))))


class TransformerEncoderLayer(_TransformerLayer):
    """Attention of a sequence to itself, then two products at each place."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        dropout: float = 0.1,
        activation: str = "relu",
        attn_dropout: float | None = None,
        act_dropout: float | None = None,
        normalize_before: bool = False,
        weight_attr: Any = None,
        bias_attr: Any = None,
        layer_norm_eps: float = 1e-05,
    ) -> None:
        given = dict(locals())
        super().__init__()
        self._begin(given)

    def forward(self, src: Any, src_mask: Any = None, cache: Any = None) -> Any:
        """Return the sequence (N, L, d_model); with it the cache, where there is one."""
        src, *rest = self._added(1, src, lambda each: self.self_attn(each, each, each, src_mask, cache))
        (src,) = self._added(2, src, self._fed)
        return src if cache is None else (src, *rest)

    def gen_cache(self, src: Any) -> Any:
        """Return an empty cache for as many examples."""
        return self.self_attn.gen_cache(src, type=MultiHeadAttention.Cache)


class TransformerDecoderLayer(_TransformerLayer):
    """Attention of a sequence to itself and to another, then two products at each place."""

    attentions = "self_attn", "cross_attn"

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        dropout: float = 0.1,
        activation: str = "relu",
        attn_dropout: float | None = None,
        act_dropout: float | None = None,
        normalize_before: bool = False,
        weight_attr: Any = None,
        bias_attr: Any = None,
        layer_norm_eps: float = 1e-05,
    ) -> None:
        given = dict(locals())
        super().__init__()
        self._begin(given)

    def forward(self, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None, cache: Any = None) -> Any:
        """Return the sequence (N, L, d_model); with it both caches, where they are given."""
        own, other = (None, None) if cache is None else cache
        tgt, *grown = self._added(1, tgt, lambda each: self.self_attn(each, each, each, tgt_mask, own))
        tgt, *kept = self._added(2, tgt, lambda each: self.cross_attn(each, memory, memory, memory_mask, other))
        (tgt,) = self._added(3, tgt, self._fed)
        return tgt if cache is None else (tgt, (grown[0], kept[0]))

    def gen_cache(self, memory: Any) -> Any:
        """Return an empty cache, and one of the keys and values of `memory`."""
        growing = self.self_attn.gen_cache(memory, type=MultiHeadAttention.Cache)
        return growing, self.cross_attn.gen_cache(memory, memory, MultiHeadAttention.StaticCache)


class _Layers(Layer):
    layers: Any
    norm: Any

    def _begin(self, layer: Any, count: int, norm: Any) -> None:
        # others as the given one was made, with first values of their own
        self.layers = LayerList([layer if index == 0 else type(layer)(**layer._config) for index in range(count)])
        self.num_layers, self.norm = count, norm

    def _through(self, inputs: Any, cache: Any, call: Any) -> Any:
        caches = []
        for index, layer in enumerate(self.layers):
            if cache is None:
                inputs = call(layer, inputs, None)
            else:
                inputs, grown = call(layer, inputs, cache[index])
                caches.append(grown)
        if self.norm is not None:
            inputs = self.norm(inputs)
        return inputs if cache is None else (inputs, caches)


class TransformerEncoder(_Layers):
    """Several layers of an encoder, made as the given one was."""

    def __init__(self, encoder_layer: Any, num_layers: int, norm: Any = None) -> None:
        super().__init__()
        self._begin(encoder_layer, num_layers, norm)

    def forward(self, src: Any, src_mask: Any = None, cache: Any = None) -> Any:
        """Return the sequence (N, L, d_model); with it the caches, where they are given."""
        return self._through(
            src,
            cache,
            lambda layer, each, own: (
                layer(each, src_mask=src_mask) if own is None else layer(each, src_mask=src_mask, cache=own)
            ),
        )

    def gen_cache(self, src: Any) -> Any:
        """Return an empty cache for each layer."""
        return [layer.gen_cache(src) for layer in self.layers]


class TransformerDecoder(_Layers):
    """Several layers of a decoder, made as the given one was."""

    def __init__(self, decoder_layer: Any, num_layers: int, norm: Any = None) -> None:
        super().__init__()
        self._begin(decoder_layer, num_layers, norm)

    def forward(self, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None, cache: Any = None) -> Any:
        """Return the sequence (N, L, d_model); with it the caches, where they are given."""
        masks = {"tgt_mask": tgt_mask, "memory_mask": memory_mask}
        return self._through(
            tgt,
            cache,
            lambda layer, each, own: (
                layer(each, memory, **masks) if own is None else layer(each, memory, **masks, cache=own)
            ),
        )

    def gen_cache(self, memory: Any, do_zip: bool = False) -> Any:
        """Return the caches of each layer; `do_zip` puts those of a kind together."""
        cache = [layer.gen_cache(memory) for layer in self.layers]
        return list(zip(*cache, strict=True)) if do_zip else cache


def _of_both(attr: Any, which: str) -> tuple[Any, Any]:
    """Return the attributes of the encoder and of the decoder, from a list for attention, cross attention, products."""
    if not isinstance(attr, (list, tuple)):
        return attr, attr
    if len(attr) not in (1, 2, 3):
        msg = f"length of {which} should be 1 or 2 or 3 when it is a list/tuple; it is {len(attr)}."
        raise AssertionError(msg)
    decoder = list(attr) if len(attr) == 3 else [attr[0], attr[0], attr[-1]]
    return [attr[0], attr[-1]], decoder


class Transformer(Layer):
    """An encoder of one sequence and a decoder of another, which looks at it."""

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        attn_dropout: float | None = None,
        act_dropout: float | None = None,
        normalize_before: bool = False,
        weight_attr: Any = None,
        bias_attr: Any = None,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
    ) -> None:
        super().__init__()
        check_sizes(d_model=d_model, nhead=nhead, dim_feedforward=dim_feedforward)
        weights, biases = _of_both(weight_attr, "weight_attr"), _of_both(bias_attr, "bias_attr")
        options = (d_model, nhead, dim_feedforward, dropout, activation, attn_dropout, act_dropout, normalize_before)
        self.encoder: Any = custom_encoder
        self.decoder: Any = custom_decoder
        if custom_encoder is None:
            layer: Any = TransformerEncoderLayer(*options, weights[0], biases[0])
            self.encoder = TransformerEncoder(layer, num_encoder_layers, made("LayerNorm", d_model))
        if custom_decoder is None:
            layer = TransformerDecoderLayer(*options, weights[1], biases[1])
            self.decoder = TransformerDecoder(layer, num_decoder_layers, made("LayerNorm", d_model))
        self.d_model, self.nhead = d_model, nhead

    def forward(self, src: Any, tgt: Any, src_mask: Any = None, tgt_mask: Any = None, memory_mask: Any = None) -> Any:
        """Return the decoded sequence (N, L, d_model)."""
        memory = self.encoder(src, src_mask=src_mask)
        return self.decoder(tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask)

    def generate_square_subsequent_mask(self, length: int) -> Any:
        """Return a mask to be added by which no place looks at a later one."""
        return to_tensor(torch.full((length, length), float("-inf")).triu(1))
