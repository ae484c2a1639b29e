"""Which layers are served, of which frameworks, and what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.compat.streaming.test_stages import in_slabs, with_integers
from tests.operands import integers
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

import fourfold
from fourfold.compat.streaming.layers import LARGEST_FACTOR, stages_of
from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.paddle import fluid


class Mine(nn.Conv3d):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return super().forward(input.flip(2))


def hooked() -> nn.Module:
    layer = nn.ReLU()
    layer.register_forward_hook(lambda *_: None)
    return layer


SERVED = {
    "paddle, pads of each side": lambda: paddle.nn.Conv3DTranspose(2, 4, 3, stride=2, padding=[0, 1, 1, 0, 0, 2]),
    "paddle, convolution": lambda: paddle.nn.Conv3D(2, 2, 3, stride=2, padding=[2, 0, 1, 1, 1, 0], groups=2),
    "paddle, decoder": lambda: paddle.nn.Sequential(
        paddle.nn.Conv3DTranspose(2, 2, 2, stride=2), paddle.nn.BatchNorm3D(2, epsilon=3.0), paddle.nn.LeakyReLU(0.5)
    ),
    "fluid": lambda: fluid.dygraph.Conv3DTranspose(2, 4, 3, stride=2, padding=1),
    "megengine, groups": lambda: megengine.module.ConvTranspose3d(2, 4, 3, 2, 1, 1, groups=2),
    "megengine, convolution": lambda: megengine.module.Conv3d(2, 4, 3, 2, 1, groups=2),
    "oneflow, beyond the full result": lambda: oneflow.nn.ConvTranspose3d(2, 4, 3, 2, -1, output_padding=3),
    "torch, fourfold's": lambda: fourfold.frontends.torch.nn.ConvTranspose3d(2, 4, 3, 2, 1),
    "torch, same": lambda: nn.Conv3d(2, 2, (4, 3, 2), padding="same", dilation=(3, 1, 1)),
    "torch, activations": lambda: nn.Sequential(nn.PReLU(2), nn.Dropout3d(), nn.Sequential(nn.ReLU6(inplace=True))),
}


@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")
@pytest.mark.parametrize("make", SERVED.values(), ids=SERVED)
def test_the_layers_of_all_front_ends_are_served(make: Any) -> None:
    layer = with_integers(make(), 3)
    volume = integers((2, 5, 3, 3), 4)
    with torch.no_grad():
        # integers all: the norm divides by the root of 1 + 3
        assert torch.equal(in_slabs(stages_of(layer), volume, 2), layer(volume[None])[0])


REFUSED = [
    pytest.param(nn.InstanceNorm3d(2), r"InstanceNorm3d may need the whole volume", id="instance norm"),
    pytest.param(nn.Sequential(nn.ReLU(), nn.GroupNorm(1, 2)), r"layer 1 \(GroupNorm\) may need", id="group norm"),
    pytest.param(nn.BatchNorm3d(2), r"call eval\(\)", id="batch norm in training"),
    pytest.param(nn.BatchNorm3d(2, track_running_stats=False).eval(), "keeps no statistics", id="no statistics"),
    pytest.param(nn.Dropout(), r"drops at random", id="dropout"),
    pytest.param(Mine(2, 2, 1), r"Mine is none of the layers whose reach is known", id="subclass"),
    pytest.param(hooked(), "has hooks", id="hooks"),
    pytest.param(weight_norm(nn.ConvTranspose3d(2, 2, 1)), "remove_parametrizations", id="weight norm"),
    pytest.param(nn.Conv3d(2, 2, 3, padding=1, padding_mode="circular"), "padding_mode='circular'", id="circular"),
    pytest.param(nn.Conv2d(2, 2, 3), "is for 2 axes", id="planes"),
    pytest.param(nn.Upsample(scale_factor=2, mode="trilinear"), "served are 'nearest'", id="trilinear"),
    pytest.param(nn.Upsample(scale_factor=1.5), "whole factors of 1..40", id="half"),
    pytest.param(nn.Upsample(size=8), "whole factors", id="size"),
    pytest.param(
        paddle.nn.Conv3DTranspose(2, 2, 3, stride=2, padding="SAME"), "State the padding in numbers", id="SAME"
    ),
    pytest.param(
        paddle.nn.Conv3DTranspose(2, 2, 3, data_format="NDHWC"), "build it with channels first", id="channels last"
    ),
    pytest.param(fluid.dygraph.Conv3DTranspose(2, 2, 3, act="relu"), "act='relu'", id="act"),
]


@pytest.mark.parametrize(("layer", "match"), REFUSED)
def test_what_needs_more_than_a_slab_is_refused_by_name(layer: nn.Module, match: str) -> None:
    with pytest.raises(NotImplementedError, match=match):
        stages_of(layer)


def test_a_layer_without_weights_is_a_wrong_value() -> None:
    with pytest.raises(ValueError, match="has no weight yet; call it once"):
        stages_of(nn.LazyConvTranspose3d(2, 2))


@pytest.mark.parametrize("factor", [2, 3, 7, LARGEST_FACTOR])
def test_nearest_upsampling_is_torch_s(factor: int) -> None:
    layer, volume = nn.Upsample(scale_factor=factor), torch.arange(50.0).reshape(1, 50, 1, 1)
    assert torch.equal(in_slabs(stages_of(layer), volume, 7), layer(volume[None])[0])
