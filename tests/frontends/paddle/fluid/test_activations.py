"""Activations against values and gradients measured in Paddle 1.8.5 (the JSON file says how)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from fourfold.frontends.paddle.fluid.activations import ACTIVATIONS, activation
from fourfold.frontends.paddle.fluid.core import EnforceNotMet

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "activations_1_8_5.json").read_text())
EPS = torch.finfo(torch.float64).eps

# Both sides round each of at most eight operations; where terms cancel the error is relative to 1.
ROUNDINGS = 8
# fluid computes the slope below zero from the output and a float32 product of its float32 constants, so that it ends
# at -2.9e-8 instead of 0: half a unit in the last place of 1.758 in float32, times the factors 1..15 of the recording.
SELU_GRADIENT = 15 * 2.0**-24


def recorded(name: str, what: str) -> torch.Tensor:
    return torch.tensor([float(value) for value in RECORDED["activations"][name][what]], dtype=torch.float64)


def differentiated(name: str) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.tensor(RECORDED["input"], dtype=torch.float64, requires_grad=True)
    output = ACTIVATIONS[name](x.reshape(1, 1, 1, 1, -1)).reshape(-1)
    torch.autograd.backward(output, torch.arange(1.0, x.numel() + 1.0, dtype=torch.float64))
    assert x.grad is not None
    return output.detach(), x.grad


def assert_close(got: torch.Tensor, expected: torch.Tensor, bound: float) -> None:
    finite = torch.isfinite(expected)
    assert torch.equal(torch.isnan(got), torch.isnan(expected))
    infinite = torch.isinf(expected)
    assert torch.equal(got[infinite], expected[infinite])
    worst = ((got - expected).abs() / (1 + expected.abs()))[finite].max().item()
    assert worst <= bound


def test_there_is_a_recording_for_every_activation() -> None:
    assert set(RECORDED["activations"]) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_output_is_that_of_1_8_5(name: str) -> None:
    assert_close(differentiated(name)[0], recorded(name, "output"), ROUNDINGS * EPS)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_gradient_is_that_of_1_8_5_also_at_the_kinks(name: str) -> None:
    bound = SELU_GRADIENT if name == "selu" else ROUNDINGS * EPS
    assert_close(differentiated(name)[1], recorded(name, "gradient"), bound)


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        pytest.param("leaky_relu", -100.0, -2.0, id="leaky_relu-slope-0.02"),
        pytest.param("hard_sigmoid", 1.0, 0.7, id="hard_sigmoid-slope-0.2"),
        pytest.param("brelu", 25.0, 24.0, id="brelu-ends-at-24"),
        pytest.param("thresholded_relu", 1.0, 0.0, id="thresholded_relu-above-1"),
        pytest.param("softshrink", 2.0, 1.5, id="softshrink-by-0.5"),
        pytest.param("hard_shrink", -0.5, 0.0, id="hard_shrink-to-0.5"),
        pytest.param("soft_relu", 50.0, 40.0, id="soft_relu-clips-at-40"),
        pytest.param("hard_swish", 3.0, 3.0, id="hard_swish-linear-from-3"),
    ],
)
def test_constants_are_fluids_own(name: str, x: float, expected: float) -> None:
    assert ACTIVATIONS[name](torch.tensor(x)).item() == torch.tensor(expected).item()


def test_softmax_runs_along_the_last_axis() -> None:
    output = ACTIVATIONS["softmax"](torch.zeros(1, 2, 3, 4, 5))
    assert torch.equal(output, torch.full((1, 2, 3, 4, 5), 0.2))


def test_softplus_stays_finite_for_large_inputs() -> None:
    assert ACTIVATIONS["softplus"](torch.tensor([100.0, 1000.0])).tolist() == [100.0, 1000.0]


def test_none_is_no_activation() -> None:
    assert activation(None) is None


@pytest.mark.parametrize("name", ["foo", "Relu", "", "silu", "identity", "hard_tanh", "log_softmax"])
def test_unknown_names_are_not_registered(name: str) -> None:
    with pytest.raises(EnforceNotMet, match=f"Operator {name} has not been registered"):
        activation(name)


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("prelu", r"No Input\(Alpha\)"),
        ("maxout", "Attribute 'groups' is required"),
        ("dropout", "can not find .Mask."),
    ],
)
def test_operators_that_need_more_than_an_input_say_so(name: str, match: str) -> None:
    with pytest.raises(EnforceNotMet, match=match):
        activation(name)


@pytest.mark.parametrize("value", [3, True, torch.relu])
def test_a_name_must_be_a_str(value: Any) -> None:
    with pytest.raises(TypeError, match="should be unicode or str"):
        activation(value)
