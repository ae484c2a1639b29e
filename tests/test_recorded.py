from __future__ import annotations

from typing import Any

import pytest
from tests.recorded import EPS, differences


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"a": [1.0, 2.0], "b": "text"}, id="dict"),
        pytest.param([[1.0, 2.0], [3.0]], id="ragged"),
        pytest.param([[1.0], ["text", [True, 3]]], id="mixed"),
        pytest.param([], id="empty"),
    ],
)
def test_equal_values_have_no_difference(value: Any) -> None:
    assert differences(value, value, 0) == []


@pytest.mark.parametrize(
    ("found", "recorded", "line"),
    [
        pytest.param({"a": 1}, {"b": 1}, ": keys ['a'], recorded ['b']", id="keys"),
        pytest.param({"b": 1, "a": 1}, {"a": 1, "b": 1}, ": keys ['b', 'a'], recorded ['a', 'b']", id="order"),
        pytest.param([1], [1.0], "[0]: 1, recorded 1.0", id="type"),
        pytest.param([1.0, 2.0], [1.0], ": [1.0, 2.0], recorded [1.0]", id="length"),
        pytest.param(["x", [1.0]], ["x", [1.0 + 4 * EPS]], "[1]: 4.0 units apart", id="rounding"),
        pytest.param({"a": [0.5]}, {"a": [0.0]}, ".a: 0.5 units apart", id="zero"),
        pytest.param(True, 1, ": True, recorded 1", id="bool"),
    ],
)
def test_a_difference_is_named(found: Any, recorded: Any, line: str) -> None:
    assert differences(found, recorded, 3) == [line]


def test_arrays_may_be_as_far_apart_as_allowed() -> None:
    assert differences([[0.0, 8.0]], [[4 * EPS, 8.0]], 0.5) == []
