"""Mirrors the recurrent layers of `oneflow.nn`; torch computes them."""

from __future__ import annotations

from typing import Any

import torch

from ....tensor import like, plain
from ..packed import PackedSequence, torchs
from .layer import Layer

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNBase", "RNNCell", "RNNCellBase"]


def _plain(value: Any) -> Any:
    return tuple(map(_plain, value)) if isinstance(value, tuple) else None if value is None else plain(value)


def _like(value: Any, source: Any) -> Any:
    return tuple(_like(each, source) for each in value) if isinstance(value, tuple) else like(plain(value), source)


class RNNBase(Layer, torch.nn.RNNBase):
    """What `RNN`, `LSTM` and `GRU` have in common; arguments as in torch, the mode 'LSTM', 'GRU', 'RNN_TANH', ...

    Raises:
        ValueError: there is no such mode.
    """

    _flat_weights_names: list[str]

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        sizes = mode, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size
        super().__init__(*sizes, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Apply the layer to a sequence, or several of several lengths, from a state on, which is zero unless given."""
        if not isinstance(input, PackedSequence):
            return _like(super(Layer, self).forward(plain(input), _plain(hx)), input)
        packed, state = super(Layer, self).forward(torchs(input), _plain(hx))
        indices = input.sorted_indices, input.unsorted_indices
        return PackedSequence(like(packed.data, input.data), input.batch_sizes, *indices), _like(state, input.data)


class _OfMode(RNNBase):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        Layer.__init__(self, *args, **kwargs)
        self._flat_weights = [getattr(self, name) for name in self._flat_weights_names]


class RNN(_OfMode, torch.nn.RNN):
    """Elman's layer; arguments as in torch."""


class LSTM(_OfMode, torch.nn.LSTM):
    """Long short-term memory; arguments as in torch."""


class GRU(_OfMode, torch.nn.GRU):
    """Gated recurrent units; arguments as in torch."""


class RNNCellBase(Layer, torch.nn.RNNCellBase):
    """What the cells have in common: weights for so many parts of a state."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks, device=device, dtype=dtype)


class _Cell(RNNCellBase):
    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        Layer.__init__(self, input_size, hidden_size, bias, device=device, dtype=dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Apply the layer to one element of a sequence."""
        return _like(super(Layer, self).forward(plain(input), _plain(hx)), input)


class LSTMCell(_Cell, torch.nn.LSTMCell):
    """One step of `LSTM`."""


class GRUCell(_Cell, torch.nn.GRUCell):
    """One step of `GRU`."""


class RNNCell(_Cell, torch.nn.RNNCell):
    """One step of `RNN`, by tanh or `nonlinearity='relu'`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        Layer.__init__(self, input_size, hidden_size, bias, nonlinearity, device=device, dtype=dtype)
