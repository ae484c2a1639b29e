"""Mirrors the cells of `paddle.nn`: a step of a recurrent layer each; `../../recurrence.py` computes them."""

from __future__ import annotations

import math
from typing import Any

import torch

from ... import recurrence
from ...names import Layer as Row
from ...tensor import like, plain
from ..dtype import default_dtype, to_torch_dtype
from ..tensor import to_tensor
from .initializer import Constant, Uniform
from .layer import Layer

__all__ = ["GRUCell", "LSTMCell", "RNNCellBase", "SimpleRNNCell"]


class RNNCellBase(Layer):
    """Base class of cells: what computes one step of a recurrent layer.

    A cell's `forward(inputs, states)` returns an output and the next states.
    """

    row = Row("nn.RNNCellBase", kind="")

    def __init__(self, name_scope: str | None = None, dtype: Any = "float32") -> None:
        super().__init__(name_scope, dtype)

    def get_initial_states(
        self, batch_ref: Any, shape: Any = None, dtype: Any = None, init_value: float = 0.0, batch_dim_idx: int = 0
    ) -> Any:
        """Return states to begin with.

        Args:
            batch_ref: a tensor, or a structure of them, that has as many examples.
            shape: sizes of a state without the examples, or a structure of sizes. Default: None, `state_shape`.
            dtype: Default: None, `state_dtype`, or the default dtype of a cell without that.
            init_value: every value. Default: 0.0.
            batch_dim_idx: the axis of `batch_ref` that counts examples. Default: 0.
        """
        while isinstance(batch_ref, (list, tuple)):
            batch_ref = batch_ref[0]
        if shape is None:
            shape = self.state_shape
        if dtype is None:
            try:
                dtype = self.state_dtype
            except NotImplementedError:
                dtype = default_dtype()
        examples = batch_ref.shape[batch_dim_idx]

        def made(sizes: Any) -> Any:
            if all(isinstance(size, int) for size in sizes):
                rest = sizes[1:] if sizes and sizes[0] == -1 else sizes
                values = torch.full((examples, *rest), float(init_value), dtype=to_torch_dtype(dtype))
                return to_tensor(values.to(batch_ref.device))
            return type(sizes)(made(each) for each in sizes)

        return made(shape)

    @property
    def state_shape(self) -> Any:
        """Sizes of the states without the examples; a cell says them."""
        msg = "Please add implementation for `state_shape` in the used cell."
        raise NotImplementedError(msg)

    @property
    def state_dtype(self) -> Any:
        """The dtype of the states; a cell may say it."""
        msg = "Please add implementation for `state_dtype` in the used cell."
        raise NotImplementedError(msg)


class _Cell(RNNCellBase):
    """A cell with two matrices and two biases, drawn from the uniform distribution of hidden_size ** -0.5."""

    gates = 1

    def _begin(self, input_size: int, hidden_size: int, attributes: tuple[Any, ...], projected: int = 0) -> None:
        if hidden_size <= 0:
            msg = (
                f"hidden_size of {type(self).__name__} must be greater than 0, but now equals to {hidden_size}; give "
                f"the number of values of a state."
            )
            raise ValueError(msg)
        self.hidden_size, self.input_size = hidden_size, input_size
        rows = self.gates * hidden_size
        sizes = {
            "weight_ih": [rows, input_size],
            "weight_hh": [rows, projected or hidden_size],
            "bias_ih": [rows],
            "bias_hh": [rows],
        }
        draw = Uniform(-1.0 / math.sqrt(hidden_size), 1.0 / math.sqrt(hidden_size))
        for (name, shape), attribute in zip(sizes.items(), attributes, strict=True):
            is_bias = name.startswith("bias")
            first = draw if attribute is not False else Constant(0.0 if is_bias else 1.0)
            # one that is not wanted is there all the same, and is not learned
            made: Any = self.create_parameter(shape, attribute or None, is_bias=is_bias, default_initializer=first)
            made.stop_gradient = made.stop_gradient or attribute is False
            setattr(self, name, made)
        if projected:
            self.weight_ho = self.create_parameter([hidden_size, projected], attributes[1], default_initializer=draw)

    def _checked(self, inputs: Any, *states: Any) -> list[torch.Tensor]:
        """Return an input and states, plain, whose sizes are the cell's."""
        sizes = [self.input_size, getattr(self, "proj_size", 0) or self.hidden_size, self.hidden_size]
        given = [plain(each) for each in (inputs, *states)]
        for value, size in zip(given, sizes, strict=False):
            if value.shape[-1] != size:
                what = "input" if value is given[0] else "state"
                msg = f"{type(self).__name__}: the {what} has {value.shape[-1]} features; it must have {size}."
                raise ValueError(msg)
        return given

    def weights(self) -> tuple[Any, ...]:
        """Return the parameters as the steps take them, plain."""
        return tuple(plain(each) for each in self._parameters.values() if each is not None)

    @property
    def state_shape(self) -> Any:
        """Sizes of a state without the examples."""
        return (self.hidden_size,)

    def extra_repr(self) -> str:
        """Return both sizes."""
        return f"{self.input_size}, {self.hidden_size}"


