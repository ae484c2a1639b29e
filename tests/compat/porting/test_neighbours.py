"""The layers of front ends beside transposed convolution: to torch and back, and within a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.porting.nets import random_bits
from torch import nn

import fourfold
from fourfold.compat.porting import TARGETS, Layer, PortingError, layer_of, load_state
from fourfold.frontends.megengine import Parameter
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid

if TYPE_CHECKING:
    from fourfold.compat.literals import Api, Target

CONV, CONV_2 = nn.Conv3d(2, 3, (1, 2, 3)), nn.Conv3d(4, 6, 2, groups=2)
LINEAR, EMBEDDING = nn.Linear(2, 3), nn.Embedding(5, 3)
BATCH, INSTANCE, GROUP = nn.BatchNorm3d(4), nn.InstanceNorm3d(4, affine=True), nn.GroupNorm(2, 4)
LAYER, ONE, SLOPES = nn.LayerNorm((3, 4)), nn.PReLU(), nn.PReLU(4)

# (the API, its layer, torch's)
LAYERS = [
    pytest.param("paddle", paddle.Conv3D(4, 6, 2, groups=2), CONV_2, id="paddle-Conv3D"),
    pytest.param("paddle", paddle.Linear(2, 3), LINEAR, id="paddle-Linear"),
    pytest.param("paddle", paddle.BatchNorm3D(4), BATCH, id="paddle-BatchNorm3D"),
    pytest.param("paddle", paddle.BatchNorm(4), BATCH, id="paddle-BatchNorm"),
    pytest.param("paddle", paddle.InstanceNorm3D(4), INSTANCE, id="paddle-InstanceNorm3D"),
    pytest.param("paddle", paddle.GroupNorm(2, 4), GROUP, id="paddle-GroupNorm"),
    pytest.param("paddle", paddle.LayerNorm([3, 4]), LAYER, id="paddle-LayerNorm"),
    pytest.param("paddle", paddle.PReLU(), ONE, id="paddle-PReLU"),
    pytest.param("paddle", paddle.PReLU(4), SLOPES, id="paddle-PReLU-4"),
    pytest.param("paddle", paddle.Embedding(5, 3), EMBEDDING, id="paddle-Embedding"),
    pytest.param("fluid", fluid.Conv3D(4, 6, 2, groups=2), CONV_2, id="fluid-Conv3D"),
    pytest.param("fluid", fluid.Linear(2, 3), LINEAR, id="fluid-Linear"),
    pytest.param("fluid", fluid.BatchNorm(4), BATCH, id="fluid-BatchNorm"),
    pytest.param("fluid", fluid.InstanceNorm(4), INSTANCE, id="fluid-InstanceNorm"),
    pytest.param("fluid", fluid.LayerNorm([3, 4]), LAYER, id="fluid-LayerNorm"),
    pytest.param("fluid", fluid.PRelu("all"), ONE, id="fluid-PRelu"),
    pytest.param("fluid", fluid.PRelu("channel", 4), SLOPES, id="fluid-PRelu-4"),
    pytest.param("fluid", fluid.Embedding([5, 3]), EMBEDDING, id="fluid-Embedding"),
    pytest.param("megengine", megengine.Conv3d(2, 3, (1, 2, 3)), CONV, id="megengine-Conv3d"),
    pytest.param("megengine", megengine.Conv3d(4, 6, 2, groups=2), CONV_2, id="megengine-Conv3d-groups"),
    pytest.param("megengine", megengine.Linear(2, 3), LINEAR, id="megengine-Linear"),
    pytest.param("megengine", megengine.BatchNorm1d(4), BATCH, id="megengine-BatchNorm1d"),
    pytest.param("megengine", megengine.BatchNorm2d(4), BATCH, id="megengine-BatchNorm2d"),
    pytest.param("megengine", megengine.InstanceNorm(4), INSTANCE, id="megengine-InstanceNorm"),
    pytest.param("megengine", megengine.GroupNorm(2, 4), GROUP, id="megengine-GroupNorm"),
    pytest.param("megengine", megengine.LayerNorm((3, 4)), LAYER, id="megengine-LayerNorm"),
    pytest.param("megengine", megengine.PReLU(), ONE, id="megengine-PReLU"),
    pytest.param("megengine", megengine.PReLU(4), SLOPES, id="megengine-PReLU-4"),
    pytest.param("megengine", megengine.Embedding(5, 3), EMBEDDING, id="megengine-Embedding"),
    pytest.param("oneflow", oneflow.Conv3d(4, 6, 2, groups=2), CONV_2, id="oneflow-Conv3d"),
    pytest.param("oneflow", oneflow.Linear(2, 3), LINEAR, id="oneflow-Linear"),
    pytest.param("oneflow", oneflow.BatchNorm3d(4), BATCH, id="oneflow-BatchNorm3d"),
    pytest.param("oneflow", oneflow.InstanceNorm3d(4, affine=True), INSTANCE, id="oneflow-InstanceNorm3d"),
    pytest.param("oneflow", oneflow.GroupNorm(2, 4), GROUP, id="oneflow-GroupNorm"),
    pytest.param("oneflow", oneflow.LayerNorm((3, 4)), LAYER, id="oneflow-LayerNorm"),
    pytest.param("oneflow", oneflow.PReLU(4), SLOPES, id="oneflow-PReLU-4"),
    pytest.param("oneflow", oneflow.Embedding(5, 3), EMBEDDING, id="oneflow-Embedding"),
]


def state_of(module: nn.Module) -> dict[str, np.ndarray[Any, Any]]:
    return {name: np.asarray(value) for name, value in module.state_dict().items()}


@pytest.mark.parametrize(("api", "layer", "torch_layer"), LAYERS)
@pytest.mark.parametrize("by", ["own", "torch"])
def test_a_torch_state_goes_there_and_back_bit_for_bit(
    api: Api, layer: nn.Module, torch_layer: nn.Module, by: str
) -> None:
    model = layer if by == "own" else torch_layer
    state = random_bits(torch_layer)
    there, report = fourfold.port_state(state, source="torch", target=api, module=model)
    back, _ = fourfold.port_state(there, source=api, target="torch", module=model)
    kept = {name: one for name, one in state.items() if name not in report.done("left out")}
    # the names and shapes that the front end's own state has
    own = {name: one.shape for name, one in state_of(layer).items()}
    assert {name: one.shape for name, one in there.items()} == own
    assert {name: (one.shape, one.tobytes()) for name, one in back.items()} == {
        name: (one.shape, one.tobytes()) for name, one in kept.items()
    }
    assert set(report.done("left out")) <= {"num_batches_tracked"}


@pytest.mark.parametrize(("api", "layer", "torch_layer"), LAYERS)
def test_a_layer_takes_a_torch_state_in_its_own_shapes(api: Api, layer: nn.Module, torch_layer: nn.Module) -> None:
    state = random_bits(torch_layer, integers=True)
    load_state(layer, state, source="torch")
    home, _ = fourfold.port_state(state_of(layer), source=api, target="torch", module=layer)
    assert {name: home[name].tolist() for name in home} == {name: state[name].tolist() for name in home}
    assert set(state) - set(home) <= {"num_batches_tracked"}


@pytest.mark.parametrize(("api", "layer", "torch_layer"), LAYERS)
def test_layers_are_known_by_class(api: str, layer: nn.Module, torch_layer: nn.Module) -> None:
    found, expected = layer_of(layer), layer_of(torch_layer)
    assert found is not None
    assert expected is not None
    assert found == Layer(expected.kind, api, expected.axes, expected.groups)


def test_a_layer_of_another_size_than_the_state_is_named() -> None:
    state = {"norm.weight": np.ones(5), "norm.bias": np.ones(4)}
    model = nn.ModuleDict({"norm": megengine.GroupNorm(2, 4)})
    message = r"'norm\.weight' has shape \(5,\); 'norm\.weight' \(group normalisation\) needs \(4,\) there"
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(state, source="paddle", target="torch", module=model)


def test_statistics_that_a_framework_has_not_are_named() -> None:
    statistics = nn.InstanceNorm3d(4, affine=True, track_running_stats=True)
    model = nn.ModuleDict({"norm": paddle.InstanceNorm3D(4)})
    state = {f"norm.{name}": one for name, one in random_bits(statistics).items()}
    with pytest.raises(PortingError, match=r"nothing in the model takes norm\.running_mean, norm\.running_var"):
        fourfold.port_state(state, source="torch", target="paddle", module=model)


def test_a_tensor_of_a_shape_that_its_class_never_makes_is_refused() -> None:
    layer = megengine.BatchNorm2d(4)
    layer.weight = Parameter(torch.ones(2, 2))
    with pytest.raises(PortingError, match=r"the weight of a BatchNorm2d in the model has shape \(2, 2\)"):
        fourfold.port_state({}, source="torch", target="paddle", module=layer)


class PaddleNet(nn.Module):
    """Paddle's layers around a transposed convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = paddle.Conv3D(1, 4, 1)
        self.norm = paddle.BatchNorm3D(4)
        self.slopes = paddle.PReLU(4)
        self.up = paddle.Conv3DTranspose(4, 2, 2, stride=2)
        self.head = paddle.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.head(self.up(self.slopes(self.norm(self.stem(x)))))
        return found


