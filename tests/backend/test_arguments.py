from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from fourfold.backend.arguments import integer, pads, triple


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(2, id="int"),
        pytest.param((2, 2, 2), id="tuple"),
        pytest.param([2, 2, 2], id="list"),
        pytest.param(np.int64(2), id="numpy-int"),
        pytest.param(np.array(2), id="numpy-0d"),
        pytest.param(np.array([2, 2, 2], dtype=np.uint8), id="numpy-array"),
        pytest.param(torch.tensor(2), id="tensor-0d"),
        pytest.param(torch.tensor([2, 2, 2]), id="tensor"),
        pytest.param(torch.Size([2, 2, 2]), id="size"),
    ],
)
def test_triple_accepts_every_spelling_of_three_twos(value: Any) -> None:
    result = triple(value, "stride")
    assert result == (2, 2, 2)
    assert [type(item) for item in result] == [int, int, int]


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        pytest.param((2, 2), ValueError, r"stride=\(2, 2\) has 2 elements", id="two"),
        pytest.param((), ValueError, r"stride=\(\) has 0 elements", id="none"),
        pytest.param((1, 2, 3, 4), ValueError, "has 4 elements", id="four"),
        pytest.param(True, TypeError, "stride=True is a bool", id="bool"),
        pytest.param((1, True, 1), TypeError, "stride=True is a bool", id="bool-inside"),
        pytest.param(2.0, TypeError, "stride=2.0 is a float", id="float"),
        pytest.param((2, 2.5, 2), TypeError, "stride=2.5 is a float", id="float-inside"),
        pytest.param(np.float32(2), TypeError, "is a float32", id="numpy-float"),
        pytest.param(None, TypeError, "stride=None is a NoneType", id="None"),
        pytest.param("222", TypeError, "stride='222' is a str", id="string"),
        pytest.param(2**31, ValueError, "out of range", id="beyond-32-bits"),
        pytest.param(-(2**63), ValueError, "out of range", id="far-below"),
        pytest.param(10**30, ValueError, "out of range", id="beyond-64-bits"),
    ],
)
def test_triple_refuses_and_names_the_value(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        triple(value, "stride")


def test_every_refusal_is_caught_as_any_of_the_frameworks_classes() -> None:
    with pytest.raises(RuntimeError) as caught:
        integer(1.5, "groups")
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(1, ((1, 1), (1, 1), (1, 1)), id="int"),
        pytest.param([0, 1, 2], ((0, 0), (1, 1), (2, 2)), id="three"),
        pytest.param([[0, 1], (2, 3), np.array([4, 5])], ((0, 1), (2, 3), (4, 5)), id="pairs"),
        pytest.param(((-1, 0), (0, -2), (0, 0)), ((-1, 0), (0, -2), (0, 0)), id="negative"),
    ],
)
def test_pads_accepts(value: Any, expected: Any) -> None:
    assert pads(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([[0, 1], [0, 1]], id="two-pairs"),
        pytest.param([[0, 1, 2], [0, 1], [0, 1]], id="three-in-a-pair"),
        pytest.param([[0, 1], 1, [0, 1]], id="mixed"),
    ],
)
def test_pads_refuses_other_nesting(value: Any) -> None:
    with pytest.raises(ValueError, match=r"not three \(low, high\) pairs"):
        pads(value)
