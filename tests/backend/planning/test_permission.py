"""`allow_fft`: nothing is allowed unasked, and what is allowed in one place is not in another."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.backend.forced import known, make
from tests.operands import apply, operands

from fourfold.backend import OperatorError, allow_fft, autotune, conv_transpose3d, plan
from fourfold.backend.execution import shortcut
from fourfold.backend.planning import choice, planner
from fourfold.backend.planning.permission import fft_is_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC = make(in_channels=1, out_channels=1, kernel_size=9)
VOLUME = torch.empty(1, 1, 10, 10, 10, dtype=torch.float64, device="meta")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    allow_fft(False)


def chosen() -> str:
    return plan(SPEC, VOLUME).algorithm


def test_nothing_is_allowed_unasked() -> None:
    assert not fft_is_allowed()
    assert chosen() != "fft"
    assert "allow_fft()" in dict(plan(SPEC, VOLUME).refused)["fft"]


def test_a_call_allows_until_another_forbids() -> None:
    allow_fft(True)
    assert chosen() == "fft"
    allow_fft(False)
    assert chosen() != "fft"
    allow_fft()
    assert chosen() == "fft"


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("inside", [False, True])
def test_a_with_statement_restores_what_was_before(before: bool, inside: bool) -> None:
    allow_fft(before)
    with allow_fft(inside):
        assert fft_is_allowed() == inside
    assert fft_is_allowed() == before


def test_one_object_serves_several_statements() -> None:
    permission = allow_fft()
    for _ in range(2):
        with permission:
            assert fft_is_allowed()
        assert not fft_is_allowed()


def test_an_exception_ends_it_too() -> None:
    with pytest.raises(KeyError), allow_fft():
        raise KeyError
    assert not fft_is_allowed()


def test_with_statements_nest() -> None:
    with allow_fft():
        with allow_fft(False):
            assert not fft_is_allowed()
        assert fft_is_allowed()


def test_another_thread_is_not_allowed_what_this_one_is() -> None:
    with allow_fft(), ThreadPoolExecutor(1) as pool:
        assert (chosen(), pool.submit(chosen).result() == "fft") == ("fft", False)


def test_a_task_that_allows_it_does_not_allow_it_to_others() -> None:
    async def allowing(entered: asyncio.Event, seen: asyncio.Event) -> None:
        with allow_fft():
            entered.set()
            await seen.wait()

    async def both() -> bool:
        entered, seen = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(allowing(entered, seen))
        await entered.wait()
        here = fft_is_allowed()
        seen.set()
        await task
        return here

    assert asyncio.run(both()) is False


@pytest.mark.parametrize("enabled", [1, None, "no", "/tmp"], ids=repr)
def test_permission_is_a_bool(enabled: Any) -> None:
    with pytest.raises(OperatorError, match=r"enabled=.* must be a bool. Give True or False.") as caught:
        allow_fft(enabled)
    assert isinstance(caught.value, TypeError)
    assert not fft_is_allowed()


# Calls that were planned before, torch's own on the shortcut for small ones included, are planned again.
def test_the_plans_of_both_states_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = make(kernel_size=2, stride=2)
    case = known(spec)
    ran: list[bool] = []
    choose = planner.choose

    def watched(case: Any) -> Any:
        ran.append(case.fft)
        return choose(case)

    monkeypatch.setattr(choice, "choose", watched)
    shortcut.remembered.clear()
    for allowed in (False, True, False, True):
        with allow_fft(allowed):
            assert torch.equal(conv_transpose3d(*case.given, spec), case.output)
    assert {False, True} <= set(ran)


def test_exact_results_come_back_with_the_permission_withdrawn() -> None:
    input, weight, _ = operands(SPEC, (10, 10, 10), dtype=torch.float64)
    expected = torch.nn.functional.conv_transpose3d(input, weight)
    with allow_fft():
        assert not torch.equal(conv_transpose3d(input, weight, None, SPEC), expected)
    assert torch.equal(conv_transpose3d(input, weight, None, SPEC), expected)


def test_autotune_measures_it_with_permission_alone(ran: list[str], tmp_path: Any) -> None:
    autotune(path=tmp_path / "tuning.json")
    spec = make(stride=2)
    given = [tensor for tensor in known(spec).given if tensor is not None]
    apply(given, spec)
    without = set(ran)
    with allow_fft():
        apply(given, spec)
    autotune(False)
    assert set(ran) - without == {"fft"}
