"""Mirrors the recurrent layers of `oneflow.nn`; torch computes them."""

from __future__ import annotations

from typing import Any

import torch

from ....tensor import like, plain
from .layer import Layer

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]


def _plain(value: Any) -> Any:
    return tuple(map(_plain, value)) if isinstance(value, tuple) else None if value is None else plain(value)


def _like(value: Any, source: Any) -> Any:
    return tuple(_like(each, source) for each in value) if isinstance(value, tuple) else like(plain(value), source)


class _Recurrent(Layer):
    _flat_weights_names: list[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._flat_weights = [getattr(self, name) for name in self._flat_weights_names]

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Apply the layer to a sequence, from a state on, which is zero unless given."""
        return _like(super(Layer, self).forward(plain(input), _plain(hx)), input)


class RNN(_Recurrent, torch.nn.RNN):
    """Elman's layer; arguments as in torch."""


class LSTM(_Recurrent, torch.nn.LSTM):
    """Long short-term memory; arguments as in torch."""


class GRU(_Recurrent, torch.nn.GRU):
    """Gated recurrent units; arguments as in torch."""


class _Cell(Layer):
    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device=device, dtype=dtype)

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
        super(_Cell, self).__init__(input_size, hidden_size, bias, nonlinearity, device=device, dtype=dtype)
