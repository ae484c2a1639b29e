from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from fourfold.compat.agreement.comparison import Verdict, compare
from fourfold.compat.agreement.verify.bounds import bound
from fourfold.compat.agreement.verify.judge import judge


@pytest.mark.parametrize(
    ("module", "x", "y", "expected"),
    [
        pytest.param(nn.ReLU(), [-1.0, 2.0], [0.0, 2.0], None, id="relu"),
        pytest.param(nn.LeakyReLU(0.5), [-1.0, 2.0], [-0.5, 2.0], [0.5, 2.0], id="leaky-relu"),
        pytest.param(nn.Sigmoid(), [-1.0, 2.0], [0.27, 0.88], [1.0, 1.0], id="sigmoid"),
        pytest.param(nn.GELU(), [-1.0, 2.0], [-0.16, 1.95], [2.0, 3.0], id="gelu"),
        pytest.param(nn.Softmax(-1), [0.0, 2.0], [0.25, 0.75], [0.75, 0.75], id="softmax"),
        # mean |x| is 2, and sqrt(12 / 12) of the mean is added, which is 1
        pytest.param(nn.AdaptiveAvgPool1d(1), [[3.0, -1.0] * 6], [[1.0]], [[3.0]], id="average"),
        pytest.param(nn.Softshrink(), [-1.0, 2.0], [-0.5, 1.5], [1.5, 1.5], id="without-a-rule"),
    ],
)
def test_magnitudes_by_hand(module: nn.Module, x: Any, y: Any, expected: Any) -> None:
    found = bound(module, ((torch.tensor(x),), {}), torch.tensor(y)).magnitude
    assert (found if found is None else found.tolist()) == expected


def test_magnitude_of_linear_by_hand() -> None:
    layer = nn.Linear(3, 1)
    layer.load_state_dict({"weight": torch.tensor([[2.0, -1.0, 3.0]]), "bias": torch.tensor([-5.0])})
    # 3 products: 1 * 2 + 4 * 1 + 2 * 3 + 5, and sqrt(3 / 12) of |2 - 4 + 6|
    assert bound(layer, ((torch.tensor([[1.0, 4.0, 2.0]]),), {}), torch.tensor([[-1.0]])).magnitude == 19


def test_products_of_one_sign_added_up_one_by_one_are_within_the_bound() -> None:
    random = np.random.default_rng(0)
    x, weight = (random.uniform(0.5, 1.5, (rows, 20_000)).astype(np.float32) for rows in (16, 1))
    naive = np.cumsum(x * weight, axis=1, dtype=np.float32)[:, -1:]  # cumsum adds one by one
    layer = nn.Linear(20_000, 1, bias=False)
    layer.load_state_dict({"weight": torch.from_numpy(weight)})
    expected = (x.astype(np.float64) * weight).sum(axis=1, keepdims=True)
    magnitude = bound(layer, ((torch.from_numpy(x),), {}), torch.from_numpy(naive)).magnitude
    assert magnitude is not None
    assert compare(naive, expected, "float32", magnitude=expected).verdict is Verdict.DIFFERENT
    assert compare(naive, expected, "float32", magnitude=magnitude.numpy()).verdict is Verdict.WITHIN_ROUNDING


def test_magnitude_of_batch_norm_by_hand() -> None:
    layer = nn.BatchNorm1d(1, eps=1.0).eval()
    state = {"weight": [-6.0], "bias": [-0.5], "running_mean": [-4.0], "running_var": [8.0]}
    layer.load_state_dict({name: torch.tensor(value) for name, value in state.items()}, strict=False)
    # 6 / sqrt(8 + 1) * (|2| + |-4|) + |-0.5|
    assert bound(layer, ((torch.tensor([[2.0]]),), {}), torch.zeros(1, 1)).magnitude == 12.5


def test_magnitude_of_group_norm_by_hand() -> None:
    layer = nn.GroupNorm(1, 12, eps=1.0, affine=False)
    x = torch.tensor([[3.0, -1.0] * 6])
    # 12 values: sqrt(12 / 12) = 1; mean 1, mean |x| 2, mean square 5, variance 4:
    # (|x| + (2 + 1 * 1) + |x - 1| * (1 + 1) / 2 * 5 / (4 + 1)) / sqrt(4 + 1)
    found = bound(layer, ((x,), {}), x).magnitude
    assert found is not None
    assert torch.equal(found, torch.tensor([[8.0, 6.0] * 6], dtype=torch.float64) / torch.tensor(5.0).double().sqrt())


def test_statistics_added_up_one_by_one_are_within_the_bound() -> None:
    x = (2 + np.random.default_rng(0).standard_normal((1, 2, 40, 40, 40))).astype(np.float32)
    rows = x.reshape(2, -1)
    count = np.float32(rows.shape[1])
    mean = np.cumsum(rows, axis=1, dtype=np.float32)[:, -1:] / count  # cumsum adds one by one, sum does not
    square = np.cumsum(rows * rows, axis=1, dtype=np.float32)[:, -1:] / count
    naive = ((rows - mean) / np.sqrt(square - mean * mean + np.float32(1e-5))).reshape(x.shape)
    layer = nn.InstanceNorm3d(2)
    expected = layer(torch.from_numpy(x))
    magnitude = bound(layer, ((torch.from_numpy(x),), {}), expected).magnitude
    assert magnitude is not None
    comparison, beyond = judge(naive, expected.numpy(), ("float32", "float32"), magnitude.numpy())
    assert comparison.verdict is Verdict.WITHIN_ROUNDING
    assert not beyond.any()
    with_another_epsilon = nn.InstanceNorm3d(2, eps=1e-2)(torch.from_numpy(x)).numpy()
    assert judge(with_another_epsilon, expected.numpy(), ("float32", "float32"), magnitude.numpy())[1].any()
