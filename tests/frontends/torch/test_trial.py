"""Which state of a model is fastest: the measurement, on a clock that the test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from fourfold.frontends.torch import trial

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Time that passes as the present state says."""

    def __init__(self) -> None:
        self.now, self.pace, self.entered = 0.0, 0.0, list[str]()

    def state(self, name: str, pace: float) -> Callable[[], None]:
        def enter() -> None:
            self.entered.append(name)
            self.pace = pace

        return enter

    def __call__(self) -> float:
        return self.now


def test_states_take_turns_and_the_least_pass_but_the_first_counts() -> None:
    clock = Clock()
    passes: list[float] = []

    def task() -> None:
        clock.now += clock.pace * (0 if len(passes) < 2 else 1 if len(passes) in (4, 5) else 8)
        passes.append(clock.pace)

    found = trial.seconds({"a": clock.state("a", 1 / 16), "b": clock.state("b", 5 / 64)}, task, clock)
    assert found == {"a": 1 / 16, "b": 5 / 64}
    assert clock.entered == ["a", "b"] * (trial.ROUNDS + 1)


def test_a_state_that_is_far_behind_after_two_passes_has_no_more() -> None:
    clock = Clock()

    def task() -> None:
        clock.now += clock.pace

    states = {"slow": clock.state("slow", 2 * trial.FAR), "fast": clock.state("fast", 1)}
    assert trial.seconds(states, task, clock) == {"slow": 2 * trial.FAR, "fast": 1}
    assert clock.entered.count("slow") == 3
    assert clock.entered.count("fast") == trial.ROUNDS + 1


def test_long_passes_are_three() -> None:
    clock = Clock()

    def task() -> None:
        clock.now += clock.pace

    assert trial.seconds({"a": clock.state("a", trial.LONG / 4 + 1)}, task, clock) == {"a": trial.LONG / 4 + 1}
    assert len(clock.entered) == 1 + 3


def test_a_state_in_which_the_task_fails_is_left_out() -> None:
    clock = Clock()

    def task() -> None:
        if clock.pace == 3:
            raise RuntimeError
        clock.now += clock.pace

    assert trial.seconds({"a": clock.state("a", 2), "b": clock.state("b", 3)}, task, clock) == {"a": 2}


def test_a_task_that_fails_everywhere_fails() -> None:
    clock = Clock()

    def task() -> None:
        msg = "does not fit"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="does not fit"):
        trial.seconds({"a": clock.state("a", 2), "b": clock.state("b", 3)}, task, clock)


def test_work_in_training_leaves_no_gradient_and_buffers_and_random_numbers_are_kept() -> None:
    model = torch.nn.Sequential(torch.nn.Conv3d(1, 2, 1), torch.nn.BatchNorm3d(2), torch.nn.Dropout())
    calls: list[bool] = []
    model.register_forward_hook(lambda *_: calls.append(torch.is_grad_enabled()))
    state = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    with trial.unchanged(model):
        trial.work(model, (torch.randn(1, 1, 2, 2, 2),))
    assert torch.equal(torch.rand(1), expected)
    assert calls == [True]
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_work_in_evaluation_records_nothing() -> None:
    model = torch.nn.Conv3d(1, 2, 1).eval()
    calls: list[bool] = []
    model.register_forward_hook(lambda *_: calls.append(torch.is_grad_enabled()))
    trial.work(model, (torch.zeros(1, 1, 2, 2, 2),))
    assert calls == [False]
