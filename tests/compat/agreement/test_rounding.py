from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fourfold.compat.agreement import rounding
from fourfold.compat.agreement.formats import FORMATS
from fourfold.compat.agreement.rounding import CHAOS, LAMBDA, ODDS, Sums, growth, limit

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray[Any, Any]

SINGLE = FORMATS["float32"]
U = 2.0**-24
ROWS, TERMS = 16, 20_000


def sums(terms: int, magnitude: float = 1.0, squares: float | None = None) -> Sums:
    return Sums(np.array(terms), np.array([magnitude]), None if squares is None else np.array([squares]))


def test_the_constants_are_quantiles_of_the_stated_odds() -> None:
    # each of two bounds may fail on either side
    assert 2 * 2 * math.exp(-(LAMBDA**2) / 2) == pytest.approx(ODDS, rel=1e-9, abs=0)
    # exp(-h z) / sqrt(1 - h^2), Markov's inequality for a variance of 1, at the h of the docstring
    squared = 1 - 1 / LAMBDA**2
    tail = math.exp(-math.sqrt(squared) * CHAOS) / math.sqrt(1 - squared)
    assert 2 * 2 * tail == pytest.approx(ODDS, rel=1e-9, abs=0)


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (10, 10), (19, 19), (3 * 10**6, LAMBDA * 10**3)])
def test_few_roundings_add_up_and_many_grow_with_their_root(count: int, expected: float) -> None:
    assert float(growth(np.array(count))) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("value", "sides", "expected"),
    [
        # 4 terms, 5 roundings, of partial sums of at most (8 + |value|) / 2
        pytest.param(8.0, 1, 5 * 8, id="one sign"),
        pytest.param(-8.0, 1, 5 * 8, id="one sign, negative"),
        pytest.param(0.0, 1, 5 * 4, id="all cancels"),
        pytest.param(2.0, 1, 5 * 5, id="some cancels"),
        pytest.param(2.0, 2, 10 * 5, id="two results"),
    ],
)
def test_limit_by_hand(value: float, sides: int, expected: float) -> None:
    assert limit(sums(4, 8.0), np.array([value]), SINGLE, sides=sides) / U == pytest.approx(expected, rel=1e-6, abs=0)


def test_random_signs_bound_long_sums_by_the_squares() -> None:
    # 299 terms of size 1, 300 roundings
    found = limit(sums(299, 299.0, 299.0), np.zeros(1), SINGLE, sides=1)
    assert found / U == pytest.approx(CHAOS * math.sqrt(100 * 299), rel=1e-6, abs=0)
    assert found < limit(sums(299, 299.0), np.zeros(1), SINGLE, sides=1)


def test_squares_that_underflow_bound_nothing() -> None:
    assert limit(sums(9, 1e-30, 0.0), np.zeros(1), SINGLE) == limit(sums(9, 1e-30), np.zeros(1), SINGLE)


def test_a_sum_of_nothing_has_nothing_to_round() -> None:
    assert limit(sums(10, 0.0), np.zeros(1), SINGLE).tolist() == [0.0]


def test_a_magnitude_that_is_no_number_is_no_bound() -> None:
    assert np.isnan(limit(sums(10, math.nan), np.ones(1), SINGLE)).all()


@pytest.mark.parametrize("dtype", FORMATS)
def test_below_the_normal_numbers_each_rounding_errs_by_half_the_smallest_one(dtype: str) -> None:
    kind = FORMATS[dtype]
    products = 4 if dtype.startswith("complex") else 1
    found = limit(Sums(np.array([7]), np.array([kind.smallest])), np.zeros(1), kind, sides=1)
    assert found[0] == pytest.approx((7 * products + 1) * kind.smallest / 2, rel=0.1, abs=0)


def test_a_complex_product_is_four() -> None:
    assert limit(sums(5), np.zeros(1), FORMATS["complex64"]) == limit(sums(20), np.zeros(1), SINGLE)


def test_a_half_precision_rounds_what_is_stored_in_it() -> None:
    half = FORMATS["float16"]
    found = limit(sums(1000)._replace(stored=np.array(3)), np.zeros(1), half)
    assert found == limit(sums(3), np.zeros(1), half) + limit(sums(1000), np.zeros(1), SINGLE)
    # single precision stores nothing in half
    assert limit(sums(1000)._replace(stored=np.array(3)), np.zeros(1), SINGLE) == limit(sums(1000), np.zeros(1), SINGLE)


def test_limit_does_not_depend_on_the_size_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    source = np.random.default_rng(0)
    magnitude, value = source.uniform(1, 2, (3, 4, 5)), source.standard_normal((3, 4, 5))
    added = Sums(np.arange(1.0, 6.0), magnitude, magnitude**2)
    whole = limit(added, value, SINGLE)
    monkeypatch.setattr(rounding, "BLOCK", 7)
    np.testing.assert_array_equal(limit(added, value, SINGLE), whole)


# What follows is added up in float32 and held against the exact sum.

