from __future__ import annotations

from typing import Any

import pytest

from fourfold.backend import ConvTranspose3dSpec
from fourfold.backend.caching import remembered


class Counter:
    """A function that counts how often it runs."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, *values: Any) -> int:
        self.runs += 1
        return self.runs


SPEC = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=1)


@pytest.mark.parametrize("value", [2, (1, 2), ((0, 1), (2, 3)), [1, 2], "SAME", None, SPEC], ids=str)
def test_equal_arguments_are_computed_once(value: Any) -> None:
    function = Counter()
    call = remembered(function)
    assert [call(value), call(value)] == [1, 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(1, True, id="bool"),
        pytest.param(2, 2.0, id="float"),
        pytest.param((1, 1), (1, True), id="bool-inside"),
        pytest.param([1], [True], id="bool-in-a-list"),
    ],
)
def test_values_that_only_compare_equal_are_computed_again(first: Any, second: Any) -> None:
    function = Counter()
    call = remembered(function)
    assert [call(first), call(second)] == [1, 2]


def test_errors_are_raised_every_time() -> None:
    @remembered
    def refuse(value: int) -> None:
        raise ValueError(value)

    with pytest.raises(ValueError, match="3"):
        refuse(3)
    with pytest.raises(ValueError, match="3"):
        refuse(3)


def test_an_error_shows_a_list_as_it_was_given() -> None:
    @remembered
    def refuse(value: list[int]) -> None:
        raise ValueError(value)

    with pytest.raises(ValueError, match=r"\[1, 2\]"):
        refuse([1, 2])


def test_a_list_that_holds_itself_reaches_the_function() -> None:
    value: list[object] = []
    value.append(value)
    assert remembered(len)(value) == 1
