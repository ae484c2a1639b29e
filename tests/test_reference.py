"""The definition itself, against values worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests import reference


def line(*values: float) -> reference.Array:
    return np.array(values, dtype=np.float64).reshape(1, 1, -1, 1, 1)


# One axis, input [1, 2], kernel [1, 10, 100].
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, [1, 12, 120, 200], id="stride-1"),
        pytest.param({"stride": (2, 1, 1)}, [1, 10, 102, 20, 200], id="stride-2"),
        pytest.param({"dilation": (2, 1, 1)}, [1, 2, 10, 20, 100, 200], id="dilation-2"),
        pytest.param({"padding": ((1, 1), (0, 0), (0, 0))}, [12, 120], id="padding-1"),
        pytest.param({"padding": ((2, 0), (0, 0), (0, 0))}, [120, 200], id="padding-low-only"),
        pytest.param({"padding": ((0, -2), (0, 0), (0, 0))}, [1, 12, 120, 200, 0, 0], id="negative-padding"),
        pytest.param(
            {"stride": (2, 1, 1), "padding": ((1, 1), (0, 0), (0, 0)), "output_padding": (1, 0, 0)},
            [10, 102, 20, 200],
            id="output-padding-uncovers-a-real-value",
        ),
        pytest.param(
            {"stride": (2, 1, 1), "output_padding": (1, 0, 0)},
            [1, 10, 102, 20, 200, 0],
            id="output-padding-past-the-end-is-zero",
        ),
    ],
)
def test_one_axis_by_hand(options: dict[str, Any], expected: list[float]) -> None:
    output = reference.conv_transpose3d(line(1, 2), line(1, 10, 100), **options)
    assert output.ravel().tolist() == expected


def test_the_bias_covers_every_cell() -> None:
    output = reference.conv_transpose3d(
        line(1, 2), line(1), np.array([7.0]), stride=(2, 1, 1), output_padding=(1, 0, 0)
    )
    assert output.ravel().tolist() == [8, 7, 9, 7]


def test_groups_pair_consecutive_channels() -> None:
    input = np.array([1.0, 10, 100, 1000]).reshape(1, 4, 1, 1, 1)
    weight = np.array([[1.0, 2], [3, 4], [5, 6], [7, 8]]).reshape(4, 2, 1, 1, 1)
    output = reference.conv_transpose3d(input, weight, groups=2)
    assert output.ravel().tolist() == [31, 42, 7500, 8600]


def test_gradients_are_the_derivative_of_the_output() -> None:
    rng = np.random.default_rng(0)
    input, weight = rng.integers(-3, 4, (1, 2, 2, 2, 2)) * 1.0, rng.integers(-3, 4, (2, 1, 2, 1, 2)) * 1.0
    options: dict[str, Any] = {"stride": (2, 1, 1), "padding": ((1, 0), (0, 0), (0, 1)), "groups": 2}
    output = reference.conv_transpose3d(input, weight, **options)
    grad_output = rng.integers(-3, 4, output.shape) * 1.0
    result = reference.gradients(grad_output, input, weight, **options)

    def slope(array: reference.Array, index: tuple[int, ...]) -> float:
        # the output is linear in each operand, so a difference is the derivative
        before = (reference.conv_transpose3d(input, weight, **options) * grad_output).sum()
        array[index] += 1
        after = (reference.conv_transpose3d(input, weight, **options) * grad_output).sum()
        array[index] -= 1
        return float(after - before)

    assert result.input.ravel().tolist() == [slope(input, index) for index in np.ndindex(*input.shape)]
    assert result.weight.ravel().tolist() == [slope(weight, index) for index in np.ndindex(*weight.shape)]
    assert result.bias.tolist() == grad_output.sum(axis=(0, 2, 3, 4)).tolist()
