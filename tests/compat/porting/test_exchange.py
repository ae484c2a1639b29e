"""Layers beside transposed convolution, from every API to every other that has their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.compat.porting.allocations import Allocations
from tests.compat.porting.samples import GENERAL, SAMPLES, input_for, set_integers
from torch import nn

import fourfold
from fourfold.compat.porting import plan_module
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle

if TYPE_CHECKING:
    from fourfold.compat.literals import Target

PAIRS = [
    pytest.param(kind, source, target, id=f"{kind}: {source} to {target}")
    for kind, (_, layers) in SAMPLES.items()
    for source in layers
    for target in layers
    if source != target and (kind, source, target) not in GENERAL
]
WITH_TENSORS = [kind for kind, (_, layers) in SAMPLES.items() if next(iter(layers.values()))().state_dict()]
ROUND_TRIPS = [
    pytest.param(kind, source, target, id=f"{kind}: {source} to {target} and back")
    for kind, source, target in (pair.values for pair in PAIRS)
    if kind in WITH_TENSORS and (kind, target, source) not in GENERAL
]
EPS = torch.finfo(torch.float32).eps


def settings(layer: nn.Module) -> dict[str, Any]:
    """What a layer keeps of its constructor's arguments; lists and tuples are the same, and so are 2 and (2, 2, 2)."""
    own = vars(nn.Module()).keys() | {"_full_name", "_stride_", "name"}
    kept = {name: value for name, value in vars(layer).items() if name not in own}
    return {name: _alike(value) for name, value in kept.items() if not callable(value) and "attr" not in name}


