"""The arithmetic of recurrent layers: one step of each cell, a loop over time, and stacks of layers.

Gates lie in the rows of the weights as in torch, Paddle, MegEngine and OneFlow: input, forget, cell, output in an LSTM;
reset, update, new in a GRU. Time is the first axis.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional
from torch.utils._pytree import tree_map

from ..backend import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["gru_step", "lstm_step", "recurrent", "simple_step", "unrolled"]

Weights = tuple[torch.Tensor | None, ...]
States = tuple[torch.Tensor, ...]


def simple_step(input: Any, states: Any, weights: Weights, nonlinearity: str = "tanh") -> tuple[Any, States]:
    """Return the output and the states of a plain cell after one step.

    Args:
        input: (N, inputs).
        states: (N, hidden), alone in a tuple.
        weights: of the input (hidden, inputs) and of the state (hidden, hidden), and their biases or None.
        nonlinearity: 'tanh' or 'relu'.
    """
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    total = functional.linear(input, weight_ih, bias_ih) + functional.linear(states[0], weight_hh, bias_hh)  # type: ignore[arg-type]
    hidden = torch.tanh(total) if nonlinearity == "tanh" else torch.relu(total)
    return hidden, (hidden,)


def lstm_step(input: Any, states: Any, weights: Weights) -> tuple[Any, States]:
    """Return the output and the states of an LSTM cell after one step.

    Args:
        input: (N, inputs).
        states: (N, hidden) and the cell's (N, hidden).
        weights: as `simple_step`, with four times as many rows; a fifth (hidden, projected) projects the output.
    """
    weight_ih, weight_hh, bias_ih, bias_hh, *projection = weights
    gates = functional.linear(input, weight_ih, bias_ih) + functional.linear(states[0], weight_hh, bias_hh)  # type: ignore[arg-type]
    entering, kept, candidate, leaving = torch.chunk(gates, 4, -1)
    cell = torch.sigmoid(kept) * states[1] + torch.sigmoid(entering) * torch.tanh(candidate)
    hidden = torch.sigmoid(leaving) * torch.tanh(cell)
    if projection and projection[0] is not None:
        hidden = torch.matmul(hidden, projection[0])
    return hidden, (hidden, cell)


def gru_step(input: Any, states: Any, weights: Weights) -> tuple[Any, States]:
    """Return the output and the states of a GRU cell after one step; arguments as those of `simple_step`."""
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    of_input = torch.chunk(functional.linear(input, weight_ih, bias_ih), 3, -1)  # type: ignore[arg-type]
    of_state = torch.chunk(functional.linear(states[0], weight_hh, bias_hh), 3, -1)  # type: ignore[arg-type]
    reset = torch.sigmoid(of_input[0] + of_state[0])
    update = torch.sigmoid(of_input[1] + of_state[1])
    candidate = torch.tanh(of_input[2] + reset * of_state[2])
    hidden = (states[0] - candidate) * update + candidate
    return hidden, (hidden,)


def unrolled(
    step: Callable[[Any, Any], tuple[Any, Any]],
    inputs: Any,
    states: Any,
    lengths: torch.Tensor | None = None,
    *,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Return what a cell gives at each time, stacked, and its last states.

    Args:
        step: from an input and states to an output and the next states.
        inputs: (T, N, ...), or a tree of such tensors.
        states: before the first step, (N, ...) each, of any structure.
        lengths: (N): states stay as they are from this time on. Default: None, none ends early.
        reverse: from the last time to the first.
    """
    leaves: list[Any] = []
    tree_map(leaves.append, inputs)
    times = range(leaves[0].shape[0])
    outputs = []
    for time in reversed(times) if reverse else times:
        at = tree_map(lambda each, time=time: torch.select(each, 0, time), inputs)
        output, following = step(at, states)
        if lengths is not None:
            runs = time < lengths
            following = tree_map(
                lambda new, old, runs=runs: torch.where(runs.reshape(-1, *[1] * (new.dim() - 1)), new, old),
                following,
                states,
            )
        states = following
        outputs.append(output)
    if reverse:
        outputs.reverse()
    return tree_map(lambda *each: torch.stack(each), *outputs), states


