from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tests.compat.porting.refused import assert_refused, refusals
from torch import nn

import fourfold
from fourfold.compat.porting import plan_module
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid

if TYPE_CHECKING:
    from fourfold.compat.literals import Target


def test_what_was_in_place_is_not_where_no_class_is() -> None:
    layer, x = nn.ReLU(inplace=True), torch.tensor([-1.0, 2.0])
    ported = fourfold.port_module(layer, target="paddle")
    assert ported(x).tolist() == [0.0, 2.0]
    assert x.tolist() == [-1.0, 2.0]
    assert plan_module(layer, target="paddle").layers[0].note == "not in place"
    assert plan_module(layer, target="oneflow").layers[0].note == ""
    assert plan_module(paddle.ReLU(), target="torch").layers[0].note == ""  # its class has no such argument


def test_a_frozen_table_of_megengine_needs_no_gradient_elsewhere() -> None:
    layer = megengine.Embedding(5, 3, freeze=True)
    ported: Any = fourfold.port_module(layer, target="torch.nn")
    assert not ported.weight.requires_grad
    assert torch.equal(ported.weight, layer.weight.as_subclass(torch.Tensor))


def test_tables_of_torch_and_oneflow_say_all_the_same() -> None:
    layer = nn.Embedding(5, 3, padding_idx=1, max_norm=2.0, norm_type=1.0, scale_grad_by_freq=True)
    ported: Any = fourfold.port_module(layer, target="oneflow")
    said = ported.padding_idx, ported.max_norm, ported.norm_type, ported.scale_grad_by_freq, ported.sparse
    assert said == (1, 2.0, 1.0, True, False)


def test_slopes_per_channel_stay_where_they_are_for_planes_alone() -> None:
    layer = nn.PReLU(4)
    note = "megengine has no counterpart: slopes per channel are for planes alone there"
    assert type(fourfold.port_module(layer, target="megengine")) is nn.PReLU
    assert plan_module(layer, target="megengine").layers[0].note == note


def test_one_slope_is_the_same_for_any_order_of_axes() -> None:
    ported = fourfold.port_module(paddle.PReLU(data_format="NHWC"), target="torch.nn")
    assert type(ported) is nn.PReLU


def test_a_size_may_be_numpys() -> None:
    size: Any = np.int64(5)
    ported: Any = fourfold.port_module(nn.Upsample(size=size), target="paddle")
    assert ported.size == 5


INEXPRESSIBLE = [
    (nn.Embedding(5, 3, padding_idx=1), "megengine", "padding_idx=1 cannot be said there"),
    (nn.Embedding(5, 3, max_norm=1.0), "megengine", "max_norm=1.0, norm_type=.* cannot be said there"),
    (nn.Embedding(5, 3, sparse=True), "fluid", "sparse=True cannot be said there"),
    (paddle.PReLU(4, data_format="NHWC"), "torch.nn", "data_format='NHWC' cannot be said there; permute"),
    (paddle.GroupNorm(2, 4, data_format="NHWC"), "oneflow", "data_format='NHWC' cannot be said there; permute"),
    (paddle.GroupNorm(2, 4, weight_attr=False), "torch.nn", "weight_attr=False: there, a bias comes with"),
    (fluid.InstanceNorm(4, param_attr=False), "paddle", "weight_attr and bias_attr must be set to False at the same"),
    (fluid.LayerNorm([4], scale=False), "torch.nn", "scale=False: there, a bias comes with a weight"),
    (fluid.LayerNorm([4], act="relu"), "megengine", "act='relu' cannot be said there"),
    (nn.InstanceNorm3d(4, track_running_stats=True), "paddle", "track_running_stats=True cannot be said there"),
    (nn.GELU("tanh"), "megengine", "approximate='tanh' cannot be said there; apply it in your forward"),
    (nn.Softmax(), "paddle", "dim=None: there, an axis must be named"),
    (fluid.Dropout(0.5), "torch.nn", "dropout_implementation='downgrade_in_infer' cannot be said there"),
    (paddle.Dropout(0.5, mode="downscale_in_infer"), "oneflow", "mode='downscale_in_infer' cannot be said there"),
    (nn.Dropout(1.0), "megengine", "p=1.0: there, drop_prob is below 1"),
    (oneflow.MaxPool3d(3, dilation=2), "paddle", r"dilation=\(2, 2, 2\) cannot be said there"),
    (paddle.MaxPool3D(2, return_mask=True), "torch.nn", "return_mask=True cannot be said there"),
    (nn.MaxPool3d(2, return_indices=True), "paddle", "return_indices=True cannot be said there"),
    (nn.MaxPool2d(2, ceil_mode=True), "megengine", "ceil_mode=True cannot be said there"),
    (nn.AvgPool2d(2, divisor_override=3), "megengine", "divisor_override=3 cannot be said there"),
    (paddle.MaxPool3D(2, data_format="NDHWC"), "oneflow", "data_format='NDHWC' cannot be said there"),
    (
        nn.Upsample(scale_factor=2, mode="nearest-exact"),
        "oneflow",
        "mode='nearest-exact': there, modes are 'near",
    ),
    (paddle.Upsample(scale_factor=2, mode="trilinear", align_mode=1), "torch.nn", "align_mode=1 cannot be said there"),
    (paddle.Dropout(axis=1), "torch.nn", "axis=1 cannot be said there"),
    (paddle.MaxPool3D(2, padding="SAME"), "torch.nn", "padding='SAME': there, pads are equal on both sides"),
    (paddle.MaxPool3D(2, padding=2), "torch.nn", "padding=2: there, pads are half of kernel_size=2 at most"),
    (nn.Upsample(scale_factor=2, recompute_scale_factor=True), "oneflow", "recompute_scale_factor=True cannot be"),
]


@refusals(INEXPRESSIBLE)
def test_what_the_target_cannot_say_is_refused_by_name(layer: nn.Module, target: Target, message: str) -> None:
    assert_refused(layer, target, message)
