"""Two plays of one example are the same, or what differs is said; the real releases play all of theirs."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from tests.environments import ready

from fourfold.compat.agreement.names.answers import packed
from fourfold.compat.agreement.names.examples import (
    FRAMEWORKS,
    VERDICTS,
    WRONG,
    Outcome,
    agree_on_examples,
    compare,
    counts,
    idle,
    known,
)


def tensor(*values: float) -> dict[str, Any]:
    return {"tensor": packed(np.array(values, "f4")), "dtype": "float32", "shape": [len(values)]}


def variable(*shape: int) -> dict[str, Any]:
    return {"tensor": "", "dtype": "float32", "shape": list(shape), "symbolic": True}


def text(value: str) -> dict[str, Any]:
    return {"value": value, "type": "str"}


def compared(there: dict[str, Any], here: dict[str, Any], *drawn: str) -> str | None:
    return compare({"changed": [{}, there]}, {"changed": [{}, here]}, [[], list(drawn)])


@pytest.mark.parametrize(
    ("there", "here", "drawn"),
    [
        pytest.param({"x": tensor(1.0)}, {"x": tensor(1.0 + 2**-22)}, [], id="rounding"),
        pytest.param({"x": tensor(1.0)}, {"x": tensor(7.0)}, ["x"], id="drawn"),
        pytest.param({"x": variable(-1, 3)}, {"x": variable(2, 3)}, [], id="a-size-that-is-not-known"),
        pytest.param({"x": variable(1)}, {"x": tensor(7.0)}, [], id="a-variable-has-no-values"),
        pytest.param({"printed": text("a  b\n")}, {"printed": text("a b")}, [], id="spaces"),
        pytest.param({"printed": text("a 1.50")}, {"printed": text("a 1.5")}, [], id="digits-of-fractions"),
    ],
)
def test_these_are_the_same(there: dict[str, Any], here: dict[str, Any], drawn: list[str]) -> None:
    assert compared(there, here, *drawn) is None


@pytest.mark.parametrize(
    ("there", "here", "drawn", "said"),
    [
        pytest.param({"x": tensor(1.0)}, {"x": tensor(1.1)}, [], "x differs in 1 of 1", id="values"),
        pytest.param({"x": tensor(1.0)}, {"x": tensor(1.0, 2.0)}, ["x"], r"x has shape \[2\]", id="drawn-shape"),
        pytest.param({"x": tensor(1.0)}, {}, [], "x is unchanged", id="nothing-written"),
        pytest.param({}, {"x": tensor(1.0)}, [], "x is changed", id="written"),
        pytest.param({"x": variable(-1, 3)}, {"x": variable(2, 4)}, [], r"x is .*\[2, 4\]", id="size"),
        pytest.param({"printed": text("yes")}, {"printed": text("no")}, [], "'no' was printed", id="printed"),
    ],
)
def test_what_differs_is_said(there: dict[str, Any], here: dict[str, Any], drawn: list[str], said: str) -> None:
    assert re.match(said, str(compared(there, here, *drawn)).removeprefix("statement 2: "))


def test_every_verdict_is_counted() -> None:
    found = counts([Outcome("paddle", "exp", VERDICTS[0], "", "")])
    assert list(found.values()) == [1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_reason_without_an_example_is_idle(framework: str) -> None:
    assert idle(framework, []) == list(known(framework).patterns)


# minutes for each framework, so not with the live tests: `fourfold agree --examples` is the same
@pytest.mark.slow
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_examples_of_a_release_come_out_here_as_there(framework: str) -> None:
    ready(framework)
    outcomes = list(agree_on_examples(framework))
    assert [(each.name, each.what) for each in outcomes if each.verdict in WRONG] == []
    assert idle(framework, outcomes) == []
    assert counts(outcomes)["agrees"] > 100
