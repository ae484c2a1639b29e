"""Mirrors the cells of `paddle.nn`: a step of a recurrent layer each; `../../recurrence.py` computes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ... import recurrence
from ...names import Derived
from ...names import Layer as Row
from ...names.generate import accepted
from ...tensor import like, plain
from ..dtype import default_dtype, to_torch_dtype
from ..names import NAMES
from ..tensor import Tensor
from .initializer import Constant, Uniform
from .layer import Layer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RNNCellBase"]


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
                return values.to(batch_ref.device).as_subclass(Tensor)
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
    """A cell with two matrices and two biases, drawn from the uniform distribution of hidden_size ** -0.5.

    Attributes:
        gates: how many times `hidden_size` the rows of a matrix are.
        step: computes a step: `../../recurrence.py` has it.
    """

    gates: int
    step: Callable[..., Any]

    def _begin(
        self,
        input_size: int,
        hidden_size: int,
        weight_ih_attr: Any,
        weight_hh_attr: Any,
        bias_ih_attr: Any,
        bias_hh_attr: Any,
        activation: str = "tanh",
        proj_size: int = 0,
    ) -> None:
        super().__init__()
        check_projection(proj_size, hidden_size)
        if hidden_size <= 0:
            msg = (
                f"hidden_size of {type(self).__name__} must be greater than 0, but now equals to {hidden_size}; give "
                f"the number of values of a state."
            )
            raise ValueError(msg)
        if activation not in ("tanh", "relu"):
            msg = f"activation for {type(self).__name__} should be tanh or relu, but get {activation}."
            raise ValueError(msg)
        self.hidden_size, self.input_size, self.activation = hidden_size, input_size, activation
        self.proj_size = proj_size
        self._biased = bias_ih_attr is not False or bias_hh_attr is not False
        rows = self.gates * hidden_size
        draw = Uniform(-1.0 / math.sqrt(hidden_size), 1.0 / math.sqrt(hidden_size))
        for name, shape, attribute in (
            ("weight_ih", [rows, input_size], weight_ih_attr),
            ("weight_hh", [rows, proj_size or hidden_size], weight_hh_attr),
            ("bias_ih", [rows], bias_ih_attr),
            ("bias_hh", [rows], bias_hh_attr),
        ):
            is_bias = name.startswith("bias")
            first = draw if attribute is not False else Constant(0.0 if is_bias else 1.0)
            # one that is not wanted is there all the same, and is not learned
            made: Any = self.create_parameter(shape, attribute or None, is_bias=is_bias, default_initializer=first)
            made.stop_gradient = made.stop_gradient or attribute is False
            setattr(self, name, made)
        if proj_size:
            self.weight_ho = self.create_parameter([hidden_size, proj_size], weight_hh_attr, default_initializer=draw)

    def forward(self, inputs: Any, states: Any = None) -> Any:
        """Return the output and the next state, which are the same, or the next two states of an LSTM."""
        if states is None:
            states = self.get_initial_states(inputs, self.state_shape)
        several = len(self.state_shape) > 1
        value, *before = self._checked(inputs, *(states if several else [states]))
        hidden, after = self.step(value, before, self.weights())
        return like(hidden, inputs), tuple(like(each, inputs) for each in after) if several else like(hidden, inputs)

    def _checked(self, inputs: Any, *states: Any) -> list[torch.Tensor]:
        """Return an input and states, plain, whose sizes are the cell's."""
        sizes = [self.input_size, self.proj_size or self.hidden_size, self.hidden_size]
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
        """Sizes of a state without the examples, or of both of an LSTM."""
        both = (self.hidden_size,), (self.proj_size or self.hidden_size,)
        return both if self.gates == 4 else both[0]

    def extra_repr(self) -> str:
        """Return both sizes, and the activation where it is another."""
        shown = f"{self.input_size}, {self.hidden_size}"
        return f"{shown}, activation={self.activation}" if self.activation != "tanh" else shown


def _plain_step(self: _Cell, value: Any, states: Any, weights: Any) -> Any:
    return recurrence.simple_step(value, states, weights, self.activation)


for _name, _gates, _step in (
    ("SimpleRNN", 1, _plain_step),
    ("LSTM", 4, staticmethod(recurrence.lstm_step)),
    ("GRU", 3, staticmethod(recurrence.gru_step)),
):
    _facts = {"row": Row(f"nn.{_name}Cell", kind=f"{_name.removeprefix('Simple')}Cell"), "gates": _gates, "step": _step}
    NAMES.add(Derived(f"nn.{_name}Cell", _Cell, accepted(_Cell._begin)[0], {"name": NAMES.words["name"]}, _facts))


def check_projection(proj_size: int, hidden_size: int) -> None:
    """Raise ValueError where an output is projected to as many values or more."""
    if proj_size < 0:
        msg = f"proj_size={proj_size} should be a positive integer or zero to disable projections."
        raise ValueError(msg)
    if proj_size >= hidden_size > 0:
        msg = f"proj_size={proj_size} must be smaller than hidden_size={hidden_size}."
        raise ValueError(msg)