HOMES = {
    "torch": ("torch", "torch", "torch", "torch", "torch"),
    "torch.nn": ("torch", "torch", "torch", "torch", "torch"),
    "paddle": ("paddle", "paddle", "paddle", "paddle", "paddle"),
    "fluid": ("fluid", "fluid", "fluid", "fluid", "fluid"),
    "fluid_1_8": ("fluid", "fluid", "fluid", "fluid", "fluid"),
    # it has no normalisation of volumes, and no slopes for their channels
    "megengine": ("megengine", "paddle", "paddle", "megengine", "megengine"),
    "oneflow": ("oneflow", "oneflow", "oneflow", "oneflow", "oneflow"),
}


@pytest.mark.parametrize("target", TARGETS)
def test_the_layers_of_a_ported_model_are_the_targets_and_compute_the_same(target: Target) -> None:
    model = PaddleNet().eval()
    for parameter in model.parameters():
        parameter.data = torch.round(parameter.data * 4)
    model.norm._variance.data = torch.full((4,), 4 - 1e-5)
    ported: Any = fourfold.port_module(model, target=target)
    layers = (ported.stem, ported.norm, ported.slopes, ported.up, ported.head)
    assert tuple(kind.api for kind in map(layer_of, layers) if kind) == HOMES[target]
    x = torch.arange(8.0).reshape(1, 1, 2, 2, 2)
    assert torch.equal(ported(x), model(x))