def _alike(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _alike(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return value[0] if len(set(value)) == 1 else tuple(value)
    return value


def assert_close(*tensors: torch.Tensor) -> None:
    """The first half of the tensors is the second, up to the rounding of some hundred terms."""
    plain = [one.detach().as_subclass(torch.Tensor) for one in tensors]
    half = len(plain) // 2
    torch.testing.assert_close(plain[:half], plain[half:], rtol=16 * EPS, atol=16 * EPS)


def tensors(layer: nn.Module) -> dict[str, bytes]:
    found = dict([*nn.Module.named_parameters(layer), *nn.Module.named_buffers(layer)])
    return {name: one.numpy(force=True).tobytes() for name, one in found.items() if name != "num_batches_tracked"}


@pytest.mark.parametrize(("kind", "source", "target"), PAIRS)
def test_it_is_the_layer_that_the_target_would_have_built_and_computes_the_same(
    kind: str, source: str, target: Target
) -> None:
    layers = SAMPLES[kind][1]
    layer, built = layers[source]().eval(), layers[target]().eval()
    set_integers(layer)
    ported = fourfold.port_module(layer, target=target)
    assert type(ported) is type(built)
    assert settings(ported) == settings(built)
    x = input_for(kind)
    found, expected = ported(x).as_subclass(torch.Tensor), layer(x).as_subclass(torch.Tensor)
    # OneFlow and MegEngine take an instance normalisation for a group normalisation, which adds in another order
    by_groups = kind.startswith("instance norm") and not {"oneflow", "megengine"}.isdisjoint((source, target))
    bound = 4 * EPS * expected.abs().max() if by_groups else torch.tensor(0.0)
    assert found.shape == expected.shape
    assert (found - expected).abs().max() <= bound


@pytest.mark.parametrize(("kind", "source", "target"), ROUND_TRIPS)
def test_tensors_come_back_bit_for_bit(kind: str, source: Target, target: Target) -> None:
    layer = SAMPLES[kind][1][source]()
    set_integers(layer)
    back = fourfold.port_module(fourfold.port_module(layer, target=target), target=source)
    # statistics that nothing reads begin anew
    idle = {"_mean", "_variance"} if kind == "batch norm by batch" else set()
    found, expected = ({name: one for name, one in tensors(each).items() if name not in idle} for each in (back, layer))
    assert found == expected


@pytest.mark.parametrize(("kind", "source", "target"), PAIRS)
def test_a_plan_takes_no_memory_and_a_port_that_of_the_new_tensors(kind: str, source: str, target: Target) -> None:
    layer = SAMPLES[kind][1][source]()
    with Allocations() as planning:
        plan_module(layer, target=target)
    with Allocations() as porting:
        ported = fourfold.port_module(layer, target=target)
    new = [*nn.Module.parameters(ported), *nn.Module.buffers(ported)]
    assert (planning.bytes, porting.bytes) == (0, sum(one.as_subclass(torch.Tensor).nbytes for one in new))


DROPOUTS = [pair for pair in PAIRS if str(pair.values[0]).startswith("dropout")]


@pytest.mark.parametrize(("kind", "source", "target"), DROPOUTS)
def test_dropout_drops_alike_under_a_seed(kind: str, source: str, target: Target) -> None:
    layer = SAMPLES[kind][1][source]()
    ported = fourfold.port_module(layer, target=target)
    outputs = []
    for one in (layer, ported):
        torch.manual_seed(3)
        outputs.append(one(input_for(kind)).as_subclass(torch.Tensor))
    assert torch.equal(*outputs)


BATCH_NORMS = [pair for pair in PAIRS if str(pair.values[0]).startswith("batch norm")]
STATISTICS = {
    **dict.fromkeys(("paddle", "fluid"), ("_mean", "_variance")),
    **dict.fromkeys(("torch.nn", "megengine", "oneflow"), ("running_mean", "running_var")),
}
# measured in Paddle 3.3.1 and 1.8.5, MegEngine 1.13.0 and OneFlow 0.9.0; test_live.py measures it again
BIASED = {"paddle", "fluid"}
MOMENTUM = {"batch norm of volumes": 0.3, "batch norm of planes": 0.2, "batch norm of lines": 0.1}


@pytest.mark.parametrize(("kind", "source", "target"), BATCH_NORMS)
def test_running_statistics_follow_two_batches_by_the_targets_rule(kind: str, source: str, target: Target) -> None:
    layer = SAMPLES[kind][1][source]()
    ported = fourfold.port_module(layer, target=target)
    x = input_for(kind)
    for step in (1, 2):
        assert_close(ported(x * step), layer(x * step))
    note = plan_module(layer, target=target).layers[0].note
    if kind == "batch norm by batch":
        assert "running variances" not in note
        return
    share = MOMENTUM[kind]
    mean, variance = torch.zeros(4), torch.ones(4)
    for step in (1, 2):
        values = (x * step).transpose(0, 1).flatten(1)
        mean = (1 - share) * mean + share * values.mean(1)
        variance = (1 - share) * variance + share * values.var(1, correction=target not in BIASED)
    found = {**dict(nn.Module.named_parameters(ported)), **dict(nn.Module.named_buffers(ported))}
    assert_close(*(torch.flatten(found[name]) for name in STATISTICS[target]), mean, variance)
    assert ("running variances follow" in note) == ((source in BIASED) != (target in BIASED))


@pytest.mark.parametrize(("source", "target"), [("torch.nn", "paddle"), ("paddle", "oneflow")])
def test_tensors_that_are_new_are_of_the_layers_dtype_and_device(source: str, target: Target) -> None:
    kind = "batch norm by batch" if source == "torch.nn" else "batch norm of volumes"
    layer = nn.Module.to(SAMPLES[kind][1][source](), device=torch.device("meta"), dtype=torch.float64)
    ported = fourfold.port_module(layer, target=target)
    found = [*nn.Module.named_parameters(ported), *nn.Module.named_buffers(ported)]
    assert {(one.device.type, one.dtype) for name, one in found if "num_batches" not in name} == {
        ("meta", torch.float64)
    }
    assert {one.device.type for _, one in found} == {"meta"}


@pytest.mark.parametrize(
    ("layer", "target", "expected"),
    [
        pytest.param(SAMPLES["batch norm by batch"][1]["torch.nn"](), "paddle", ["_mean", "_variance"], id="paddle"),
        pytest.param(
            nn.BatchNorm3d(4, affine=False, track_running_stats=False), "paddle", ["_mean", "_variance"], id="no-others"
        ),
        pytest.param(paddle.BatchNorm3D(4), "torch.nn", ["num_batches_tracked"], id="torch.nn"),
        pytest.param(paddle.BatchNorm3D(4), "oneflow", ["num_batches_tracked"], id="oneflow"),
    ],
)
def test_tensors_that_are_new_have_the_values_that_their_class_begins_with(
    layer: nn.Module, target: Target, expected: list[str]
) -> None:
    values: dict[str, Any] = {"_mean": [0.0] * 4, "_variance": [1.0] * 4, "num_batches_tracked": 0}
    state = fourfold.port_module(layer, target=target).state_dict()
    assert {name: state[name].tolist() for name in expected} == {name: values[name] for name in expected}


def test_oneflows_statistics_of_instances_are_left_out() -> None:
    layer = oneflow.InstanceNorm3d(4, affine=True, track_running_stats=True)
    ported = fourfold.port_module(layer, target="torch.nn")
    assert list(ported.state_dict()) == ["weight", "bias"]
    note = "running_mean, running_var left out: nothing reads them"
    assert plan_module(layer, target="torch.nn").layers[0].note == note
