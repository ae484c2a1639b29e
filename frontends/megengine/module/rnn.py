"""Mirrors `megengine.module.rnn`: cells, and loops of them over time, which torch's kernels compute."""

from __future__ import annotations

import math
from typing import Any

import torch

from ....backend import OperatorError
from ...names import Layer as Row
from ...recurrence import recurrent
from ...tensor import like, plain
from ..arguments import ArgumentError
from ..tensor import Parameter, Tensor
from .module import Module

__all__ = ["LSTM", "RNN", "LSTMCell", "RNNCell"]


class RNNCellBase(Module):
    """A step in time: `weight_ih` and `weight_hh` for each gate, and `bias_ih` and `bias_hh`, zeros without `bias`."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool, num_chunks: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        self.gate_hidden_size = num_chunks * hidden_size
        self.weight_ih = Parameter(torch.empty(self.gate_hidden_size, input_size))
        self.weight_hh = Parameter(torch.empty(self.gate_hidden_size, hidden_size))
        for name in ("bias_ih", "bias_hh"):
            setattr(self, name, (Parameter if bias else Tensor)(torch.zeros(self.gate_hidden_size)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew, evenly up to one by the root of `hidden_size`."""
        for each in self.parameters():
            torch.nn.init.uniform_(each, -1 / math.sqrt(self.hidden_size), 1 / math.sqrt(self.hidden_size))

    def _weights(self) -> tuple[torch.Tensor, ...]:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return tuple(plain(getattr(self, name)) for name in names)

    def _start(self, input: torch.Tensor) -> torch.Tensor:
        return plain(input).new_zeros(len(input), self.hidden_size)


class RNNCell(RNNCellBase):
    """`nonlinearity` of linear maps of the input `(N, input_size)` and of the state `(N, hidden_size)`.

    Args:
        input_size: features of the input.
        hidden_size: features of the state.
        bias: whether there are biases. Default: True.
        nonlinearity: 'tanh' or 'relu'. Default: 'tanh'.
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh") -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=1)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Return the next state; zeros are the first one.

        Raises:
            RuntimeError: there is no such nonlinearity (a ValueError too).
        """
        checked_nonlinearity(self.nonlinearity)
        step = torch._VF.rnn_tanh_cell if self.nonlinearity == "tanh" else torch._VF.rnn_relu_cell
        return like(step(plain(input), self._start(input) if hx is None else plain(hx), *self._weights()), input)


class LSTMCell(RNNCellBase):
    """A step of long short-term memory; the gates are those of the input, of forgetting, of the cell and the output.

    Args:
        input_size: features of the input.
        hidden_size: features of the state and of the cell.
        bias: whether there are biases. Default: True.
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=4)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Return the next state and cell; zeros are the first ones."""
        before = (self._start(input),) * 2 if hx is None else tuple(map(plain, hx))
        found = torch._VF.lstm_cell(plain(input), before, *self._weights())
        return tuple(like(each, input) for each in found)


def checked_nonlinearity(name: str) -> str:
    """Return 'tanh' or 'relu'.

    Raises:
        RuntimeError: it is another word (a ValueError too).
    """
    if name not in ("tanh", "relu"):
        msg = f"nonlinearity={name!r}; legal are 'tanh' and 'relu'."
        raise OperatorError(msg)
    return name