ORDERS: dict[str, Callable[[Array], Array]] = {
    "one by one": lambda terms: np.cumsum(terms, axis=1, dtype=np.float32)[:, -1],
    "from the end": lambda terms: np.cumsum(terms[:, ::-1], axis=1, dtype=np.float32)[:, -1],
    "by value": lambda terms: np.cumsum(np.sort(terms, axis=1), axis=1, dtype=np.float32)[:, -1],
    "largest first": lambda terms: np.cumsum(
        np.take_along_axis(terms, np.argsort(-np.abs(terms), axis=1), axis=1), axis=1, dtype=np.float32
    )[:, -1],
    "in pairs": lambda terms: terms.sum(axis=1, dtype=np.float32),
    "in blocks": lambda terms: np.cumsum(
        np.cumsum(terms.reshape(ROWS, -1, 100), axis=2, dtype=np.float32)[..., -1], axis=1, dtype=np.float32
    )[:, -1],
}


def normal(source: np.random.Generator) -> tuple[Array, Array]:
    return source.standard_normal((ROWS, TERMS)), source.standard_normal((ROWS, TERMS))


def outlier(source: np.random.Generator, place: int) -> tuple[Array, Array]:
    x, weight = normal(source)
    x[:, place] = 1e6
    return x, weight


def spread(source: np.random.Generator) -> tuple[Array, Array]:
    x, weight = normal(source)
    return x * 10 ** source.uniform(-6, 6, (ROWS, TERMS)), weight


RANDOM_SIGNS: dict[str, Callable[[np.random.Generator], tuple[Array, Array]]] = {
    "normal": normal,
    "a first outlier": lambda source: outlier(source, 0),
    "an outlier in the middle": lambda source: outlier(source, TERMS // 2),
    "twelve decades": spread,
}
ANY_SIGNS: dict[str, Callable[[np.random.Generator], tuple[Array, Array]]] = {
    **RANDOM_SIGNS,
    "one sign": lambda source: (source.uniform(0.5, 1.5, (ROWS, TERMS)), source.uniform(0.5, 1.5, (ROWS, TERMS))),
    "rectified": lambda source: (np.maximum(normal(source)[0] + 1, 0), normal(source)[1] + 0.2),
    "far from zero": lambda source: (1000 + normal(source)[0], normal(source)[1]),
    "one half cancels the other": lambda source: (
        source.uniform(0.5, 1.5, (ROWS, TERMS)),
        np.repeat([1.0, -1.0], TERMS // 2) * source.uniform(0.5, 1.5, (ROWS, TERMS)),
    ),
}


def share(data: tuple[Array, Array], order: Callable[[Array], Array], *, random_signs: bool) -> float:
    """Return the largest error of sums in float32 as a share of the bound."""
    x, weight = (each.astype(np.float32) for each in data)
    products = x.astype(np.longdouble) * weight
    exact, magnitude, squares = products.sum(axis=1), np.abs(products).sum(axis=1), (products**2).sum(axis=1)
    added = Sums(np.array(TERMS), magnitude, squares if random_signs else None)
    error = np.abs(order(x * weight) - exact)
    return float((error / limit(added, exact, SINGLE, sides=1)).max())


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("draw", ANY_SIGNS.values(), ids=ANY_SIGNS)
def test_sums_in_any_order_are_within_the_bound(
    draw: Callable[[np.random.Generator], tuple[Array, Array]], order: Callable[[Array], Array]
) -> None:
    assert 0 < share(draw(np.random.default_rng(0)), order, random_signs=False) <= 1


# sorted by value the signs are not random
@pytest.mark.parametrize("order", [name for name in ORDERS if name != "by value"])
@pytest.mark.parametrize("draw", RANDOM_SIGNS.values(), ids=RANDOM_SIGNS)
def test_sums_of_random_signs_are_within_the_bound_by_squares(
    draw: Callable[[np.random.Generator], tuple[Array, Array]], order: str
) -> None:
    assert 0 < share(draw(np.random.default_rng(0)), ORDERS[order], random_signs=True) <= 1


def test_the_bound_by_squares_is_of_the_size_of_what_rounding_does() -> None:
    assert share(normal(np.random.default_rng(0)), ORDERS["one by one"], random_signs=True) > 0.02


def test_an_outlier_rounds_more_than_a_constant_times_the_magnitude_allows() -> None:
    x, weight = (each.astype(np.float32) for each in outlier(np.random.default_rng(0), 0))
    products = x.astype(np.longdouble) * weight
    error = np.abs(ORDERS["one by one"](x * weight) - products.sum(axis=1))
    assert (error / (2 * U * np.abs(products).sum(axis=1))).max() > 5


def test_roundings_that_repeat_are_not_what_the_bound_assumes() -> None:
    tenths = np.full((1, 10**6), 0.1, np.float32)
    exact = tenths[:, 0].astype(np.float64) * 10**6
    error = np.abs(ORDERS["one by one"](tenths) - exact)
    assert (error > limit(Sums(np.array(10**6), exact), exact, SINGLE, sides=1)).all()
