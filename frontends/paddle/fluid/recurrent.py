"""Steps of recurrent layers: one unit at a time, whose parameters a layer or a function makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...names import Learned, kept
from ..static.graph import recording
from .dygraph.rows import added, layer
from .learned import fc, learning
from .names import NAMES

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

ACTIVATIONS: dict[str, Any] = {
    "identity": torch.clone,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
}


def gru(
    input: Tensor,
    hidden: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    activation: str = "tanh",
    gate_activation: str = "sigmoid",
    origin_mode: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Take a step of a gated unit: return the state, the one that was reset, and the gates.

    Args:
        input: what goes into update gate, reset gate and candidate, one after the other.
        hidden: the state before.
        weight: of the state: the two gates' matrix, and after it in memory the candidate's.
        bias: of all three, or None.
        activation: of the candidate.
        gate_activation: of the gates.
        origin_mode: whether the update gate keeps the state (arXiv 1406.1078), or lets the candidate in (1412.3555).
    """
    size = hidden.shape[1]
    flat = torch.flatten(weight)
    of_gates, of_candidate = torch.split(flat, [2 * size * size, size * size])
    offset = input if bias is None else input + bias
    for_gates, for_candidate = torch.split(offset, [2 * size, size], 1)
    gates = ACTIVATIONS[gate_activation](for_gates + torch.matmul(hidden, torch.reshape(of_gates, [size, 2 * size])))
    update, reset = torch.chunk(gates, 2, 1)
    left = reset * hidden
    candidate = for_candidate + torch.matmul(left, torch.reshape(of_candidate, [size, size]))
    candidate = ACTIVATIONS[activation](candidate)
    before, after = (update, 1 - update) if origin_mode else (1 - update, update)
    # no gradients go through the others
    return before * hidden + after * candidate, left.detach(), torch.cat([gates, candidate], 1).detach()


def known(name: str) -> str:
    """Return an activation of a gated unit.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in ACTIVATIONS:
        msg = f"{name!r}: legal are {', '.join(ACTIVATIONS)}."
        raise KeyError(msg)
    return name


def gru_weight(layer: Any, size: int, param_attr: Any) -> None:
    """Make the weight of a gated unit, whose size is three times the state's."""
    added(layer, "weight", [size // 3, size // 3 * 3], param_attr)


def gru_bias(layer: Any, size: int, bias_attr: Any) -> None:
    """Make the bias of a gated unit."""
    added(layer, "bias", [1, size // 3 * 3], bias_attr, is_bias=True)


layer(
    "dygraph.GRUUnit",
    gru,
    learned=(
        Learned("weight", gru_weight, ("size", "param_attr")),
        Learned("bias", gru_bias, ("size", "bias_attr")),
    ),
    activation=kept("activation", read=known),
    gate_activation=kept("gate_activation", read=known),
    origin_mode=kept("_origin_mode"),
)
learning("layers.gru_unit", "GRUUnit", several=True)


def stepped(gates: Tensor, cell: Tensor, forget_bias: float) -> tuple[Tensor, Tensor]:
    """Return hidden and cell state after a step, by what input, forget and output gate and candidate are made of."""
    enters, stays, leaves, candidate = torch.chunk(gates, 4, 1)
    after = torch.sigmoid(stays + forget_bias) * cell + torch.sigmoid(enters) * torch.tanh(candidate)
    return torch.sigmoid(leaves) * torch.tanh(after), after


def lstm_unit(
    x_t: Any,
    hidden_t_prev: Any,
    cell_t_prev: Any,
    forget_bias: float = 0.0,
    param_attr: Any = None,
    bias_attr: Any = None,
) -> Any:
    """Take a step of a unit with a long memory, whose gates are a fully connected layer; return both states.

    Raises:
        ValueError: the operands are no matrices of a batch each, or the states are of unlike sizes.
    """
    shapes = [list(each.shape) for each in (x_t, hidden_t_prev, cell_t_prev)]
    if any(len(shape) != 2 for shape in shapes) or len({shape[0] for shape in shapes}) > 1 or shapes[1] != shapes[2]:
        msg = f"Rank of x_t, hidden_t_prev and cell_t_prev must be 2, of one batch; shapes are {shapes}."
        raise ValueError(msg)
    together = recording(torch.cat)([x_t, hidden_t_prev], 1)
    gates = fc(together, 4 * shapes[2][1], param_attr=param_attr, bias_attr=bias_attr)
    return recording(stepped, several=True)(gates, cell_t_prev, forget_bias)


NAMES.function("layers.lstm_unit", lstm_unit)
