"""Mirrors the cells of recurrent layers in `fluid.layers`, which make their parameters when they are first called."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch

from .. import unique_name
from ..attributes import to_param_attr
from ..static.graph import recording
from .names import NAMES
from .parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]

chunks = recording(torch.chunk, several=True)


class RNNCell:
    """What cells share: a step is `call(inputs, states)`."""

    def call(self, inputs: Any, states: Any, **kwargs: Any) -> Any:
        """Return the output and the states after a step; subclasses say how.

        Raises:
            NotImplementedError: this class does not.
        """
        msg = "RNNCell must implement the call function."
        raise NotImplementedError(msg)

    def __call__(self, inputs: Any, states: Any, **kwargs: Any) -> Any:
        """Take a step."""
        return self.call(inputs, states, **kwargs)

    @property
    def state_shape(self) -> Any:
        """Sizes of the states without the batch; subclasses say which."""
        msg = "Please add implementation for `state_shape` in the used cell."
        raise NotImplementedError(msg)

    @property
    def state_dtype(self) -> Any:
        """Data types of the states; subclasses may say which."""
        msg = "Please add implementation for `state_dtype` in the used cell."
        raise NotImplementedError(msg)

    def get_initial_states(
        self, batch_ref: Any, shape: Any = None, dtype: Any = "float32", init_value: Any = 0, batch_dim_idx: int = 0
    ) -> Any:
        """Return states of one value, for the batch of a tensor.

        Args:
            batch_ref: the tensor.
            shape: sizes without the batch, or a list of such. Default: None, `state_shape`.
            dtype: of all of them. Default: 'float32'.
            init_value: the value. Default: 0.
            batch_dim_idx: the tensor's axis of the batch. Default: 0.
        """
        wanted = self.state_shape if shape is None else shape
        if all(isinstance(each, int) for each in wanted):
            sizes = list(wanted) if wanted[0] == -1 else [-1, *wanted]
            make = NAMES.get("layers.fill_constant_batch_size_like")
            return make(batch_ref, sizes, dtype, init_value, input_dim_idx=batch_dim_idx)
        return [self.get_initial_states(batch_ref, each, dtype, init_value, batch_dim_idx) for each in wanted]


def suffixed(attr: Any, suffix: str) -> Any:
    """Return an attribute whose name, if it has one, ends so."""
    made = copy.copy(to_param_attr(attr))
    if made is not None and made.name is not None:
        made.name += suffix
    return made


class GRUCell(RNNCell):
    """A gated unit, whose update gate keeps the state.

    Args:
        hidden_size: of the state.
        param_attr: of the matrices; names end in '_gate' and '_candidate'.
        bias_attr: of the biases, likewise.
        gate_activation: a function. Default: None, the sigmoid.
        activation: likewise. Default: None, tanh.
        dtype: of the parameters. Default: 'float32'.
        name: before their names. Default: 'GRUCell'.
    """

    def __init__(
        self,
        hidden_size: int,
        param_attr: Any = None,
        bias_attr: Any = None,
        gate_activation: Callable[[Any], Any] | None = None,
        activation: Callable[[Any], Any] | None = None,
        dtype: Any = "float32",
        name: str = "GRUCell",
    ) -> None:
        self.hidden_size = hidden_size
        self._attrs, self._name = (param_attr, bias_attr), unique_name.generate(f"{name}/BasicGRUUnit")
        self._gate, self._activation = gate_activation or torch.sigmoid, activation or torch.tanh
        self._made: list[Any] = []

    def call(self, inputs: Any, states: Any, **kwargs: Any) -> Any:
        """Return the state after a step, twice."""
        size = self.hidden_size
        if not self._made:
            make = Parameters("BasicGRUUnit", self._name, inputs).create_parameter
            rows = int(inputs.shape[-1]) + size
            for attr, first in zip(self._attrs, ([rows], []), strict=True):
                for suffix, last in (("_gate", 2 * size), ("_candidate", size)):
                    self._made.append(make([*first, last], suffixed(attr, suffix), is_bias=not first))
        gates, candidate, gates_bias, candidate_bias = self._made
        reset, update = chunks(self._gate(torch.matmul(torch.cat([inputs, states], 1), gates) + gates_bias), 2, 1)
        entering = torch.cat([inputs, reset * states], 1)
        after = update * states + (1 - update) * self._activation(torch.matmul(entering, candidate) + candidate_bias)
        return after, after

    @property
    def state_shape(self) -> list[int]:
        """The size of the state."""
        return [self.hidden_size]


class LSTMCell(RNNCell):
    """A unit with a long memory.

    Args:
        hidden_size: of both states.
        param_attr: of the matrix.
        bias_attr: of the bias.
        gate_activation: has no effect, as in the release: it is the sigmoid.
        activation: likewise, tanh.
        forget_bias: added to the forget gate. Default: 1.0.
        dtype: of the parameters. Default: 'float32'.
        name: before their names. Default: 'LSTMCell'.
    """

    def __init__(
        self,
        hidden_size: int,
        param_attr: Any = None,
        bias_attr: Any = None,
        gate_activation: Any = None,
        activation: Any = None,
        forget_bias: float = 1.0,
        dtype: Any = "float32",
        name: str = "LSTMCell",
    ) -> None:
        self.hidden_size, self._forget_bias = hidden_size, forget_bias
        self._attrs, self._name = (param_attr, bias_attr), unique_name.generate(f"{name}/BasicLSTMUnit")
        self._made: list[Any] = []

    def call(self, inputs: Any, states: Any, **kwargs: Any) -> Any:
        """Return the state after a step, and it and the memory in a list."""
        before, memory = states
        if not self._made:
            make = Parameters("BasicLSTMUnit", self._name, inputs).create_parameter
            rows, columns = int(inputs.shape[-1]) + self.hidden_size, 4 * self.hidden_size
            self._made += [make([rows, columns], self._attrs[0]), make([columns], self._attrs[1], is_bias=True)]
        weight, bias = self._made
        found = torch.matmul(torch.cat([inputs, before], 1), weight) + bias
        enters, candidate, stays, leaves = chunks(found, 4, -1)
        memory = memory * torch.sigmoid(stays + self._forget_bias) + torch.sigmoid(enters) * torch.tanh(candidate)
        after = torch.tanh(memory) * torch.sigmoid(leaves)
        return after, [after, memory]

    @property
    def state_shape(self) -> list[list[int]]:
        """The sizes of both states."""
        return [[self.hidden_size], [self.hidden_size]]
