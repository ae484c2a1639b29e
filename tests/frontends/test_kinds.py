from __future__ import annotations

import pytest
from torch import nn

from fourfold.frontends.kinds import LayerKind, kind_named, kind_of
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid

ANY = frozenset({0, 1, 2, 3})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param(paddle.MaxPool2D, LayerKind("MaxPoolNd", frozenset({2})), id="by-name"),
        pytest.param(paddle.Silu, LayerKind("SiLU", ANY), id="in-other-letters"),
        pytest.param(paddle.Conv3DTranspose, LayerKind("ConvTransposeNd", frozenset({3})), id="in-another-order"),
        pytest.param(paddle.Swish, LayerKind("SiLU", ANY), id="by-its-row"),
        pytest.param(fluid.BatchNorm, LayerKind("BatchNormNd", ANY), id="of-any-axes"),
        pytest.param(megengine.GroupNorm, LayerKind("GroupNorm", frozenset({2})), id="of-planes-alone"),
        pytest.param(oneflow.ReflectionPad2d, LayerKind("PadNd", frozenset({2})), id="one-of-several"),
        pytest.param(paddle.Dropout, LayerKind("Dropout", ANY), id="elements"),
        pytest.param(paddle.Dropout2D, LayerKind("DropoutNd", frozenset({2})), id="channels"),
        pytest.param(type("ReLU", (nn.Conv2d,), {}), LayerKind("ConvNd", frozenset({2})), id="a-users-class"),
        pytest.param(type("ReLU", (nn.Module,), {}), None, id="a-users-name"),
        pytest.param(paddle.Sequential, None, id="container"),
        pytest.param(oneflow.Module, None, id="base"),
        pytest.param(nn.TransformerEncoder, None, id="composite"),
    ],
)
def test_a_class_is_what_its_row_or_its_name_says(kind: type[nn.Module], expected: LayerKind | None) -> None:
    assert kind_of(kind) == expected


def test_a_kind_that_means_none_is_none() -> None:
    assert kind_named("") is None
