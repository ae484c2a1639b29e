"""Slabs that are computed side by side: every algorithm's, who computes them, and what an error leaves behind."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.backend.forced import CONFIGURATIONS, SIZE, known, make
from tests.operands import apply, operands

from fourfold.backend.algorithms import ALGORITHMS
from fourfold.backend.execution import slabwise, threads
from fourfold.backend.execution.workers import MOST, Team, team
from fourfold.backend.planning.case import case_of
from fourfold.backend.planning.planner import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fourfold.backend.algorithms import Algorithm

NAMES = ["plain", "stride-2", "asymmetric", "groups", "dilation-per-axis", "kernel-equals-stride", "depthwise"]
ALONE = [algorithm for algorithm in ALGORITHMS if algorithm.alone]
SEVERAL = 3


@pytest.fixture(autouse=True)
def _several_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(SEVERAL)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Share the slabs of the smallest call."""
    monkeypatch.setattr(slabwise, "LONG", 0.0)
    monkeypatch.setattr(slabwise, "SHARED", 1e9)


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("algorithm", ALONE, ids=lambda algorithm: algorithm.name)
@pytest.mark.parametrize("name", NAMES)
def test_slabs_side_by_side_equal_the_definition(name: str, algorithm: Algorithm) -> None:
    options: dict[str, Any] = CONFIGURATIONS[name]
    case = known(make(**options))
    input, weight, bias = case.given
    described = case_of(make(**options), input)
    if (reason := refusal(algorithm, described)) is not None:
        pytest.skip(reason)
    parts, found = slabwise.shared(algorithm, described, 4000)
    assert found is not None
    assert found.size == SEVERAL
    assert len(parts) > 1
    assert torch.equal(slabwise.forward(algorithm, described, input, weight, bias, slab=4000), case.output)


@pytest.mark.usefixtures("_short")
def test_a_workspace_is_shared_by_those_who_work_at_once() -> None:
    described = case_of(make(), torch.zeros(1, 4, *SIZE))
    algorithm = next(each for each in ALONE if refusal(each, described) is None)
    alone, _ = slabwise.shared(algorithm, described._replace(threads=1), 6000)
    together, _ = slabwise.shared(algorithm, described, 6000)
    assert len(together) >= len(alone) * SEVERAL - SEVERAL


def test_short_calls_and_single_threads_have_no_team() -> None:
    large = case_of(make(stride=2), torch.empty(1, 4, 128, 128, 128, device="meta"))._replace(device="cpu")
    algorithm = next(each for each in ALONE if refusal(each, large) is None and each.name != "deconvolution")
    assert slabwise.shared(algorithm, large)[1] is not None
    assert slabwise.shared(algorithm, large._replace(threads=1))[1] is None
    assert slabwise.shared(algorithm, large._replace(size=SIZE))[1] is None


@pytest.mark.parametrize(("number", "size", "each"), [(2, 2, 1), (8, 8, 1), (12, 6, 2), (13, 6, 2), (64, 8, 8)])
def test_a_team_divides_torch_s_threads(number: int, size: int, each: int) -> None:
    found = Team(number)
    assert (found.size, found.each) == (size, each)
    assert found.size <= MOST


def test_each_works_with_its_share_and_the_caller_s_own_number_comes_back() -> None:
    seen: list[int] = []
    met = threading.Barrier(SEVERAL)

    def look(_: int) -> None:
        met.wait(30)
        seen.append(torch.get_num_threads())

    team(SEVERAL).run(range(SEVERAL), look)
    assert seen == [1] * SEVERAL
    assert torch.get_num_threads() == SEVERAL


@pytest.mark.skipif(not threads.can_limit(), reason="this torch keeps one number for all threads to come")
def test_a_thread_that_begins_meanwhile_has_torch_s_number() -> None:
    with ThreadPoolExecutor(1) as pool, threads.limited(1):
        assert torch.get_num_threads() == 1
        assert pool.submit(torch.get_num_threads).result() == SEVERAL


def test_nothing_is_recorded_and_inference_tensors_are_written() -> None:
    with torch.inference_mode():
        values = torch.zeros(6)
        team(SEVERAL).run(range(6), lambda index: values.__setitem__(index, index))
    assert values.tolist() == [0, 1, 2, 3, 4, 5]
    recorded: list[bool] = []
    team(SEVERAL).run(range(6), lambda _: recorded.append(torch.is_grad_enabled()))
    assert recorded == [False] * 6


@pytest.mark.usefixtures("_short")
def test_a_call_in_inference_mode_equals_one_outside() -> None:
    spec = make(stride=2)
    given = operands(spec, SIZE)
    expected = apply(given, spec, max_workspace=4000)
    with torch.inference_mode():
        assert torch.equal(apply(given, spec, max_workspace=4000), expected)


def test_the_first_error_is_raised_when_nobody_works_any_more() -> None:
    begun: list[int] = []

    def fail(item: int) -> None:
        begun.append(item)
        if item == 1:
            msg = "no memory"
            raise MemoryError(msg)

    with pytest.raises(MemoryError, match="no memory"):
        team(SEVERAL).run(range(10_000), fail)
    number = len(begun)
    assert number < 10_000
    team(SEVERAL).run(range(3), begun.append)
    assert len(begun) == number + 3


def test_callers_of_several_threads_share_a_team() -> None:
    def total(start: int) -> int:
        found: list[int] = []
        team(SEVERAL).run(range(start, start + 50), found.append)
        return sum(found)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(total, range(4))) == [sum(range(start, start + 50)) for start in range(4)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_makes_a_team_of_its_own() -> None:
    found = team(SEVERAL)
    found.run(range(SEVERAL), lambda _: None)
    child = os.fork()
    if child == 0:
        done: list[int] = []
        team(SEVERAL).run(range(5), done.append)
        os._exit(0 if sorted(done) == [0, 1, 2, 3, 4] and team(SEVERAL) is not found else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_without_the_runtimes_others_do_all_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_runtimes", lambda: None)
    found = Team(SEVERAL)
    here, seen = threading.get_ident(), set[int]()
    numbers: list[int] = []

    def look(_: int) -> None:
        seen.add(threading.get_ident())
        numbers.append(torch.get_num_threads())

    found.run(range(20), look)
    assert here not in seen
    assert set(numbers) == {1}
    assert torch.get_num_threads() == SEVERAL
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == SEVERAL
