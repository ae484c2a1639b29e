from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.compat.porting.refused import assert_refused, refusals
from tests.compat.porting.samples import set_integers
from torch import nn

import fourfold
from fourfold.compat.porting import plan_module
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid

if TYPE_CHECKING:
    from fourfold.compat.literals import Target


@pytest.mark.parametrize(
    ("theirs", "torchs"), [(0.9, 0.1), (0.99, 0.01), (0.7, 0.3), (0.0, 1.0), (1.0, 0.0), (0.997, 0.003)]
)
@pytest.mark.parametrize("target", ["torch.nn", "oneflow"])
def test_momentum_is_the_other_share_and_comes_back(theirs: float, torchs: float, target: Target) -> None:
    layer = paddle.BatchNorm3D(2, momentum=theirs)
    ported: Any = fourfold.port_module(layer, target=target)
    back: Any = fourfold.port_module(ported, target="paddle")
    assert (ported.momentum, back._momentum) == (torchs, theirs)


@pytest.mark.parametrize("theirs", [0.9, 0.99, 0.9997])
@pytest.mark.parametrize(
    ("target", "attribute"), [("paddle", "_momentum"), ("fluid", "_momentum"), ("megengine", "momentum")]
)
def test_a_momentum_that_was_subtracted_from_one_goes_everywhere(theirs: float, target: Target, attribute: str) -> None:
    ported = fourfold.port_module(nn.BatchNorm2d(2, momentum=1 - theirs), target=target)
    assert getattr(ported, attribute) == theirs


def test_the_class_that_takes_any_axes_becomes_the_one_for_volumes_and_says_so() -> None:
    layer = fluid.BatchNorm(2)
    (planned,) = plan_module(layer, target="torch.nn").layers
    assert planned.becomes == "torch.nn BatchNorm3d"
    assert planned.note.startswith("takes volumes alone; in train(), running variances follow the batch's unbiased")


def test_it_stays_where_there_is_none_of_any_axes_or_volumes() -> None:
    plan = plan_module(nn.Sequential(nn.BatchNorm3d(2), paddle.BatchNorm(2)), target="megengine")
    assert [(one.becomes, one.note) for one in plan.layers] == [(None, "megengine has no counterpart")] * 2


def test_fluids_activation_stays_between_the_paddles() -> None:
    layer = fluid.BatchNorm(2, act="leaky_relu", data_layout="NHWC")
    ported: Any = fourfold.port_module(layer, target="paddle")
    back: Any = fourfold.port_module(ported, target="fluid_1_8")
    x = torch.arange(24.0).reshape(1, 3, 2, 2, 2)
    assert (type(ported), ported._act, ported._data_layout) == (paddle.BatchNorm, "leaky_relu", "NHWC")
    assert (back._act, back._data_layout) == ("leaky_relu", "NHWC")
    assert torch.equal(ported.eval()(x), layer.eval()(x))


def test_a_frozen_one_of_megengine_goes_by_running_statistics_in_paddle_and_learns_nothing() -> None:
    layer = megengine.BatchNorm2d(4, freeze=True)
    set_integers(layer)
    ported: Any = fourfold.port_module(layer, target="paddle")
    back: Any = fourfold.port_module(fourfold.port_module(layer, target="fluid"), target="paddle")
    x = torch.arange(64.0).reshape(2, 4, 4, 2)
    assert (ported._use_global_stats, back._use_global_stats) == (True, True)
    assert [one.requires_grad for one in ported.parameters()] == [False] * 4
    assert ported.training
    assert torch.equal(ported(x), layer(x))


def test_what_is_kept_and_never_read_is_noted() -> None:
    by_batch = paddle.BatchNorm3D(2, use_global_stats=False)
    there = plan_module(by_batch, target="oneflow")
    back = plan_module(nn.BatchNorm3d(2, track_running_stats=False), target="paddle")
    assert there.layers[0].note == "_mean, _variance left out: nothing reads them"
    assert back.layers[0].note == "_mean, _variance added: nothing reads them"


def torch_norm(**arguments: Any) -> nn.Module:
    return nn.BatchNorm3d(2, **arguments)


INEXPRESSIBLE = [
    (torch_norm(momentum=None), "paddle", "momentum=None: there, momentum is a number"),
    (torch_norm(momentum=None), "oneflow", "momentum=None: there, momentum is a number"),
    (torch_norm(track_running_stats=False), "fluid", r"track_running_stats=False: there, eval\(\) goes by"),
    (paddle.BatchNorm3D(2, use_global_stats=True), "torch.nn", r"use_global_stats=True: there, train\(\) goes by"),
    (paddle.BatchNorm3D(2, use_global_stats=False), "fluid", r"use_global_stats=False: there, eval\(\) goes by"),
    (megengine.BatchNorm2d(2, freeze=True), "torch.nn", r"track_running_stats=True, freeze=True: there, train\(\)"),
    (paddle.BatchNorm3D(2, weight_attr=False), "torch", "weight_attr=False: there, a bias comes with a weight"),
    (paddle.BatchNorm3D(2, bias_attr=False), "oneflow", "bias_attr=False: there, a weight comes with a bias"),
    (paddle.BatchNorm3D(2, bias_attr=False), "fluid", "bias_attr should not be False in batch_norm"),
    (paddle.BatchNorm3D(2, data_format="NDHWC"), "torch.nn", "data_format='NDHWC' cannot be said there; permute"),
    (fluid.BatchNorm(2, act="relu"), "torch.nn", "act='relu' cannot be said there"),
]


@refusals(INEXPRESSIBLE)
def test_what_the_target_cannot_say_is_refused_by_name(layer: nn.Module, target: Target, message: str) -> None:
    assert_refused(layer, target, message)
