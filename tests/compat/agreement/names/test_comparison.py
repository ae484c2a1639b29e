"""Two answers to one call are the same, or what differs is said."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from fourfold.compat.agreement.names.answers import packed
from fourfold.compat.agreement.names.comparison import difference


def tensor(*values: float, dtype: str = "float32", shape: list[int] | None = None) -> dict[str, Any]:
    array = np.array(values, dtype)
    return {"tensor": packed(array), "dtype": dtype, "shape": [len(values)] if shape is None else shape}


def result(value: Any, **more: Any) -> dict[str, Any]:
    return {"result": value, **more}


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        pytest.param(result(tensor(1.0)), result(tensor(1.0 + 2**-20)), id="a-few-ulp"),
        pytest.param(result(tensor(float("nan"))), result(tensor(float("nan"))), id="nan"),
        pytest.param(
            {"raised": ["EnforceNotMet", "RuntimeError"]}, {"raised": ["RuntimeError"]}, id="nearest-of-pythons"
        ),
        pytest.param({"raised": ["ValueError"]}, {"raised": ["OperatorError", "ValueError"]}, id="one-of-several"),
        pytest.param({"crashed": -11}, result(tensor(1.0)), id="a-crash-says-nothing"),
        pytest.param(result(tensor(1.0)), result(tensor(1.0), gradients=[None]), id="no-influence"),
    ],
)
def test_these_are_the_same(expected: dict[str, Any], got: dict[str, Any]) -> None:
    assert difference(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        pytest.param(result(tensor(1.0)), result(tensor(1.001)), "differs in 1 of 1 values", id="value"),
        pytest.param(result(tensor(1)), result(tensor(1, dtype="int64")), "dtype int64, not float32", id="dtype"),
        pytest.param(result(tensor(1.0)), result(tensor(1.0, shape=[])), r"shape \[\], not \[1\]", id="shape"),
        pytest.param(result({"list": []}), result({"tuple": []}), "a tuple, where a list", id="container"),
        pytest.param(result(tensor(1.0)), {"raised": ["TypeError"]}, "TypeError was raised", id="raised"),
        pytest.param(result(tensor(1.0)), {"crashed": -11}, "the process ended", id="crashed"),
        pytest.param({"raised": ["TypeError"]}, result(tensor(1.0)), "answered, where TypeError", id="answered"),
        pytest.param({"raised": ["TypeError"]}, {"raised": ["ValueError"]}, "in place of TypeError", id="class"),
        pytest.param(
            result(tensor(1.0), gradients=[{"array": packed(np.ones(1, "f4")), "shape": [1]}]),
            result(tensor(1.0), gradients=[None]),
            "gradient 0 is missing",
            id="gradient",
        ),
    ],
)
def test_what_differs_is_said(expected: dict[str, Any], got: dict[str, Any], said: str) -> None:
    found = difference(expected, got)
    assert found is not None
    assert re.search(said, found)


def test_of_drawn_values_the_structure_is_compared() -> None:
    assert difference(result(tensor(1.0)), result(tensor(7.0)), structure=True) is None
    assert difference(result(tensor(1.0)), result(tensor(7.0, 1.0)), structure=True) is not None
