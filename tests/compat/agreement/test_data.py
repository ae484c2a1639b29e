from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fourfold.compat.agreement.cases import Case
from fourfold.compat.agreement.catalogue import catalogue, select
from fourfold.compat.agreement.data import SIGNIFICAND, STORAGE, greatest_sum, operands, round_bfloat16

SHAPES: dict[str, Any] = {
    "id": "",
    "source": "",
    "in_channels": 2,
    "out_channels": 4,
    "kernel_size": 2,
    "input_size": (2, 3, 4),
}


def test_integers_are_exact_in_any_order_of_summation() -> None:
    sums = {
        case.id: greatest_sum(operands(case), case.groups) / 2.0 ** SIGNIFICAND[case.dtype]
        for case in catalogue()
        if min(case.output_shape) >= 0
    }
    assert {name: share for name, share in sums.items() if share > 1} == {}


@pytest.mark.parametrize("pattern", ["documented/*", "W[5-9]/*", "W1[0-4]/*"])
def test_full_cases_stay_exact_by_thinning_the_upstream_gradient(pattern: str) -> None:
    largest = max(select([pattern], full=True), key=lambda case: np.prod(case.output_shape[2:]) * case.out_channels)
    case = largest.replace(in_channels=largest.groups, out_channels=largest.groups)
    values = operands(case)
    assert greatest_sum(values, case.groups) <= 2.0 ** SIGNIFICAND[case.dtype]
    assert np.count_nonzero(values.upstream) > 0


def test_operands_depend_on_the_seed_alone() -> None:
    case = Case(**SHAPES, seed=3)
    np.testing.assert_array_equal(operands(case).input, operands(case).input)
    assert not np.array_equal(operands(case).input, operands(case.replace(seed=4)).input)


def test_streams_are_those_of_numpys_frozen_generator() -> None:
    """RandomState(0).randint(-4, 5, size=6, dtype=numpy.int8) printed this in NumPy 1.23.5, 1.26.4 and 2.4.6."""
    case = Case(**{**SHAPES, "in_channels": 1, "out_channels": 1, "input_size": (1, 1, 6)}, batch=1)
    assert operands(case).input.ravel().tolist() == [0, 3, 1, 2, 2, 3]


@pytest.mark.parametrize("dtype", STORAGE)
def test_normal_data_has_the_dtype_and_unit_scale(dtype: str) -> None:
    values = operands(Case(**{**SHAPES, "input_size": (10, 10, 10)}, dtype=dtype, data="normal"))
    assert {array.dtype for array in values if array is not None} == {np.dtype(STORAGE[dtype])}
    parts = [values.input.real, values.input.imag] if "complex" in dtype else [values.input]
    # 4000 draws: the deviation of a mean is 0.016, of a standard deviation 0.011
    assert all(abs(float(part.mean())) < 0.08 and abs(float(part.std()) - 1) < 0.06 for part in parts)


def test_bfloat16_operands_are_values_of_bfloat16() -> None:
    values = operands(Case(**SHAPES, dtype="bfloat16", data="normal"))
    assert not (values.input.view(np.uint32) & 0xFFFF).any()


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        pytest.param(1.0, 1.0, id="exact"),
        pytest.param(1 + 2**-8, 1.0, id="tie to even, down"),
        pytest.param(1 + 3 * 2**-8, 1 + 2**-6, id="tie to even, up"),
        pytest.param(1 + 2**-8 + 2**-20, 1 + 2**-7, id="above a tie"),
        pytest.param(-1 - 2**-9, -1.0, id="negative"),
        pytest.param(3.4e38, np.inf, id="overflow"),
        pytest.param(-np.inf, -np.inf, id="infinity"),
    ],
)
def test_bfloat16_rounds_to_nearest_even(value: float, rounded: float) -> None:
    assert round_bfloat16(np.array([value], np.float32))[0] == np.float32(rounded)


def test_bfloat16_keeps_nan() -> None:
    assert np.isnan(round_bfloat16(np.array([np.nan], np.float32))[0])


def test_case_without_bias_has_none() -> None:
    assert operands(Case(**SHAPES, bias=False)).bias is None