class RNNBase(Module):
    """Layers of cells over time, whose weights all are in one parameter; those of the cells in `cells` are not used.

    Args:
        input_size: features of the input.
        hidden_size: features of the state.
        num_layers: each of which reads what the one below gives. Default: 1.
        bias: whether there are biases. Default: True.
        batch_first: whether the input is `(N, time, features)`; else it is `(time, N, features)`. Default: False.
        dropout: what part of the features between layers is dropped in training. Default: 0.
        bidirectional: whether there are cells that go back in time too. Default: False.
        proj_size: only 0.

    Raises:
        ValueError: `dropout` is no number from 0 to 1, or `proj_size` is out of range.
        NotImplementedError: `proj_size` is not 0.
    """

    chunks = 1
    cells: Any

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0,
        bidirectional: bool = False,
        proj_size: int = 0,
    ) -> None:
        super().__init__()
        if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
            msg = f"Dropout should be a float in [0, 1], the probability of an element to be zero; it is {dropout!r}."
            raise ArgumentError(msg)
        if not 0 <= proj_size < hidden_size:
            what = "has to be smaller than hidden_size" if proj_size > 0 else "should be a positive integer or zero"
            msg = f"proj_size {what}; it is {proj_size}."
            raise ArgumentError(msg)
        if proj_size:
            msg = f"proj_size={proj_size}; only 0 is served. Leave it out."
            raise NotImplementedError(msg)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.num_directions = 2 if bidirectional else 1
        self.proj_size = proj_size
        self.cells = [[self.create_cell(layer) for _ in range(self.num_directions)] for layer in range(num_layers)]
        rows = self.chunks * hidden_size
        self._flatten_weights = Parameter(torch.zeros(rows, sum(map(math.prod, self._shapes())) // rows))
        self.reset_parameters()

    def _shapes(self) -> list[tuple[int, ...]]:
        """Return the shapes of the weights of each cell and of its biases, as they stand in the parameter."""
        rows, found = self.chunks * self.hidden_size, []
        for layer in range(self.num_layers):
            cell = [(rows, self._width(layer)), (rows, self.hidden_size), *[(rows,)] * (2 * self.bias)]
            found += cell * self.num_directions
        return found

    def _width(self, layer: int) -> int:
        return self.num_directions * self.hidden_size if layer else self.input_size

    def _weights(self) -> list[tuple[torch.Tensor | None, ...]]:
        """Return the two weights and two biases, or None, of each cell."""
        shapes = self._shapes()
        lengths = [math.prod(shape) for shape in shapes]
        flat = torch.split(plain(self._flatten_weights).reshape(-1), lengths)
        parts = [part.reshape(shape) for part, shape in zip(flat, shapes, strict=True)]
        if self.bias:
            return [tuple(parts[first : first + 4]) for first in range(0, len(parts), 4)]
        return [(*parts[first : first + 2], None, None) for first in range(0, len(parts), 2)]

    def reset_parameters(self) -> None:
        """Draw all parameters anew, evenly up to one by the root of `hidden_size`."""
        for each in self.parameters():
            torch.nn.init.uniform_(each, -1 / math.sqrt(self.hidden_size), 1 / math.sqrt(self.hidden_size))

    def create_cell(self, layer: int) -> Any:
        """Return a cell of a layer."""
        raise NotImplementedError

    def init_hidden(self, batch_size: int) -> Any:
        """Return zeros as the first state."""
        return Tensor(torch.zeros(self.num_directions * self.num_layers, batch_size, self.hidden_size))

    def get_output_from_hidden(self, hx: Any) -> Any:
        """Return the state itself."""
        return hx

    def apply_op(self, input: Any, hx: Any) -> Any:
        """Return what the last layer gives at each time, and the last state."""
        raise NotImplementedError

    def _run(self, kind: str, input: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Return what the last layer gives at each time, and the components of the last state."""
        output, last = recurrent(
            kind,
            plain(input),
            [plain(each) for each in states],
            self._weights(),
            directions=self.num_directions,
            dropout=self.dropout,
            training=self.training,
        )
        return like(output, input), [like(each, input) for each in last]

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Return what the last layer gives at each time, and the last state; zeros are the first one."""
        sequence = input.transpose((1, 0, 2)) if self.batch_first else input
        output, last = self.apply_op(sequence, self.init_hidden(sequence.shape[1]) if hx is None else hx)
        return (output.transpose((1, 0, 2)) if self.batch_first else output), last


class RNN(RNNBase):
    """Layers of `RNNCell`s over time; `nonlinearity` is theirs, the other arguments are those of the base class."""

    nonlinearity: str

    row = Row("module.RNN", kind="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__["nonlinearity"] = kwargs.pop("nonlinearity", "tanh")
        super().__init__(*args, **kwargs)

    def create_cell(self, layer: int) -> RNNCell:
        """Return a cell of a layer."""
        return RNNCell(self._width(layer), self.hidden_size, self.bias, self.nonlinearity)

    def apply_op(self, input: Any, hx: Any) -> Any:
        """Return what the last layer gives at each time, and the last state."""
        output, (state,) = self._run(f"rnn_{checked_nonlinearity(self.nonlinearity)}", input, [hx])
        return output, state


class LSTM(RNNBase):
    """Layers of `LSTMCell`s over time; the arguments are those of the base class, and a state has two tensors."""

    chunks = 4

    row = Row("module.LSTM", kind="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def create_cell(self, layer: int) -> LSTMCell:
        """Return a cell of a layer."""
        return LSTMCell(self._width(layer), self.hidden_size, self.bias)

    def init_hidden(self, batch_size: int) -> Any:
        """Return zeros as the first state and cell."""
        return super().init_hidden(batch_size), super().init_hidden(batch_size)

    def get_output_from_hidden(self, hx: Any) -> Any:
        """Return the state without the cell."""
        return hx[0]

    def apply_op(self, input: Any, hx: Any) -> Any:
        """Return what the last layer gives at each time, and the last state and cell."""
        output, last = self._run("lstm", input, list(hx))
        return output, tuple(last)
