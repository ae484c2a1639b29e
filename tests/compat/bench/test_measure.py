from __future__ import annotations

import gc
from dataclasses import replace

import pytest
import torch
from tests.compat.bench.fakes import Fake, variant

from fourfold.backend.planning import cuda
from fourfold.compat.bench import NATIVE, OURS, Effort, measure
from fourfold.compat.bench.subjects import operands
from fourfold.compat.bench.verdict import DisagreementError, Expected

EFFORT = Effort(rounds=3, most=3, budget=0.0)


@pytest.mark.parametrize(
    ("time", "turns_of_rounds"), [(0.01, "aabbccbbccaaccaabb"), (0.05, "abcbcacab")], ids=["brief", "long"]
)
def test_subjects_take_turns_in_every_round_brief_ones_with_a_call_before(time: float, turns_of_rounds: str) -> None:
    turns: list[str] = []
    measure(variant(), [Fake(name, turns, time=time) for name in "abc"], EFFORT)
    assert "".join(turns) == "aabbcc" + turns_of_rounds  # warm-up, then three rounds, each begun by another


def test_a_wrong_subject_is_named_and_not_timed() -> None:
    turns: list[str] = []
    found = measure(variant(), [Fake("right", turns), Fake("wrong", turns, error=1e-3)], EFFORT)
    assert set(found.timings) == {"right"}
    assert "output different: 1 of 128 differ, worst at (0, 1, 3, 3, 3)" in found.wrong["wrong"]
    assert "wrong" not in turns


def test_a_wrong_gradient_is_found() -> None:
    found = measure(variant(mode="backward"), [Fake("wrong", error=1e-2)], EFFORT)
    assert found.wrong["wrong"].startswith("grad_bias different: 1 of 2 differ")


@pytest.mark.parametrize("error", [float("nan"), float("inf")], ids=str)
def test_nothing_excuses_a_value_that_is_not_finite(error: float) -> None:
    assert "wrong" in measure(variant(), [Fake("wrong", error=error)], EFFORT).wrong


def test_rounding_is_not_wrong() -> None:
    assert measure(variant(), [Fake("right", error=1e-7)], EFFORT).wrong == {}


@pytest.mark.parametrize(("device", "tf32"), [("cuda", True), ("cuda", False), ("cpu", True)])
def test_results_may_be_as_far_apart_as_torch_s_flags_allow(
    device: str, tf32: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuda, "conv_tf32", lambda: tf32)
    given = operands(variant())
    (output,) = NATIVE.prepare(variant(), given).results()
    expected = Expected(replace(variant(), device=device), given, [output])
    near = output * (1 + 2.0**-11)
    if (device, tf32) == ("cuda", True):
        expected.check([near])
        near = output * 1.5
    with pytest.raises(DisagreementError, match="output different"):
        expected.check([near])


def test_who_cannot_run_it_is_missing_with_the_reason() -> None:
    found = measure(variant(), [Fake("a"), Fake("b", refuses="no groups")], EFFORT)
    assert found.missing == {"b": "no groups"}
    assert set(found.timings) == {"a"}


@pytest.mark.parametrize("at", [0, 2], ids=["while warming up", "in a round"])
def test_who_fails_drops_out_and_the_others_go_on(at: int) -> None:
    found = measure(variant(), [Fake("a", fails_at=at), Fake("b")], EFFORT)
    assert found.missing == {"a": "died"}
    assert found.timings["b"].rounds == 3


def test_everybody_is_closed() -> None:
    subjects = [Fake("a"), Fake("wrong", error=1.0), Fake("b", fails_at=0)]
    measure(variant(), subjects, EFFORT)
    assert [subject.closed for subject in subjects] == [True, True, True]


@pytest.mark.parametrize(("time", "calls"), [(1.0, 1), (0.001, 2), (1e-9, 1000)], ids=["long", "short", "nothing"])
def test_short_calls_are_repeated_within_a_timing(time: float, calls: int) -> None:
    assert measure(variant(), [Fake("a", time=time)], EFFORT).timings["a"].calls == calls


def test_rounds_end_with_the_budget_but_not_before_the_least() -> None:
    found = measure(variant(), [Fake("a")], Effort(rounds=4, most=100, budget=0.0))
    assert found.timings["a"].rounds == 4


def test_nobody_left_is_no_error() -> None:
    found = measure(variant(), [Fake("a", refuses="no")], EFFORT)
    assert found.timings == {}


def test_the_garbage_collector_is_as_before() -> None:
    measure(variant(), [Fake("a")], EFFORT)
    assert gc.isenabled()


@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
@pytest.mark.parametrize("mode", ["forward", "backward"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_ours_and_torch_are_measured(mode: str, dtype: str, layout: str) -> None:
    found = measure(variant("one", mode, dtype, layout=layout), [OURS, NATIVE], EFFORT)
    assert (found.wrong, found.missing) == ({}, {})
    assert found.timings[OURS.name].median >= found.timings[OURS.name].least > 0
    assert set(found.timings) == {"fourfold", "torch"}


def test_the_random_numbers_of_the_caller_are_left_alone() -> None:
    before = torch.get_rng_state()
    measure(variant(), [OURS], EFFORT)
    assert torch.equal(torch.get_rng_state(), before)
