"""Forms of padding. "Measured" means: in paddlepaddle 3.3.1, CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fourfold.frontends.paddle.nn.padding import pads_of, same_pads, triple_of


@pytest.mark.parametrize(
    "padding",
    [
        pytest.param(2, id="int"),
        pytest.param(np.int64(2), id="numpy-int"),
        pytest.param([2, 2, 2], id="three"),
        pytest.param((np.int64(2),) * 3, id="three-numpy-ints"),
        pytest.param(np.full(6, 2), id="array-of-six"),
        pytest.param([(0, 0), [0, 0], (2, 2), [2, 2], (2, 2)], id="mixed-pairs"),
    ],
)
def test_forms_of_the_same_pads(padding: Any) -> None:
    assert pads_of(padding, "NCDHW") == ((2, 2), (2, 2), (2, 2))


@pytest.mark.parametrize(
    ("padding", "error", "match"),
    [
        pytest.param("FOO", ValueError, "Unknown padding: 'FOO'. It can only be 'SAME' or 'VALID'", id="string"),
        pytest.param(-1, ValueError, "Invalid padding, all value should be larger than or equal to 0", id="negative"),
        pytest.param([1, -1, 0, 0, 0, 0], ValueError, "Invalid padding, all value", id="negative-in-six"),
        pytest.param([1, 1], ValueError, r"In valid padding: \[1, 1\]", id="two"),
        pytest.param([1] * 4, ValueError, "In valid padding", id="four"),
        pytest.param([[0, 0]] * 3, ValueError, "In valid padding", id="three-pairs"),
        pytest.param([1.0, 1, 1], ValueError, "In valid padding", id="float-item"),
        pytest.param([[0, 0], [1, 1], [0, 0], [0, 0], [0, 0]], ValueError, "Non-zero padding", id="channel"),
        pytest.param([[0, 0], [0, 0], [0, 1, 2], [0, 0], [0, 0]], AssertionError, "no .low, high. pair", id="triple"),
        pytest.param(None, ValueError, "The padding's type must be list or tuple. Received: None", id="none"),
        pytest.param(1.0, ValueError, "The padding's type must be list or tuple. Received: 1.0", id="float"),
        pytest.param(True, TypeError, "padding=True is a bool", id="bool"),
        pytest.param([True, 1, 1], TypeError, "padding=True is a bool", id="bool-item"),
    ],
)
def test_other_forms_are_refused_with_paddles_phrase(padding: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        pads_of(padding, "NCDHW")


def test_non_zero_channel_pair_is_the_last_one_in_ndhwc() -> None:
    with pytest.raises(ValueError, match=r"Non-zero padding.*data_format='NDHWC'"):
        pads_of([[0, 0], [0, 0], [0, 0], [0, 0], [1, 1]], "NDHWC")


# by hand: total = max((ceil(n / s) - 1) * s + k - n, 0)
@pytest.mark.parametrize(
    ("size", "kernel", "stride", "pads"),
    [
        pytest.param(3, 3, 2, (1, 1), id="n3k3s2"),
        pytest.param(3, 2, 2, (0, 1), id="odd-total-goes-after"),
        pytest.param(4, 2, 2, (0, 0), id="n4k2s2"),
        pytest.param(3, 4, 3, (0, 1), id="n3k4s3"),
        pytest.param(5, 1, 3, (0, 0), id="negative-total-is-0"),
        pytest.param(1, 7, 1, (3, 3), id="n1k7s1"),
    ],
)
def test_same_pads_come_from_the_input_size(size: int, kernel: int, stride: int, pads: tuple[int, int]) -> None:
    assert same_pads((size,) * 3, (kernel,) * 3, (stride,) * 3) == (pads, pads, pads)


@pytest.mark.parametrize("stride", range(1, 6))
@pytest.mark.parametrize("kernel", range(1, 8))
def test_same_pads_are_those_that_paddle_s_kernel_computes(kernel: int, stride: int) -> None:
    # UpdatePaddingAndDilation of paddle/phi/kernels/cpu/conv_util.h
    sizes = range(1, 14)
    totals = [max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in sizes]
    found = [same_pads((size, size, size), (kernel,) * 3, (stride,) * 3)[0] for size in sizes]
    assert found == [(total // 2, total - total // 2) for total in totals]


@pytest.mark.parametrize("value", [2, np.int32(2), (2, 2, 2), range(2, 5), np.array([2, 3, 4])], ids=repr)
def test_triple_of_gives_three_python_ints(value: Any) -> None:
    items = triple_of(value, "stride")
    assert [type(item) for item in items] == [int, int, int]
    assert items[0] == 2
