from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from fourfold.compat.agreement import comparison
from fourfold.compat.agreement.comparison import Comparison, Verdict, compare
from fourfold.compat.agreement.formats import FORMATS

REAL = ("float16", "bfloat16", "float32", "float64")
NAN, INF = math.nan, math.inf


def values(dtype: str, *numbers: complex) -> np.ndarray[Any, Any]:
    return FORMATS[dtype].round(np.array(numbers))


def one_ulp_above(dtype: str, number: float) -> np.ndarray[Any, Any]:
    return values(dtype, number * (1 + FORMATS[dtype].eps))


@pytest.mark.parametrize("dtype", FORMATS)
def test_equal_arrays_are_identical(dtype: str) -> None:
    outcome = compare(values(dtype, 1, -2.5, 0), values(dtype, 1, -2.5, 0), dtype)
    assert outcome == Comparison(Verdict.IDENTICAL, elements=3)
    assert outcome.ok


@pytest.mark.parametrize("dtype", FORMATS)
def test_next_value_is_one_ulp_off_and_different_without_a_bound(dtype: str) -> None:
    outcome = compare(one_ulp_above(dtype, 4.0), values(dtype, 4), dtype)
    assert (outcome.verdict, outcome.max_ulp, outcome.differing) == (Verdict.DIFFERENT, 1, 1)
    assert outcome.max_abs == 4 * FORMATS[dtype].eps
    assert not outcome.ok


@pytest.mark.parametrize("dtype", FORMATS)
def test_next_value_is_within_rounding_of_a_large_enough_sum(dtype: str) -> None:
    limit, magnitude = np.array([8 * FORMATS[dtype].eps]), np.array([4.0])
    outcome = compare(one_ulp_above(dtype, 4.0), values(dtype, 4), dtype, limit=limit, magnitude=magnitude)
    assert (outcome.verdict, outcome.max_eps, outcome.of_bound) == (Verdict.WITHIN_ROUNDING, 1.0, 0.5)
    assert outcome.ok


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [
        pytest.param(2.0**-23, Verdict.WITHIN_ROUNDING, id="on the bound"),
        pytest.param(0.99 * 2.0**-23, Verdict.DIFFERENT, id="past the bound"),
        pytest.param(0.0, Verdict.DIFFERENT, id="nothing to round"),
        pytest.param(NAN, Verdict.DIFFERENT, id="no bound"),
    ],
)
def test_what_lies_within_the_limit_is_rounding(limit: float, verdict: Verdict) -> None:
    outcome = compare(one_ulp_above("float32", 1.0), values("float32", 1), "float32", limit=np.array([limit]))
    assert outcome.verdict is verdict
    assert outcome.max_eps is None


def test_a_magnitude_alone_permits_nothing() -> None:
    outcome = compare(one_ulp_above("float32", 1.0), values("float32", 1), "float32", magnitude=np.ones(1))
    assert (outcome.verdict, outcome.max_eps, outcome.of_bound) == (Verdict.DIFFERENT, 1.0, None)


def test_bound_is_componentwise_so_that_a_large_element_excuses_no_small_one() -> None:
    actual, expected = values("float32", 1e6, 1.001), values("float32", 1e6, 1)
    outcome = compare(actual, expected, "float32", limit=np.array([1.0, 1e-6]))
    assert (outcome.verdict, outcome.index) == (Verdict.DIFFERENT, (1,))


def test_report_names_index_and_both_values_of_the_worst_element() -> None:
    actual, expected = np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32)
    actual[0, 1], actual[1, 2] = 1, 2.5
    outcome = compare(actual, expected, "float32")
    assert (outcome.index, outcome.actual, outcome.expected, outcome.differing) == ((1, 2), "2.5", "0.0", 2)
    assert "worst at (1, 2): 2.5 for 0.0" in str(outcome)


def test_worst_by_the_bound_is_not_the_worst_by_ulp() -> None:
    actual, expected = values("float32", 1e-20, 1.5), values("float32", 0, 1)
    outcome = compare(actual, expected, "float32", limit=np.array([0.25, 0.25]), magnitude=np.array([1.0, 1.0]))
    assert (outcome.index, outcome.max_eps, outcome.of_bound) == ((1,), 0.5 * 2**23, 2.0)


@pytest.mark.parametrize("dtype", REAL)
def test_ulp_distance_counts_across_zero(dtype: str) -> None:
    smallest = {"float16": 2.0**-24, "bfloat16": 2.0**-133, "float32": 2.0**-149, "float64": 2.0**-1074}[dtype]
    outcome = compare(values(dtype, smallest), values(dtype, -smallest), dtype)
    assert outcome.max_ulp == 2


@pytest.mark.parametrize(
    ("dtype", "steps"),
    # every finite positive pattern, twice: exponents times significands
    [("float16", 31 * 2**10), ("bfloat16", 255 * 2**7), ("float32", 255 * 2**23), ("float64", 2047 * 2**52)],
)
def test_ulp_distance_spans_the_whole_range(dtype: str, steps: int) -> None:
    largest = {"float16": 65504.0, "bfloat16": (2 - 2**-7) * 2.0**127, "float32": (2 - 2**-23) * 2.0**127}
    most = largest.get(dtype, float(np.finfo(np.float64).max))
    distance = FORMATS[dtype].ulp_distance(values(dtype, most), values(dtype, -most))
    assert int(distance[0]) == 2 * (steps - 1)


