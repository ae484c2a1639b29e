"""Normalisations and layers of front ends are judged as torch's are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import nn

from fourfold.compat.agreement.recorder import record
from fourfold.compat.agreement.verify import Status, verify
from fourfold.compat.agreement.verify.bounds import bound
from fourfold.compat.agreement.verify.diagnosis import describe
from fourfold.compat.agreement.verify.norms import norm_of
from fourfold.compat.porting import load_state
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid

if TYPE_CHECKING:
    from pathlib import Path

# (the front end's, torch's, the shape of the input)
NORMS = [
    pytest.param(paddle.BatchNorm3D(4), nn.BatchNorm3d(4), (2, 4, 3, 2, 2), id="paddle-batch"),
    pytest.param(paddle.InstanceNorm3D(4), nn.InstanceNorm3d(4, affine=True), (2, 4, 3, 2, 2), id="paddle-instance"),
    pytest.param(paddle.GroupNorm(2, 4), nn.GroupNorm(2, 4), (2, 4, 3, 2, 2), id="paddle-group"),
    pytest.param(paddle.LayerNorm([3, 4]), nn.LayerNorm((3, 4)), (2, 3, 4), id="paddle-layer"),
    pytest.param(fluid.BatchNorm(4), nn.BatchNorm3d(4), (2, 4, 3, 2, 2), id="fluid-batch"),
    pytest.param(fluid.InstanceNorm(4), nn.InstanceNorm3d(4, affine=True), (2, 4, 3, 2, 2), id="fluid-instance"),
    pytest.param(fluid.LayerNorm([3, 4]), nn.LayerNorm((3, 4)), (2, 3, 4), id="fluid-layer"),
    pytest.param(megengine.BatchNorm2d(4), nn.BatchNorm2d(4), (2, 4, 3, 2), id="megengine-batch"),
    pytest.param(megengine.GroupNorm(2, 4), nn.GroupNorm(2, 4), (2, 4, 3, 2), id="megengine-group"),
    pytest.param(megengine.LayerNorm((3, 4)), nn.LayerNorm((3, 4)), (2, 3, 4), id="megengine-layer"),
]


def fill(layer: nn.Module, theirs: nn.Module) -> None:
    """Give a layer of a front end and torch's the same small positive integers."""
    with torch.no_grad():
        for place, tensor in enumerate(theirs.state_dict().values()):
            tensor.copy_(torch.arange(tensor.numel()).reshape(tensor.shape) + place + 1)
    load_state(layer, {name: one.numpy() for name, one in theirs.state_dict().items()}, source="torch")


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize(("layer", "theirs", "shape"), NORMS)
def test_a_normalisation_has_the_magnitude_of_torchs(
    layer: nn.Module, theirs: nn.Module, shape: tuple[int, ...], training: bool
) -> None:
    fill(layer, theirs)
    arguments: Any = ((torch.randn(shape),), {})
    recorded = torch.zeros(shape)
    here, there = (bound(one.train(training), arguments, recorded) for one in (layer, theirs))
    assert here.rule == there.rule == "normalisation"
    assert here.magnitude is not None
    assert here.limit is not None
    assert there.magnitude is not None
    assert there.limit is not None
    # the same to the last digit, or as near as epsilon (1e-5) in float32 is, which Paddle and fluid take
    np.testing.assert_allclose(here.magnitude, there.magnitude, rtol=2**-24 * 1e-5, atol=0)
    np.testing.assert_allclose(here.limit, there.limit, rtol=2**-24 * 1e-5, atol=0)


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_channels_that_lie_last_are_the_channels(training: bool) -> None:
    first, last = paddle.BatchNorm3D(4), paddle.BatchNorm3D(4, data_format="NDHWC")
    for layer in (first, last):
        fill(layer.train(training), nn.BatchNorm3d(4))
    x = torch.randn(2, 4, 3, 2, 2)
    expected = bound(first, ((x,), {}), x).limit
    found = bound(last, ((x.movedim(1, -1),), {}), x.movedim(1, -1)).limit
    assert expected is not None
    assert found is not None
    np.testing.assert_array_equal(np.moveaxis(found, -1, 1), expected)


@pytest.mark.parametrize(
    ("layer", "training", "by_batch"),
    [
        pytest.param(paddle.BatchNorm3D(2), True, True, id="paddle"),
        pytest.param(paddle.BatchNorm3D(2, use_global_stats=False), False, True, id="paddle-always"),
        pytest.param(paddle.BatchNorm3D(2, use_global_stats=True), True, False, id="paddle-never"),
        pytest.param(fluid.BatchNorm(2), False, False, id="fluid"),
        pytest.param(fluid.BatchNorm(2), True, True, id="fluid-train"),
        pytest.param(fluid.BatchNorm(2, use_global_stats=True), True, False, id="fluid-never"),
        pytest.param(megengine.BatchNorm2d(2, freeze=True), True, False, id="megengine-freeze"),
        pytest.param(megengine.BatchNorm2d(2, track_running_stats=False), False, True, id="megengine-untracked"),
    ],
)
def test_whether_the_batch_counts_is_as_the_layer_says(layer: nn.Module, training: bool, by_batch: bool) -> None:
    assert norm_of(layer.train(training)).by_batch is by_batch


def test_the_epsilon_of_a_recording_is_found_for_a_front_ends_layer() -> None:
    theirs, layer = nn.BatchNorm3d(2, eps=0.1).eval(), paddle.BatchNorm3D(2, epsilon=1e-5).eval()
    x = torch.randn(2, 2, 3, 3, 3)
    recorded = theirs(x).detach().numpy()
    assert describe(layer, x, recorded, recorded != 0) == ["the recording fits epsilon 0.1; here it is 1e-05"]


class Net(nn.Module):
    """One architecture of torch's layers, or of those of Paddle that stand for them."""

    def __init__(self, of: Any) -> None:
        super().__init__()
        is_torch = of is nn
        self.stem = (of.Conv3d if is_torch else of.Conv3D)(2, 4, 3, padding=1, groups=2)
        self.norm = (of.BatchNorm3d if is_torch else of.BatchNorm3D)(4)
        self.slopes = of.PReLU(4)
        self.up = (of.ConvTranspose3d if is_torch else of.Conv3DTranspose)(4, 2, 2, stride=2)
        self.instance = of.InstanceNorm3d(2, affine=True) if is_torch else of.InstanceNorm3D(2)
        self.layer = of.LayerNorm([8, 8])
        self.head = of.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.instance(self.up(self.slopes(self.norm(self.stem(x)))))
        found: torch.Tensor = self.head(self.layer(x))
        return found


def test_a_model_of_torch_is_verified_against_one_of_paddles_layers(tmp_path: Path) -> None:
    torch.manual_seed(1)
    path = tmp_path / "model.fourfold.zip"
    record(Net(nn).eval(), torch.randn(2, 2, 4, 4, 4), path)
    result = verify(path, Net(paddle))
    assert result.ok
    assert {layer.status for layer in result.layers} == {Status.COMPARED}
    # of the input and of thirteen parameters
    assert len(result.gradients) == 14