def _check_sizes(kind: str, inputs: torch.Tensor, states: Sequence[torch.Tensor], weights: Sequence[Weights]) -> None:
    """Raise where sizes do not fit: torch's kernels on CPUs read past the end of memory instead."""
    weight, of_state = weights[0][:2]
    assert weight is not None
    assert of_state is not None
    if inputs.dim() != 3 or inputs.shape[-1] != weight.shape[1]:
        msg = (
            f"{kind}: inputs have shape {list(inputs.shape)}; they must have three axes, of which the last has "
            f"{weight.shape[1]} features."
        )
        raise OperatorError(msg)
    # of a projected LSTM, the state has fewer features than the cell
    sizes = (of_state.shape[1], of_state.shape[0] // 4) if kind == "lstm" else (of_state.shape[1],)
    for state, size in zip(states, sizes, strict=True):
        wanted = [len(weights), inputs.shape[1], size]
        if list(state.shape) != wanted:
            msg = (
                f"{kind}: a state has shape {list(state.shape)}; it must be (layers * directions, N, features), here "
                f"{wanted}."
            )
            raise OperatorError(msg)


_STEPS: dict[str, Callable[..., tuple[Any, States]]] = {
    "lstm": lstm_step,
    "gru": gru_step,
    "rnn_tanh": simple_step,
    "rnn_relu": functools.partial(simple_step, nonlinearity="relu"),
}


def recurrent(
    kind: str,
    inputs: torch.Tensor,
    states: Sequence[torch.Tensor],
    weights: Sequence[Weights],
    *,
    directions: int = 1,
    dropout: float = 0.0,
    training: bool = False,
    lengths: torch.Tensor | None = None,
    cleared: bool = True,
) -> tuple[torch.Tensor, States]:
    """Return the outputs of the last of several recurrent layers, (T, N, directions * hidden), and all last states.

    Args:
        kind: 'lstm', 'gru', 'rnn_tanh' or 'rnn_relu'.
        inputs: (T, N, inputs), plain.
        states: of each component of a state, (layers * directions, N, hidden).
        weights: of each layer and direction, as the steps take them.
        directions: 2 where each layer runs backwards too.
        dropout: probability that an input of a layer after the first is dropped.
        training: whether any is.
        lengths: as in `unrolled`.
        cleared: whether outputs after the end are zero. Default: True.

    Raises:
        OperatorError: the inputs or a state have other sizes than the weights.
    """
    _check_sizes(kind, inputs, states, weights)
    biases = {each[2:] != (None, None) for each in weights}
    given = [weight for each in weights for weight in each if weight is not None]
    if lengths is None and len(biases) == 1 and len(given) == (4 if True in biases else 2) * len(weights):
        start: Any = tuple(states) if kind == "lstm" else states[0]
        options = (True in biases, len(weights) // directions, float(dropout), training, directions == 2, False)
        found = getattr(torch, kind)(inputs, start, given, *options)
        return found[0], tuple(found[1:])
    last: list[States] = []
    for first in range(0, len(weights), directions):
        if first and dropout:
            inputs = functional.dropout(inputs, dropout, training)
        sides = []
        for index in range(first, first + directions):
            begin = tuple(component[index] for component in states)
            side, end = unrolled(
                functools.partial(_STEPS[kind], weights=weights[index]),
                inputs,
                begin,
                lengths,
                reverse=index != first,
            )
            sides.append(side)
            last.append(end)
        inputs = torch.cat(sides, -1)
        if lengths is not None and cleared:
            times = torch.arange(inputs.shape[0], device=inputs.device)
            inputs = torch.where((times[:, None] < lengths)[..., None], inputs, torch.zeros_like(inputs))
    return inputs, tuple(torch.stack(each) for each in zip(*last, strict=True))
