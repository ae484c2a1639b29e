"""`paddle.nn.utils`: what is normalised, and along which axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fourfold.frontends import paddle


@pytest.mark.parametrize(
    ("layer", "axis"),
    [
        pytest.param(lambda: paddle.nn.Linear(5, 3), 1, id="Linear"),
        pytest.param(lambda: paddle.nn.Conv3D(5, 3, 2), 0, id="Conv3D"),
        pytest.param(lambda: paddle.nn.Conv1DTranspose(5, 3, 2), 1, id="Conv1DTranspose"),
        pytest.param(lambda: paddle.nn.Conv2DTranspose(5, 3, 2), 1, id="Conv2DTranspose"),
        pytest.param(lambda: paddle.nn.Conv3DTranspose(5, 3, 2), 1, id="Conv3DTranspose"),
    ],
)
def test_the_largest_singular_value_over_the_outputs_is_1(layer: Any, axis: int) -> None:
    normed = paddle.nn.utils.spectral_norm(layer(), n_power_iterations=200)
    for hook in normed._forward_pre_hooks.values():
        hook(normed, None)
    matrix = np.moveaxis(normed.weight.numpy(), axis, 0).reshape(3, -1)
    np.testing.assert_allclose(np.linalg.norm(matrix, 2), 1.0, rtol=1e-5, atol=0)


def test_a_weight_without_its_norm_is_learned_again() -> None:
    layer = paddle.nn.utils.weight_norm(paddle.nn.Linear(2, 2))
    assert [name for name, _ in layer.named_parameters()] == ["bias", "weight_v", "weight_g"]
    paddle.nn.utils.remove_weight_norm(layer)
    assert [name for name, _ in layer.named_parameters()] == ["bias", "weight"]
    layer(paddle.to_tensor([[1.0, 2.0]])).sum().backward()
    assert layer.weight.grad.numpy().tolist() == [[1.0, 1.0], [2.0, 2.0]]
