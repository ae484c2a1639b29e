"""How algorithms are measured on CUDA: candidates take the time they are said to, by a clock that they move."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import torch

from fourfold.backend.planning import cuda

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Candidates that take the time they are said to, and count their calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.calls: list[str] = []
        monkeypatch.setattr(cuda, "time", SimpleNamespace(perf_counter=lambda: self.now))

    def candidate(self, name: str, seconds: float, value: float = 1.0) -> Callable[[], torch.Tensor]:
        def call() -> torch.Tensor:
            self.calls.append(name)
            self.now += seconds
            return torch.full((3,), value)

        return call


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def fastest(candidates: dict[str, Callable[[], torch.Tensor]], dtype: torch.dtype = torch.float64) -> str:
    return cuda.fastest(candidates, magnitude=lambda: (torch.ones(3),), dtype=dtype, device=torch.device("cpu"))


@pytest.mark.parametrize(
    ("native", "other", "expected"),
    [
        pytest.param(0.010, 0.009, "other", id="a-tenth-less"),
        pytest.param(0.010, 0.0096, "native", id="less-by-noise"),
        pytest.param(0.010, 0.011, "native", id="more"),
        pytest.param(0.0001, 0.00006, "native", id="what-python-adds-would-be-more"),
        pytest.param(0.0001, 0.00004, "other", id="more-than-python-adds"),
    ],
)
def test_torch_s_operator_is_kept_unless_another_saves_a_margin(
    clock: Clock, native: float, other: float, expected: str
) -> None:
    found = fastest({"native": clock.candidate("native", native), "other": clock.candidate("other", other)})
    assert found == expected


def test_candidates_take_turns(clock: Clock) -> None:
    fastest({name: clock.candidate(name, 0.01) for name in ("native", "one", "two")})
    assert clock.calls[-15:] == ["native", "one", "two"] * 5


def test_short_calls_are_repeated_within_a_timing(clock: Clock) -> None:
    fastest({"native": clock.candidate("native", 0.0005)})
    assert len(clock.calls) == 1 + 1 + 5 * 4  # for its result, to count, five slices of 2 ms


def test_a_candidate_that_fails_is_left_out_with_a_warning(clock: Clock) -> None:
    def broken() -> torch.Tensor:
        msg = "out of resources"
        raise RuntimeError(msg)

    with pytest.warns(UserWarning, match="broken is left out: RuntimeError: out of resources"):
        assert fastest({"native": clock.candidate("native", 0.01), "broken": broken}) == "native"


def test_a_failure_of_torch_s_operator_is_passed_on() -> None:
    def broken() -> torch.Tensor:
        msg = "out of memory"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="out of memory"):
        fastest({"native": broken})


def test_a_candidate_that_computes_something_else_is_left_out_with_a_warning(clock: Clock) -> None:
    wrong = clock.candidate("wrong", 0.001, 1.001)
    with pytest.warns(UserWarning, match="wrong is left out: it does not agree with torch's operator"):
        assert fastest({"native": clock.candidate("native", 0.01), "wrong": wrong}) == "native"


def test_rounding_is_no_disagreement(clock: Clock) -> None:
    near = clock.candidate("near", 0.001, 1 + 2.0**-23)
    assert fastest({"native": clock.candidate("native", 0.01), "near": near}, torch.float32) == "near"


@pytest.mark.parametrize(
    ("actual", "expected", "same"),
    [
        ((float("inf"),), (float("inf"),), True),
        ((float("nan"),), (float("nan"),), True),
        ((float("nan"),), (1.0,), False),
        ((float("inf"),), (-float("inf"),), False),
        ((1.5,), (1.0,), False),
    ],
)
def test_what_agrees(actual: tuple[float], expected: tuple[float], same: bool) -> None:
    one = torch.ones(1)
    assert cuda.agree((torch.tensor(actual), None), (torch.tensor(expected), None), (one, None), 1e-7) == same


def test_the_second_of_two_results_is_compared_too() -> None:
    one = torch.ones(1)
    assert not cuda.agree((one, one), (one, 2 * one), (one, one), 1e-7)