def test_ulp_distance_of_a_complex_number_is_that_of_its_worse_part() -> None:
    eps = FORMATS["complex64"].eps
    outcome = compare(values("complex64", 1 + 1j), values("complex64", complex(1 + eps, 1 + 3 * eps)), "complex64")
    assert outcome.max_ulp == 3


def test_zeros_of_opposite_sign_differ_unless_the_caller_says_otherwise() -> None:
    plus, minus = values("float32", 0.0, 1), values("float32", -0.0, 1)
    strict = compare(plus, minus, "float32")
    tolerant = compare(plus, minus, "float32", opposite_zeros=True)
    assert (strict.verdict, strict.differing, strict.index, strict.max_ulp) == (Verdict.DIFFERENT, 1, (0,), 0)
    assert (tolerant.verdict, tolerant.opposite_zeros) == (Verdict.IDENTICAL, 1)


@pytest.mark.parametrize(
    ("actual", "expected", "verdict"),
    [
        pytest.param(NAN, NAN, Verdict.IDENTICAL, id="nan"),
        pytest.param(INF, INF, Verdict.IDENTICAL, id="infinity"),
        pytest.param(NAN, 1.0, Verdict.DIFFERENT, id="nan for a number"),
        pytest.param(1.0, NAN, Verdict.DIFFERENT, id="a number for nan"),
        pytest.param(INF, 1.0, Verdict.DIFFERENT, id="infinity for a number"),
        pytest.param(INF, -INF, Verdict.DIFFERENT, id="the other infinity"),
        pytest.param(INF, NAN, Verdict.DIFFERENT, id="infinity for nan"),
        pytest.param(INF, 3.4028234e38, Verdict.DIFFERENT, id="infinity for the largest number"),
    ],
)
@pytest.mark.parametrize("limit", [None, 1e30, INF], ids=["exact", "bounded", "infinite bound"])
def test_no_bound_excuses_what_is_not_finite(
    actual: float, expected: float, verdict: Verdict, limit: float | None
) -> None:
    allowed = None if limit is None else np.array([limit])
    outcome = compare(values("float32", actual), values("float32", expected), "float32", limit=allowed)
    assert outcome.verdict is verdict
    assert (outcome.max_ulp == INF) == (verdict is Verdict.DIFFERENT)


def test_complex_nan_in_one_part_differs_from_nan_in_the_other() -> None:
    outcome = compare(values("complex64", complex(NAN, 1)), values("complex64", complex(1, NAN)), "complex64")
    assert outcome.verdict is Verdict.DIFFERENT


def test_wider_expectation_is_rounded_for_equality_and_not_for_the_bound() -> None:
    third = np.array([1 / 3])
    outcome = compare(third.astype(np.float32), third, "float32", magnitude=third)
    assert outcome.verdict is Verdict.IDENTICAL
    assert outcome.max_eps is not None
    assert 0 < outcome.max_eps <= 0.5


def test_overflow_of_the_expectation_means_infinity() -> None:
    outcome = compare(np.array([INF], np.float16), np.array([1e6]), "float16", limit=np.array([1e6]))
    assert outcome.verdict is Verdict.IDENTICAL


def test_shapes_are_not_broadcast() -> None:
    outcome = compare(np.zeros((1, 2), np.float32), np.zeros(2, np.float32), "float32")
    assert (outcome.verdict, outcome.reason) == (Verdict.DIFFERENT, "shape (1, 2) for (2,)")


def test_dtype_of_the_result_counts() -> None:
    outcome = compare(np.zeros(2), np.zeros(2, np.float32), "float32")
    assert (outcome.verdict, outcome.reason) == (Verdict.DIFFERENT, "dtype float64 for float32")


def test_empty_arrays_are_identical() -> None:
    assert compare(np.zeros(0, np.float32), np.zeros(0, np.float32), "float32").verdict is Verdict.IDENTICAL


def test_outcome_does_not_depend_on_the_size_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    source = np.random.default_rng(0)
    expected = source.standard_normal((5, 7))
    actual = (expected * (1 + source.uniform(-1e-6, 1e-6, expected.shape))).astype(np.float32)
    limit, magnitude = 1e-7 * np.abs(expected), np.abs(expected)
    whole = compare(actual, expected, "float32", limit=limit, magnitude=magnitude)
    monkeypatch.setattr(comparison, "BLOCK", 4)
    assert compare(actual, expected, "float32", limit=limit, magnitude=magnitude) == whole
    assert whole.verdict is Verdict.DIFFERENT


def test_arrays_need_not_be_contiguous() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert compare(array.T, np.ascontiguousarray(array.T), "float32").verdict is Verdict.IDENTICAL
