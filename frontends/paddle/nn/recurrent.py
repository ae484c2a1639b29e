"""Mirrors the recurrent layers of `paddle.nn`; `../../recurrence.py` computes them."""

from __future__ import annotations

import textwrap
from typing import Any

import torch
from torch.utils._pytree import tree_map

from ... import recurrence
from ...names import Derived
from ...names import Layer as Row
from ...tensor import like, plain
from ..names import NAMES
from .cells import check_projection
from .container import LayerList
from .layer import Layer

__all__: list[str] = []


class _Unrolled(Layer):
    """Any cell, at each time of a sequence: from an input and states to an output and states."""

    def _begin(self, cell: Any, is_reverse: bool, time_major: bool) -> None:
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


class _BothWays(Layer):
    """One cell from the beginning and one from the end; their outputs are joined."""

    def _begin(self, cell_fw: Any, cell_bw: Any, time_major: bool) -> None:
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


for _name, _base in (("RNN", _Unrolled), ("BiRNN", _BothWays)):
    _takes = frozenset(NAMES.signatures.signature(f"nn.{_name}").parameters)
    NAMES.add(Derived(f"nn.{_name}", _base, _takes, facts={"row": Row(f"nn.{_name}", kind="")}))
RNN, BiRNN = NAMES.get("nn.RNN"), NAMES.get("nn.BiRNN")


class _Stack(LayerList):
    """Recurrent layers one after the other, in one direction or both.

    Each parameter has two names, that of its cell (`0.cell.weight_ih`) and one by layer and direction
    (`weight_ih_l0_reverse`), in the state too.

    Attributes:
        mode: what they compute, as the release calls it.
        components: how many tensors a state is.
    """

    row: Row
    mode: str
    components = 1

    def _begin(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        direction: str,
        time_major: bool,
        dropout: float,
        activation: str = "",
        proj_size: int = 0,
        **attributes: Any,
    ) -> None:
        super().__init__()
        if direction not in ("forward", "bidirect", "bidirectional"):
            msg = f"direction should be forward or bidirect (or bidirectional), received direction = {direction}."
            raise ValueError(msg)
        options: dict[str, Any] = {"proj_size": proj_size} if proj_size else {}
        if activation:
            if activation not in ("tanh", "relu"):
                msg = f"Unknown activation {activation!r}; it is 'tanh' or 'relu'."
                raise ValueError(msg)
            options, self.activation, self.mode = {"activation": activation}, activation, f"RNN_{activation.upper()}"
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.dropout, self.time_major, self.proj_size = dropout, time_major, proj_size
        self.num_directions, self.state_components = 1 if direction == "forward" else 2, self.components
        check_projection(proj_size, self.hidden_size)
        cell = NAMES.get(f"{self.row.name}Cell")
        for layer in range(max(self.num_layers, 1)):
            entering = (proj_size or self.hidden_size) * self.num_directions if layer else self.input_size
            cells = [cell(entering, self.hidden_size, **options, **attributes) for _ in range(self.num_directions)]
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


for _name, _facts in (
    ("SimpleRNN", {}),
    ("LSTM", {"mode": "LSTM", "components": 2}),
    ("GRU", {"mode": "GRU"}),
):
    _takes = frozenset(NAMES.signatures.signature(f"nn.{_name}").parameters) - {"name"}
    _facts = {"row": Row(f"nn.{_name}", kind=_name.removeprefix("Simple")), **_facts}
    NAMES.add(Derived(f"nn.{_name}", _Stack, _takes, {"name": NAMES.words["name"]}, _facts))
STACKS = tuple(NAMES.get(f"nn.{name}") for name in ("SimpleRNN", "LSTM", "GRU"))
