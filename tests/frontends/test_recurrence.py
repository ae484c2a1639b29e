"""The arithmetic of recurrent layers, beside torch's own cells and packed sequences."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from fourfold.frontends.recurrence import gru_step, lstm_step, recurrent, simple_step, unrolled


def _weights(rows: int, inputs: int, hidden: int) -> tuple[torch.Tensor, ...]:
    return (
        torch.randn(rows, inputs, dtype=torch.float64),
        torch.randn(rows, hidden, dtype=torch.float64),
        torch.randn(rows, dtype=torch.float64),
        torch.randn(rows, dtype=torch.float64),
    )


@pytest.mark.parametrize(
    ("step", "cell", "gates"),
    [
        pytest.param(simple_step, torch.nn.RNNCell, 1, id="plain"),
        pytest.param(gru_step, torch.nn.GRUCell, 3, id="gru"),
        pytest.param(lstm_step, torch.nn.LSTMCell, 4, id="lstm"),
    ],
)
def test_a_step_is_that_of_torch_s_cell(step: Any, cell: Any, gates: int) -> None:
    weights, count = _weights(gates * 5, 3, 5), 2 if gates == 4 else 1
    inputs = torch.randn(2, 3, dtype=torch.float64)
    states = tuple(torch.randn(2, 5, dtype=torch.float64) for _ in range(count))
    theirs = cell(3, 5, dtype=torch.float64)
    for parameter, values in zip(theirs.parameters(), weights, strict=True):
        parameter.data.copy_(values)
    expected = theirs(inputs, states if count == 2 else states[0])
    hidden, after = step(inputs, states, weights)
    torch.testing.assert_close(hidden, after[0], rtol=0, atol=0)
    torch.testing.assert_close(tuple(after), expected if count == 2 else (expected,))


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn_tanh", "rnn_relu"])
@pytest.mark.parametrize("directions", [1, 2])
def test_lengths_mean_what_packing_does(kind: str, directions: int) -> None:
    gates, components = {"lstm": (4, 2), "gru": (3, 1)}.get(kind, (1, 1))
    weights = [_weights(gates * 4, 3, 4) for _ in range(directions)]
    weights += [_weights(gates * 4, 4 * directions, 4) for _ in range(directions)]
    inputs = torch.randn(5, 3, 3, dtype=torch.float64)
    states = [torch.randn(2 * directions, 3, 4, dtype=torch.float64) for _ in range(components)]
    lengths = torch.tensor([5, 1, 3])
    name, options = {"lstm": ("LSTM", {}), "gru": ("GRU", {})}.get(kind, ("RNN", {"nonlinearity": kind[4:]}))
    theirs = getattr(torch.nn, name)(3, 4, 2, bidirectional=directions == 2, dtype=torch.float64, **options)
    for parameter, values in zip(theirs.parameters(), [one for each in weights for one in each], strict=True):
        parameter.data.copy_(values)
    packed = torch.nn.utils.rnn.pack_padded_sequence(inputs, lengths, enforce_sorted=False)
    expected, last = theirs(packed, tuple(states) if components == 2 else states[0])
    outputs, after = recurrent(kind, inputs, states, weights, directions=directions, lengths=lengths)
    torch.testing.assert_close(outputs, torch.nn.utils.rnn.pad_packed_sequence(expected)[0])
    torch.testing.assert_close(after, last if components == 2 else (last,))


def test_a_state_stays_as_it_is_after_the_end() -> None:
    inputs = torch.arange(1.0, 5.0)[:, None, None].expand(4, 2, 1)
    outputs, last = unrolled(
        lambda each, total: (total + each, total + each), inputs, torch.zeros(2, 1), torch.tensor([4, 2])
    )
    assert last.flatten().tolist() == [10.0, 3.0]
    assert outputs[:, 0, 0].tolist() == [1.0, 3.0, 6.0, 10.0]


def test_a_sequence_of_no_steps_leaves_the_states() -> None:
    states = [torch.ones(1, 2, 4, dtype=torch.float64)]
    inputs = torch.randn(3, 2, 3, dtype=torch.float64)
    outputs, after = recurrent("gru", inputs, states, [_weights(12, 3, 4)], lengths=torch.tensor([0, 3]))
    assert after[0][0, 0].tolist() == [1.0] * 4
    assert not outputs[:, 0].any()


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn_tanh", "rnn_relu"])
@pytest.mark.parametrize(
    ("inputs", "state", "match"),
    [
        pytest.param((3, 2, 9), (1, 2, 4), r"inputs have shape \[3, 2, 9\].* 3 features", id="features"),
        pytest.param((2, 3), (1, 2, 4), "three axes", id="axes"),
        pytest.param((3, 2, 3), (1, 5, 4), r"a state has shape \[1, 5, 4\].*\[1, 2, 4\]", id="batch"),
        pytest.param((3, 2, 3), (1, 2, 3), r"a state has shape \[1, 2, 3\]", id="state"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(
    kind: str, inputs: tuple[int, ...], state: tuple[int, ...], match: str
) -> None:
    gates, components = {"lstm": (4, 2), "gru": (3, 1)}.get(kind, (1, 1))
    states = [torch.zeros(state)] * components
    with pytest.raises(ValueError, match=match):
        recurrent(kind, torch.zeros(inputs), states, [_weights(gates * 4, 3, 4)])


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn_tanh"])
def test_layers_without_biases_are_those_whose_biases_are_0(kind: str) -> None:
    gates, components = {"lstm": (4, 2), "gru": (3, 1)}.get(kind, (1, 1))
    weights = _weights(gates * 4, 3, 4)[:2]
    inputs, states = torch.randn(5, 2, 3, dtype=torch.float64), [torch.zeros(1, 2, 4, dtype=torch.float64)] * components
    zeros = (torch.zeros(gates * 4, dtype=torch.float64),) * 2
    found, expected = (recurrent(kind, inputs, states, [(*weights, *each)]) for each in ((None, None), zeros))
    torch.testing.assert_close(found, expected)
