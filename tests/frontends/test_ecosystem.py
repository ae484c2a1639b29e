"""What torch's tools expect of a module holds for every front end's layer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch.distributed
from torch.nn.utils.parametrizations import orthogonal, spectral_norm
from torch.utils.checkpoint import checkpoint

from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.paddle import fluid, fluid_1_8
from fourfold.frontends.torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LAYERS: dict[str, Callable[[], Any]] = {
    "torch": lambda: nn.ConvTranspose3d(4, 6, 2, stride=2, groups=2),
    "paddle": lambda: paddle.nn.Conv3DTranspose(4, 6, 2, stride=2, groups=2),
    "fluid": lambda: fluid.dygraph.Conv3DTranspose(4, 6, 2, stride=2, groups=2),
    "fluid_1_8": lambda: fluid_1_8.dygraph.Conv3DTranspose(4, 6, 2, stride=2, groups=2, bias_attr=True),
    "megengine": lambda: megengine.module.ConvTranspose3d(4, 6, 2, stride=2, groups=2),
    "oneflow": lambda: oneflow.nn.ConvTranspose3d(4, 6, 2, stride=2, groups=2),
}
INPUT = torch.arange(2 * 4 * 8.0).reshape(2, 4, 2, 2, 2)


@pytest.fixture(params=LAYERS)
def layer(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(0)
    return LAYERS[request.param]()


@pytest.fixture(scope="module")
def process_group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    rendezvous: Path = tmp_path_factory.mktemp("group") / "store"
    torch.distributed.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def gradients(layer: Any) -> list[Any]:
    found = [parameter.grad.tolist() for parameter in layer.parameters()]
    layer.zero_grad()
    return found


@pytest.mark.usefixtures("process_group")
def test_distributed_data_parallel_gives_the_same_gradients(layer: Any) -> None:
    layer(INPUT).square().sum().backward()
    expected = gradients(layer)
    wrapped = torch.nn.parallel.DistributedDataParallel(layer)
    wrapped(INPUT).square().sum().backward()
    assert gradients(layer) == expected


def test_functional_call_and_per_sample_gradients(layer: Any) -> None:
    with torch.no_grad():
        for parameter in layer.parameters():  # small integers: every sum below is exact, in any order
            torch.Tensor.copy_(parameter, torch.randint(-2, 3, tuple(parameter.shape)))
    layer(INPUT).square().sum().backward()
    parameters = {name: parameter.detach().as_subclass(torch.Tensor) for name, parameter in layer.named_parameters()}

    def loss(values: dict[str, torch.Tensor], volume: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = torch.func.functional_call(layer, values, (volume.unsqueeze(0),))
        return output.square().sum()

    each = torch.vmap(torch.func.grad(loss), in_dims=(None, 0))(parameters, INPUT)
    for name, parameter in layer.named_parameters():
        assert torch.equal(each[name].sum(0), parameter.grad.as_subclass(torch.Tensor))


def test_activation_checkpointing_gives_the_same_gradients(layer: Any) -> None:
    layer(INPUT).square().sum().backward()
    expected = gradients(layer)
    checkpoint(layer, INPUT, use_reentrant=False).square().sum().backward()
    assert gradients(layer) == expected


@pytest.mark.parametrize(
    "normalise",
    [
        # test_module.py says over which axis; 2 is one that every layout has
        pytest.param(lambda layer: spectral_norm(layer, dim=2), id="spectral_norm"),
        pytest.param(orthogonal, id="orthogonal"),
    ],
)
def test_parametrizations_apply(layer: Any, normalise: Any) -> None:
    normalised: Any = normalise(layer)
    normalised(INPUT).sum().backward()
    assert normalised.parametrizations.weight.original.grad is not None


def test_checkpoints_load_with_weights_only(layer: Any) -> None:
    buffer = io.BytesIO()
    torch.save(torch.nn.Sequential(layer).state_dict(), buffer)
    buffer.seek(0)
    other = torch.nn.Sequential(type(layer)(4, 6, 2, stride=2, groups=2))
    other.load_state_dict(torch.load(buffer, weights_only=True))
    state, expected = other.state_dict(), torch.nn.Sequential(layer).state_dict()
    assert list(state) == list(expected)
    assert all(torch.equal(state[name], value) for name, value in expected.items())


def test_forward_hooks_see_the_call(layer: Any) -> None:
    shapes = []
    layer.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(output.shape)))
    layer(INPUT)
    assert shapes == [(2, 6, 4, 4, 4)]


def test_a_move_to_another_dtype_keeps_the_parameters(layer: Any) -> None:
    before = list(layer.parameters())
    layer.to(torch.float64)
    assert [now is then for now, then in zip(layer.parameters(), before, strict=True)] == [True] * len(before)
    assert layer(INPUT.double()).dtype == torch.float64
