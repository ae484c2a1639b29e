"""What stands beside the layer in `paddle.nn`; numbers are in the recorded calls."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from fourfold.frontends import paddle

nn: Any = paddle.nn
VOLUME = (2, 4, 3, 3, 3)
# A right generator fails a Kolmogorov-Smirnov test at this significance once in a million seeds; the seed is fixed.
SIGNIFICANCE = 1e-6


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        pytest.param(lambda: nn.Conv3D(4, 4, 3, padding=[0, 1, 1, 1, 0, 1]), VOLUME, id="Conv3D"),
        pytest.param(lambda: nn.Linear(3, 2), VOLUME, id="Linear"),
        pytest.param(lambda: nn.BatchNorm3D(4), VOLUME, id="BatchNorm3D"),
        pytest.param(lambda: nn.InstanceNorm3D(4), VOLUME, id="InstanceNorm3D"),
        pytest.param(lambda: nn.GroupNorm(2, 4), VOLUME, id="GroupNorm"),
        pytest.param(lambda: nn.LayerNorm([3, 3]), VOLUME, id="LayerNorm"),
        pytest.param(lambda: nn.MaxPool3D(2), VOLUME, id="MaxPool3D"),
        pytest.param(lambda: nn.AvgPool3D(2), VOLUME, id="AvgPool3D"),
        pytest.param(lambda: nn.AdaptiveAvgPool3D(1), VOLUME, id="AdaptiveAvgPool3D"),
        pytest.param(lambda: nn.PReLU(4), VOLUME, id="PReLU"),
        pytest.param(lambda: nn.Dropout(0.5), VOLUME, id="Dropout"),
        pytest.param(lambda: nn.Upsample(scale_factor=2), VOLUME, id="Upsample"),
    ],
)
def test_a_plain_tensor_gives_a_plain_one_and_paddle_s_paddle_s(layer: Any, shape: tuple[int, ...]) -> None:
    built = layer()
    assert type(built(torch.ones(shape))) is torch.Tensor
    assert type(built(paddle.ones(list(shape)))) is paddle.Tensor


@pytest.mark.parametrize(
    ("make", "deviation"),
    [
        # in_channels counts whole, whatever the groups: measured in paddle 3.3.1
        pytest.param(lambda: nn.Conv3D(8, 256, 3, groups=2), math.sqrt(2 / (27 * 8)), id="Conv3D"),
    ],
)
def test_convolutions_begin_normal(make: Any, deviation: float) -> None:
    values = make().weight.numpy().ravel()
    assert stats.kstest(values, stats.norm(0, deviation).cdf).pvalue > SIGNIFICANCE


@pytest.mark.parametrize(
    ("make", "limit"),
    [
        pytest.param(lambda: nn.Linear(80, 60), math.sqrt(6 / 140), id="Linear"),
        pytest.param(lambda: nn.Embedding(80, 60), math.sqrt(6 / 140), id="Embedding"),
    ],
)
def test_matrices_begin_xavier_uniform(make: Any, limit: float) -> None:
    values = make().weight.numpy().ravel()
    assert stats.kstest(values, stats.uniform(-limit, 2 * limit).cdf).pvalue > SIGNIFICANCE


def test_running_statistics_are_parameters_that_are_not_learned() -> None:
    layer = nn.BatchNorm3D(2)
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias", "_mean", "_variance"]
    assert [parameter.stop_gradient for parameter in layer.parameters()] == [False, False, True, True]
    assert list(layer.buffers()) == []


def test_running_statistics_are_paddle_s_not_torch_s() -> None:
    layer = nn.BatchNorm3D(1, momentum=0.75)
    layer(torch.tensor([0.0, 4.0]).reshape(1, 1, 1, 1, 2))
    # mean 2 and variance 4 (torch's is 8) with a weight of 1 - 0.75
    assert (layer._mean.item(), layer._variance.item()) == (0.5, 0.75 + 0.25 * 4)


def test_dropout_makes_up_for_what_is_lost_where_the_mode_says() -> None:
    ones = torch.ones(2000)
    assert set(nn.Dropout(0.5)(ones).tolist()) == {0.0, 2.0}
    downscale = nn.Dropout(0.5, mode="downscale_in_infer")
    assert set(downscale(ones).tolist()) == {0.0, 1.0}
    downscale.eval()
    assert set(downscale(ones).tolist()) == {0.5}


def test_dropout3d_takes_whole_channels() -> None:
    kept = nn.Dropout3D(0.5)(torch.ones(1, 64, 2, 2, 2)).flatten(2)
    assert set(map(tuple, kept[0].tolist())) == {(0.0,) * 8, (2.0,) * 8}


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        pytest.param(lambda: nn.Conv3D(4, 6, 3, groups=4), ValueError, "divisible by groups", id="Conv3D groups"),
        pytest.param(lambda: nn.Conv3D(1, 1, 1, weight_attr=False), AssertionError, "should not be False", id="weight"),
        pytest.param(lambda: nn.Conv3D(1, 1, 1, data_format="NCHW"), ValueError, "'NCDHW' or 'NDHWC'", id="Conv3D"),
        pytest.param(lambda: nn.BatchNorm3D(1, data_format="NCHW"), ValueError, "expected one of NCDHW", id="format"),
        pytest.param(lambda: nn.BatchNorm3D(1)(torch.ones(1, 1, 2)), ValueError, "expected 5D input", id="3D"),
        pytest.param(lambda: nn.InstanceNorm3D(1)(torch.ones(1, 1, 2)), ValueError, "expected 5D input", id="instance"),
        pytest.param(
            lambda: nn.InstanceNorm3D(1, weight_attr=False), AssertionError, "at the same time", id="one attr"
        ),
        pytest.param(lambda: nn.GroupNorm(3, 4), ValueError, "does not divide num_channels=4", id="groups"),
        pytest.param(lambda: nn.Dropout(1.5), ValueError, "between 0 and 1", id="p"),
        pytest.param(lambda: nn.Dropout("1"), TypeError, "p argument should be a number", id="p kind"),
        pytest.param(lambda: nn.Dropout(mode="x"), ValueError, "'downscale_in_infer' or", id="mode"),
        pytest.param(lambda: nn.PReLU(data_format="x"), ValueError, r"Attr\(data_format\) of prelu", id="prelu"),
        pytest.param(lambda: nn.BatchNorm(1, act="x"), ValueError, "has not been registered", id="act"),
        pytest.param(lambda: nn.CrossEntropyLoss(reduction="x"), ValueError, "'sum', 'mean' or 'none'", id="reduction"),
        pytest.param(lambda: nn.ClipGradByValue(-1.0), AssertionError, "must be above 0", id="clip"),
    ],
)
def test_wrong_use_says_what_is_wrong(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()


def test_a_clip_leaves_what_its_attribute_excludes() -> None:
    attr = paddle.ParamAttr(need_clip=False)
    layer = nn.Linear(1, 1, weight_attr=attr)
    pairs = [(parameter, torch.full((1,), 3.0)) for parameter in layer.parameters()]
    clipped = nn.ClipGradByGlobalNorm(1.0)(pairs)
    assert [gradient.item() for _, gradient in clipped] == [3.0, 1.0]
    assert [gradient.item() for _, gradient in pairs] == [3.0, 3.0]


def test_a_network_of_them_compiles_whole() -> None:
    network = nn.Sequential(nn.Conv3D(1, 2, 3, padding=1), nn.ReLU(), nn.MaxPool3D(2), nn.Flatten(), nn.Linear(16, 1))
    x = torch.randn(1, 1, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    compiled: Any = torch.compile(network, fullgraph=True, backend="eager")
    np.testing.assert_allclose(compiled(x).detach().numpy(), network(x).detach().numpy(), rtol=1e-6, atol=1e-6)
