"""Mirrors the recurrent layers of `paddle.nn`; `../../recurrence.py` computes them."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import torch
from torch.utils._pytree import tree_map

from ... import recurrence
from ...names import Layer as Row
from ...tensor import like, plain
from ..dtype import default_dtype, to_torch_dtype
from ..tensor import to_tensor
from .container import LayerList
from .initializer import Constant, Uniform
from .layer import Layer

__all__ = ["GRU", "LSTM", "RNN", "BiRNN", "GRUCell", "LSTMCell", "RNNCellBase", "SimpleRNN", "SimpleRNNCell"]


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
        _check_projection(proj_size, hidden_size)
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


def _check_projection(proj_size: int, hidden_size: int) -> None:
    if proj_size < 0:
        msg = f"proj_size={proj_size} should be a positive integer or zero to disable projections."
        raise ValueError(msg)
    if proj_size >= hidden_size > 0:
        msg = f"proj_size={proj_size} must be smaller than hidden_size={hidden_size}."
        raise ValueError(msg)


class RNN(Layer):
    """Any cell, at each time of a sequence.

    Args:
        cell: from an input and states to an output and states.
        is_reverse: whether it begins at the end. Default: False.
        time_major: whether inputs and outputs are (T, N, ...). Default: False, (N, T, ...).
    """

    row = Row("nn.RNN", kind="")

    def __init__(self, cell: Any, is_reverse: bool = False, time_major: bool = False) -> None:
        super().__init__()
        self.cell, self.is_reverse, self.time_major = cell, is_reverse, time_major

    def forward(self, inputs: Any, initial_states: Any = None, sequence_length: Any = None, **kwargs: Any) -> Any:
        """Return the outputs at all times, and the states after each example's last.

        Outputs after an example's end are what the cell gives to what is there.
        """
        if initial_states is None:
            initial_states = self.cell.get_initial_states(batch_ref=inputs, batch_dim_idx=1 if self.time_major else 0)
        swapped = tree_map(lambda each: each if self.time_major else torch.transpose(each, 0, 1), inputs)
        outputs, states = recurrence.unrolled(
            lambda each, states: self.cell(each, states, **kwargs),
            swapped,
            initial_states,
            None if sequence_length is None else plain(sequence_length),
            reverse=self.is_reverse,
        )
        return tree_map(lambda each: each if self.time_major else torch.transpose(each, 0, 1), outputs), states


class BiRNN(Layer):
    """One cell from the beginning and one from the end; their outputs are joined."""

    row = Row("nn.BiRNN", kind="")

    def __init__(self, cell_fw: Any, cell_bw: Any, time_major: bool = False) -> None:
        super().__init__()
        sizes = [getattr(cell, "input_size", None) for cell in (cell_fw, cell_bw)]
        if None not in sizes and sizes[0] != sizes[1]:
            msg = f"input size of forward cell({sizes[0]}) does not equals that of backward cell({sizes[1]})."
            raise ValueError(msg)
        self.cell_fw, self.cell_bw, self.time_major = cell_fw, cell_bw, time_major

    def forward(self, inputs: Any, initial_states: Any = None, sequence_length: Any = None, **kwargs: Any) -> Any:
        """Return the joined outputs, and the states of both cells."""
        if isinstance(initial_states, (list, tuple)):
            assert len(initial_states) == 2, "length of initial_states should be 2 when it is a list/tuple"
        starts = initial_states or (None, None)
        outputs, states = [], []
        for cell, reverse, start in ((self.cell_fw, False, starts[0]), (self.cell_bw, True, starts[1])):
            found = RNN(cell, reverse, self.time_major)(inputs, start, sequence_length, **kwargs)
            outputs.append(found[0])
            states.append(found[1])
        return tree_map(lambda *each: torch.cat(each, -1), *outputs), tuple(states)


class _Stack(LayerList):
    """Recurrent layers one after the other, in one direction or both.

    Each parameter has two names, that of its cell (`0.cell.weight_ih`) and one by layer and direction
    (`weight_ih_l0_reverse`), in the state too.
    """

    cell: Any
    components = 1

    def _begin(
        self,
        sizes: tuple[int, int, int],
        direction: str,
        time_major: bool,
        dropout: float,
        attributes: dict[str, Any],
        proj_size: int = 0,
        **options: Any,
    ) -> None:
        if direction not in ("forward", "bidirect", "bidirectional"):
            msg = f"direction should be forward or bidirect (or bidirectional), received direction = {direction}."
            raise ValueError(msg)
        self.input_size, self.hidden_size, self.num_layers = sizes
        self.dropout, self.time_major, self.proj_size = dropout, time_major, proj_size
        self.num_directions, self.state_components = 1 if direction == "forward" else 2, self.components
        _check_projection(proj_size, self.hidden_size)
        for layer in range(max(self.num_layers, 1)):
            entering = (proj_size or self.hidden_size) * self.num_directions if layer else self.input_size
            cells = [self.cell(entering, self.hidden_size, **options, **attributes) for _ in range(self.num_directions)]
            made: Any = RNN if len(cells) == 1 else BiRNN
            self.append(made(*cells, time_major=time_major))
        named = ["weight_ih", "weight_hh"]
        named += [name for name in ("bias_ih", "bias_hh") if attributes[f"{name}_attr"] is not False]
        places = [
            f"{name}_l{layer}{'_reverse' if side else ''}"
            for layer in range(self.num_layers)
            for side in range(self.num_directions)
            for name in named
        ]
        # the release pairs names and parameters one by one, whatever else a cell has: projections, biases not wanted
        for place, parameter in zip(places, self.parameters(), strict=False):
            setattr(self, place, parameter)

    def cells(self) -> list[Any]:
        """Return the cells, both directions of a layer one after the other."""
        return [cell for layer in self.children() for cell in layer.children()]

    def forward(self, inputs: Any, initial_states: Any = None, sequence_length: Any = None) -> Any:
        """Return the outputs of the last layer, and the states of all layers and directions.

        Args:
            inputs: (N, T, input_size), or (T, N, input_size) if `time_major`.
            initial_states: (layers * directions, N, hidden_size), two of them for an LSTM. Default: None, zeros.
            sequence_length: (N): examples end there; outputs after that are zero. Default: None, none ends early.
        """
        cells = self.cells()
        # torch's kernels read past the end of what does not fit
        if plain(inputs).dim() != 3 or inputs.shape[-1] != cells[0].input_size:
            msg = (
                f"{type(self).__name__}: inputs have shape {list(inputs.shape)}; they must have three axes, of which "
                f"the last has {cells[0].input_size} features."
            )
            raise ValueError(msg)
        values = plain(inputs) if self.time_major else plain(inputs).transpose(0, 1)
        sizes = (self.proj_size or self.hidden_size, self.hidden_size)[: self.components]
        if initial_states is None:
            states = [values.new_zeros(len(cells), values.shape[1], size) for size in sizes]
        else:
            given = initial_states if isinstance(initial_states, (list, tuple)) else [initial_states]
            if len(given) != self.components:
                msg = (
                    f"The number of tensors in PreState of {type(self).__name__} should be {self.components}, but "
                    f"received {len(given)}."
                )
                raise ValueError(msg)
            states = [plain(each) for each in given]
            for state, size in zip(states, sizes, strict=True):
                if tuple(state.shape) != (len(cells), values.shape[1], size):
                    msg = (
                        f"{type(self).__name__}: a state has shape {list(state.shape)}; it must be "
                        f"(layers * directions, N, features), here {[len(cells), values.shape[1], size]}."
                    )
                    raise ValueError(msg)
        outputs, after = recurrence.recurrent(
            self.mode.lower(),
            values,
            states,
            [cell.weights() for cell in cells],
            directions=self.num_directions,
            dropout=self.dropout,
            training=self.training,
            lengths=None if sequence_length is None else plain(sequence_length),
            cleared=not self.proj_size,  # which the release computes another way
        )
        last = tuple(like(each, inputs) for each in after)
        return like(outputs if self.time_major else outputs.transpose(0, 1), inputs), (
            last if self.components > 1 else last[0]
        )

    mode: str

    def __repr__(self) -> str:
        """Return sizes and layers, as Paddle shows them."""
        layers = "\n".join(f"({name}): {layer!r}" for name, layer in self.named_children())
        return f"{type(self).__name__}({self.extra_repr()}\n{textwrap.indent(layers, '  ')}\n)"

    def extra_repr(self) -> str:
        """Return both sizes, and what is not as by default."""
        shown = f"{self.input_size}, {self.hidden_size}"
        for name, default in (("num_layers", 1), ("time_major", False), ("dropout", 0.0)):
            shown += f", {name}={getattr(self, name)}" if getattr(self, name) != default else ""
        return shown


class SimpleRNN(_Stack):
    """Plain recurrent layers."""

    row = Row("nn.SimpleRNN", kind="")
    cell = SimpleRNNCell

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        direction: str = "forward",
        time_major: bool = False,
        dropout: float = 0.0,
        activation: str = "tanh",
        weight_ih_attr: Any = None,
        weight_hh_attr: Any = None,
        bias_ih_attr: Any = None,
        bias_hh_attr: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        if activation not in ("tanh", "relu"):
            msg = f"Unknown activation {activation!r}; it is 'tanh' or 'relu'."
            raise ValueError(msg)
        self.activation, self.mode = activation, f"RNN_{activation.upper()}"
        attributes = {
            "weight_ih_attr": weight_ih_attr,
            "weight_hh_attr": weight_hh_attr,
            "bias_ih_attr": bias_ih_attr,
            "bias_hh_attr": bias_hh_attr,
        }
        sizes = input_size, hidden_size, num_layers
        self._begin(sizes, direction, time_major, dropout, attributes, activation=activation)


class LSTM(_Stack):
    """LSTM layers."""

    row = Row("nn.LSTM", kind="")
    cell, components, mode = LSTMCell, 2, "LSTM"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        direction: str = "forward",
        time_major: bool = False,
        dropout: float = 0.0,
        weight_ih_attr: Any = None,
        weight_hh_attr: Any = None,
        bias_ih_attr: Any = None,
        bias_hh_attr: Any = None,
        proj_size: int = 0,
        name: str | None = None,
    ) -> None:
        super().__init__()
        attributes = {
            "weight_ih_attr": weight_ih_attr,
            "weight_hh_attr": weight_hh_attr,
            "bias_ih_attr": bias_ih_attr,
            "bias_hh_attr": bias_hh_attr,
        }
        sizes = input_size, hidden_size, num_layers
        options = {"proj_size": proj_size} if proj_size else {}
        self._begin(sizes, direction, time_major, dropout, {**attributes, **options}, proj_size)


class GRU(_Stack):
    """GRU layers."""

    row = Row("nn.GRU", kind="")
    cell, mode = GRUCell, "GRU"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        direction: str = "forward",
        time_major: bool = False,
        dropout: float = 0.0,
        weight_ih_attr: Any = None,
        weight_hh_attr: Any = None,
        bias_ih_attr: Any = None,
        bias_hh_attr: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        attributes = {
            "weight_ih_attr": weight_ih_attr,
            "weight_hh_attr": weight_hh_attr,
            "bias_ih_attr": bias_ih_attr,
            "bias_hh_attr": bias_hh_attr,
        }
        self._begin((input_size, hidden_size, num_layers), direction, time_major, dropout, attributes)
