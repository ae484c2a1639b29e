from __future__ import annotations

from typing import Any

import pytest

from fourfold.compat.agreement.cases import Case
from fourfold.compat.bench.cost import cost


def case(**fields: Any) -> Case:
    return Case(**{"id": "one", "source": "", "in_channels": 1, "out_channels": 1, "batch": 1, **fields})


@pytest.mark.parametrize(
    ("fields", "products"),
    [
        # kernel = stride: every voxel meets every tap
        pytest.param(
            {"in_channels": 3, "out_channels": 5, "kernel_size": 2, "stride": 2, "input_size": 4}, 3 * 5 * 8 * 64
        ),
        # per axis 2 voxels times 3 taps at -1 0 1 and 1 2 3 in an output of 3 voxels: 2 of 3 each
        pytest.param({"kernel_size": 3, "stride": 2, "padding": 1, "input_size": 2}, 4**3),
        # output padding lets the tap at 3 land
        pytest.param({"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1, "input_size": 2}, 5**3),
        # per axis taps at -1 1 3 and 0 2 4 in an output of 4 voxels: 2 of 3 each
        pytest.param({"kernel_size": 3, "dilation": 2, "padding": 1, "input_size": 2}, 4**3),
        # stride above kernel: one tap per voxel
        pytest.param({"kernel_size": 1, "stride": 2, "input_size": (1, 1, 5), "batch": 7}, 7 * 5),
        # one input channel per group
        pytest.param({"in_channels": 4, "out_channels": 4, "groups": 4, "kernel_size": 2, "input_size": 1}, 4 * 8),
        pytest.param({"kernel_size": 2, "input_size": 1, "batch": None}, 8),
    ],
    ids=["k2s2", "k3s2p1", "k3s2p1op1", "dilation", "k1s2", "depthwise", "unbatched"],
)
def test_operations_are_the_products_that_land_and_their_additions(fields: dict[str, Any], products: int) -> None:
    assert cost(case(**fields), "forward").flops == 2 * products


def test_backward_computes_three_times_as_much() -> None:
    one = case(kernel_size=3, stride=2, padding=1, input_size=2)
    assert cost(one, "backward").flops == 3 * cost(one, "forward").flops


@pytest.mark.parametrize(
    ("dtype", "size"), [pytest.param("bfloat16", 2), pytest.param("float32", 4), pytest.param("float64", 8)]
)
def test_bytes_count_every_tensor_once(dtype: str, size: int) -> None:
    # input 2 * 27, weight 2 * 3 * 8, bias 3, output 3 * 216
    one = case(in_channels=2, out_channels=3, kernel_size=2, stride=2, input_size=3, dtype=dtype)
    assert cost(one, "forward").bytes == size * (54 + 48 + 3 + 648)
    # forward; then upstream, input and weight are read, their gradients and the bias's written
    assert cost(one, "backward").bytes == size * (54 + 48 + 3 + 648 + 648 + 54 + 48 + 54 + 48 + 3)


def test_the_roofline_is_the_slower_of_computing_and_moving() -> None:
    one = cost(case(kernel_size=2, input_size=1), "forward")  # 16 operations, 72 bytes
    assert one.seconds(16, 36) == 2
    assert one.seconds(4, 36) == 4
