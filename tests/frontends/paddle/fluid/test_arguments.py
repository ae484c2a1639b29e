"""Sizes, padding forms and the filter size that an output size needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fourfold.frontends.paddle.fluid.arguments import check_name, explicit_pads, spatial
from fourfold.frontends.paddle.nn.padding import filter_size_for


@pytest.mark.parametrize(
    "value",
    [2, (2, 2, 2), [2, 2, 2], np.array([2, 2, 2]), [np.int64(2)] * 3],
    ids=["int", "tuple", "list", "array", "np"],
)
def test_spatial_gives_three_python_ints(value: Any) -> None:
    result = spatial(value, "stride")
    assert result == [2, 2, 2]
    assert {type(item) for item in result} == {int}


@pytest.mark.parametrize(
    ("value", "match"),
    [
        pytest.param((3, 3), "The stride's length must be 3", id="two"),
        pytest.param([1] * 6, "The stride's length must be 3", id="six"),
        pytest.param("SAME", "The stride's length must be 3. Received: SAME", id="word"),
        pytest.param("123", "length must be 3", id="digits"),
        pytest.param(2.0, "The stride's type must be list or tuple. Received: 2.0", id="float"),
        pytest.param(None, "The stride's type must be list or tuple. Received: None", id="none"),
        pytest.param([2.0, 2, 2], "must be an integer", id="float-inside"),
        pytest.param(True, "is a bool", id="bool"),
    ],
)
def test_spatial_refuses_other_forms(value: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        spatial(value, "stride")


@pytest.mark.parametrize(
    ("padding", "data_format", "expected"),
    [
        pytest.param(1, "NCDHW", ((1, 1), (1, 1), (1, 1)), id="int"),
        pytest.param(-1, "NCDHW", ((-1, -1), (-1, -1), (-1, -1)), id="negative"),
        pytest.param((0, 1, 2), "NCDHW", ((0, 0), (1, 1), (2, 2)), id="three"),
        pytest.param([0, 1, 2, 3, 4, 5], "NCDHW", ((0, 1), (2, 3), (4, 5)), id="six"),
        pytest.param([[0, 0], [0, 0], [0, 1], [2, 3], [4, 5]], "NCDHW", ((0, 1), (2, 3), (4, 5)), id="nested"),
        pytest.param(((0, 0), (0, 1), (2, 3), (4, 5), (0, 0)), "NDHWC", ((0, 1), (2, 3), (4, 5)), id="nested-last"),
    ],
)
def test_explicit_pads_reads_every_form(padding: Any, data_format: str, expected: Any) -> None:
    assert explicit_pads(padding, data_format) == expected


@pytest.mark.parametrize(
    ("padding", "match"),
    [
        pytest.param([[0, 0], [1, 0], [0, 0], [0, 0], [0, 0]], "Non-zero padding", id="channel"),
        pytest.param([[0, 1], [1, 0], [2, 0]], "must be an integer", id="three-pairs"),
        pytest.param([0, 1, 1, 1], "length must be 3", id="four"),
        pytest.param([[0, 0], [0, 0], [0], [0, 0], [0, 0]], "length must be 3", id="half-a-pair"),
    ],
)
def test_explicit_pads_refuses_other_forms(padding: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        explicit_pads(padding, "NCDHW")


# Measured in Paddle 1.8.5: fluid.layers.conv3d_transpose(x, 6, output_size=..., ...) of a (1, 4, 3, 4, 5) input.
@pytest.mark.parametrize(
    ("output_size", "stride", "padding", "dilation", "expected"),
    [
        pytest.param((7, 9, 11), 2, 0, 1, [3, 3, 3], id="s2"),
        pytest.param((7, 9, 11), 2, 1, 1, [5, 5, 5], id="s2p1"),
        pytest.param((7, 9, 11), 2, 1, 2, [3, 3, 3], id="s2p1d2"),
        pytest.param((8, 10, 12), 2, 1, 2, [3, 3, 3], id="s2p1d2-rounded-down"),
        pytest.param((7, 8, 9), 1, 0, 2, [3, 3, 3], id="d2"),
        pytest.param((8, 9, 10), 1, 0, 2, [3, 3, 3], id="d2-no-filter-fits"),
    ],
)
def test_filter_size_is_that_of_1_8_5(
    output_size: tuple[int, int, int], stride: int, padding: int, dilation: int, expected: list[int]
) -> None:
    sizes = filter_size_for(output_size, (3, 4, 5), stride=stride, padding=padding, dilation=dilation)
    assert sizes == expected


def test_an_output_size_too_small_for_any_filter_names_the_least() -> None:
    with pytest.raises(ValueError, match=r"must be greater than 0.*least output_size is \[5, 5, 5\]"):
        filter_size_for((4, 5, 5), (3, 3, 3), stride=2, padding=0, dilation=1)


@pytest.mark.parametrize(("name", "error"), [(3, TypeError), ("", ValueError)])
def test_a_name_is_a_str_with_letters(name: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="name"):
        check_name(name)
