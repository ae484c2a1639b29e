from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from fourfold.compat.agreement.comparison import Verdict, compare
from fourfold.compat.agreement.verify.bounds import Bound, bound
from fourfold.compat.agreement.verify.judge import judge

EPS = 2.0**-23


@pytest.mark.parametrize(
    ("module", "x", "y", "expected"),
    [
        # one rounding on either side
        pytest.param(nn.LeakyReLU(0.5), [-1.0, 2.0], [-0.5, 2.0], [0.5, 2.0], id="leaky-relu"),
        pytest.param(nn.Sigmoid(), [-1.0, 2.0], [0.27, 0.88], [5.0, 5.0], id="sigmoid"),
        pytest.param(nn.GELU(), [-1.0, 2.0], [-0.16, 1.95], [10.0, 15.0], id="gelu"),
        # 5 (1 + 2) / 4 and 5 * 3 / 4, and twice 3 roundings of the sum of two exponentials
        pytest.param(nn.Softmax(-1), [0.0, 2.0], [0.25, 0.75], [3.75 + 0.75, 3.75 + 2.25], id="softmax"),
        # 5 (2 + 0 + 2) and 5 (0 + 2 + 1), and the same
        pytest.param(nn.LogSoftmax(-1), [0.0, 2.0], [-2.0, -1.0], [20.0 + 3.0, 15.0 + 3.0], id="log-softmax"),
        # twice 5 roundings of (2 + 1) / 2
        pytest.param(nn.AvgPool1d(4), [[3.0, -1.0, 3.0, -1.0]], [[1.0]], [[7.5]], id="average"),
        # windows of 4 / 1 voxels
        pytest.param(nn.AdaptiveAvgPool1d(1), [[3.0, -1.0, 3.0, -1.0]], [[1.0]], [[7.5]], id="adaptive-average"),
        pytest.param(nn.Softmin(0), [0.0, 0.0], [0.5, 0.5], [2.5, 2.5], id="without-a-rule"),
    ],
)
def test_limits_by_hand(module: nn.Module, x: Any, y: Any, expected: Any) -> None:
    found = bound(module, ((torch.tensor(x),), {}), torch.tensor(y)).limit
    assert found is not None
    np.testing.assert_allclose(found / EPS, expected, rtol=1e-6, atol=0)


def test_what_rounds_nothing_has_no_limit() -> None:
    assert bound(nn.ReLU(), ((torch.ones(2),), {}), torch.ones(2)) == Bound("equality")


def test_limit_of_linear_by_hand() -> None:
    layer = nn.Linear(3, 1)
    layer.load_state_dict({"weight": torch.tensor([[2.0, -1.0, 3.0]]), "bias": torch.tensor([-5.0])})
    found = bound(layer, ((torch.tensor([[1.0, 4.0, 2.0]]),), {}), torch.tensor([[-1.0]]))
    assert found.magnitude is not None
    assert found.limit is not None
    # 1 * 2 + 4 * 1 + 2 * 3 + 5 is 17; 4 terms, twice 5 roundings of (17 + 1) / 2, half an eps each
    assert found.magnitude.tolist() == [[17.0]]
    assert found.limit / EPS == pytest.approx(45, rel=1e-6, abs=0)


def test_products_of_one_sign_added_up_one_by_one_are_within_the_bound() -> None:
    random = np.random.default_rng(0)
    x, weight = (random.uniform(0.5, 1.5, (rows, 20_000)).astype(np.float32) for rows in (16, 1))
    naive = np.cumsum(x * weight, axis=1, dtype=np.float32)[:, -1:]  # cumsum adds one by one
    layer = nn.Linear(20_000, 1, bias=False)
    layer.load_state_dict({"weight": torch.from_numpy(weight)})
    expected = (x.astype(np.float64) * weight).sum(axis=1, keepdims=True)
    allowed = bound(layer, ((torch.from_numpy(x),), {}), torch.from_numpy(naive)).limit
    assert compare(naive, expected, "float32", limit=5 * EPS * expected).verdict is Verdict.DIFFERENT
    assert compare(naive, expected, "float32", limit=allowed).verdict is Verdict.WITHIN_ROUNDING


def test_magnitude_of_batch_norm_by_hand() -> None:
    layer = nn.BatchNorm1d(1, eps=1.0).eval()
    state = {"weight": [-6.0], "bias": [-0.5], "running_mean": [-4.0], "running_var": [8.0]}
    layer.load_state_dict({name: torch.tensor(value) for name, value in state.items()}, strict=False)
    # 6 / sqrt(8 + 1) * (|2| + |-4|) + |-0.5|, seven roundings on either side
    found = bound(layer, ((torch.tensor([[2.0]]),), {}), torch.zeros(1, 1))
    assert found.magnitude == 12.5
    assert found.limit == 7 * 12.5 * EPS


def test_limit_of_group_norm_by_hand() -> None:
    layer = nn.GroupNorm(1, 4, eps=1.0, affine=False)
    x = torch.tensor([[3.0, -1.0, 3.0, -1.0]])
    # 4 values, twice 5 roundings: 5 eps. Mean 1, mean |x| 2, mean square 5, variance 4 and s^2 = 4 + 1; the mean is off
    # by 5 (2 + 1) / 2 = 7.5 eps, the variance by 5 * 5 + 2 * 7.5 = 40, and |x - 1| is 2
    expected = np.array([[7 * (3 + 1.0), 7 * (1 + 1.0)] * 2]) + 7.5 + 2 * 40 / (2 * 5)
    found = bound(layer, ((x,), {}), x).limit
    assert found is not None
    np.testing.assert_allclose(found / EPS, expected / np.sqrt(5), rtol=1e-12, atol=0)


def test_statistics_added_up_one_by_one_are_within_the_bound() -> None:
    x = (2 + np.random.default_rng(0).standard_normal((1, 2, 40, 40, 40))).astype(np.float32)
    rows = x.reshape(2, -1)
    count = np.float32(rows.shape[1])
    mean = np.cumsum(rows, axis=1, dtype=np.float32)[:, -1:] / count  # cumsum adds one by one, sum does not
    square = np.cumsum(rows * rows, axis=1, dtype=np.float32)[:, -1:] / count
    naive = ((rows - mean) / np.sqrt(square - mean * mean + np.float32(1e-5))).reshape(x.shape)
    layer = nn.InstanceNorm3d(2)
    expected = layer(torch.from_numpy(x))
    allowed = bound(layer, ((torch.from_numpy(x),), {}), expected).limit
    comparison, beyond = judge(naive, expected.numpy(), ("float32", "float32"), allowed)
    assert comparison.verdict is Verdict.WITHIN_ROUNDING
    assert not beyond.any()
    with_another_epsilon = nn.InstanceNorm3d(2, eps=1e-2)(torch.from_numpy(x)).numpy()
    assert judge(with_another_epsilon, expected.numpy(), ("float32", "float32"), allowed)[1].any()