class SimpleRNNCell(_Cell):
    """A step of a plain recurrent layer: activation(x W_ih^T + b_ih + h W_hh^T + b_hh)."""

    row = Row("nn.SimpleRNNCell", kind="")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        activation: str = "tanh",
        weight_ih_attr: Any = None,
        weight_hh_attr: Any = None,
        bias_ih_attr: Any = None,
        bias_hh_attr: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        self._begin(input_size, hidden_size, (weight_ih_attr, weight_hh_attr, bias_ih_attr, bias_hh_attr))
        if activation not in ("tanh", "relu"):
            msg = f"activation for SimpleRNNCell should be tanh or relu, but get {activation}."
            raise ValueError(msg)
        self.activation = activation

    def forward(self, inputs: Any, states: Any = None) -> Any:
        """Return the output and the next state, which are the same."""
        if states is None:
            states = self.get_initial_states(inputs, self.state_shape)
        value, before = self._checked(inputs, states)
        hidden, _ = recurrence.simple_step(value, (before,), self.weights(), self.activation)
        return like(hidden, inputs), like(hidden, inputs)

    def extra_repr(self) -> str:
        """Return both sizes, and the activation where it is another."""
        return super().extra_repr() + (f", activation={self.activation}" if self.activation != "tanh" else "")


class LSTMCell(_Cell):
    """A step of an LSTM; `proj_size` projects what it gives to fewer values."""

    row = Row("nn.LSTMCell", kind="")
    gates = 4

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        weight_ih_attr: Any = None,
        weight_hh_attr: Any = None,
        bias_ih_attr: Any = None,
        bias_hh_attr: Any = None,
        proj_size: int = 0,
        name: str | None = None,
    ) -> None:
        super().__init__()
        check_projection(proj_size, hidden_size)
        self.proj_size = proj_size
        self._begin(input_size, hidden_size, (weight_ih_attr, weight_hh_attr, bias_ih_attr, bias_hh_attr), proj_size)

    def forward(self, inputs: Any, states: Any = None) -> Any:
        """Return the output and the next states."""
        if states is None:
            states = self.get_initial_states(inputs, self.state_shape)
        value, *before = self._checked(inputs, *states)
        hidden, after = recurrence.lstm_step(value, before, self.weights())
        return like(hidden, inputs), tuple(like(each, inputs) for each in after)

    @property
    def state_shape(self) -> Any:
        """Sizes of both states without the examples."""
        return (self.hidden_size,), (self.proj_size or self.hidden_size,)


class GRUCell(_Cell):
    """A step of a GRU."""

    row = Row("nn.GRUCell", kind="")
    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        weight_ih_attr: Any = None,
        weight_hh_attr: Any = None,
        bias_ih_attr: Any = None,
        bias_hh_attr: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        self._begin(input_size, hidden_size, (weight_ih_attr, weight_hh_attr, bias_ih_attr, bias_hh_attr))

    def forward(self, inputs: Any, states: Any = None) -> Any:
        """Return the output and the next state, which are the same."""
        if states is None:
            states = self.get_initial_states(inputs, self.state_shape)
        value, before = self._checked(inputs, states)
        hidden, _ = recurrence.gru_step(value, (before,), self.weights())
        return like(hidden, inputs), like(hidden, inputs)


def check_projection(proj_size: int, hidden_size: int) -> None:
    """Raise ValueError where an output is projected to as many values or more."""
    if proj_size < 0:
        msg = f"proj_size={proj_size} should be a positive integer or zero to disable projections."
        raise ValueError(msg)
    if proj_size >= hidden_size > 0:
        msg = f"proj_size={proj_size} must be smaller than hidden_size={hidden_size}."
        raise ValueError(msg)
