"""Compare tensors with recorded ones and count what is outside the bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..comparison import Comparison, Verdict, compare
from ..formats import FORMATS

Array = npt.NDArray[Any]


def judge(
    actual: Array, expected: Array, dtypes: tuple[str, str], limit: Array | None, magnitude: Array | None = None
) -> tuple[Comparison, Array]:
    """Return the comparison and which elements are outside the bound.

    Args:
        actual: the values here.
        expected: the recorded values.
        dtypes: names of the dtype here and there.
        limit: how far two elements may lie apart, or None to demand equality; zeros of opposite sign count as equal.
        magnitude: in eps of which their distance is told. Default: None.
    """
    here, there = dtypes
    if here != there:
        reason = f"dtype {here} for {there}: build the model in the dtype of the recording"
        return Comparison(Verdict.DIFFERENT, elements=expected.size, reason=reason), np.ones(expected.shape, bool)
    if actual.shape != expected.shape:
        reason = f"shape {actual.shape} for {expected.shape}"
        return Comparison(Verdict.DIFFERENT, elements=expected.size, reason=reason), np.ones(expected.shape, bool)
    if here not in FORMATS:
        return _exact(actual, expected)
    comparison = compare(actual, expected, here, limit=limit, magnitude=magnitude, opposite_zeros=True)
    equal = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    if limit is None:
        return comparison, ~equal
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(actual.astype(FORMATS[here].wide) - expected.astype(FORMATS[here].wide)).astype(np.float64)
        inside = error <= limit
    finite = np.isfinite(actual) & np.isfinite(expected)
    return comparison, ~(equal | (inside & finite))


def _exact(actual: Array, expected: Array) -> tuple[Comparison, Array]:
    """Compare whole numbers and booleans."""
    beyond = actual != expected
    if not beyond.any():
        return Comparison(Verdict.IDENTICAL, elements=expected.size), beyond
    index = tuple(int(axis) for axis in np.unravel_index(int(beyond.argmax()), beyond.shape))
    error = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    return (
        Comparison(
            Verdict.DIFFERENT,
            elements=expected.size,
            differing=int(beyond.sum()),
            max_abs=float(error.max()),
            max_ulp=float(error.max()),
            index=index,
            actual=str(actual[index]),
            expected=str(expected[index]),
        ),
        beyond,
    )
