"""fluid layers are torch modules: compile, fx, optimizers, copies, files."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from tests.versions import traces_parameters

from fourfold.frontends.paddle import fluid, fluid_1_8

X = torch.randint(-4, 5, (1, 4, 3, 3, 3), generator=torch.Generator().manual_seed(0)).float()


@pytest.fixture(params=[fluid, fluid_1_8], ids=["documented", "released"])
def layer(request: pytest.FixtureRequest) -> Any:
    weight = fluid.initializer.NumpyArrayInitializer(np.arange(648.0).reshape(4, 6, 3, 3, 3) % 7 - 3)
    return request.param.dygraph.Conv3DTranspose(4, 6, 3, param_attr=weight, bias_attr=True, stride=2, act="leaky_relu")


@traces_parameters
def test_compiles_whole_with_a_plain_tensor(layer: Any) -> None:
    torch._dynamo.reset()
    compiled: Any = torch.compile(layer, fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(X), layer(X))


@traces_parameters
def test_compiles_whole_with_a_fluid_tensor(layer: Any) -> None:
    torch._dynamo.reset()
    x = fluid.dygraph.to_variable(X.numpy())
    compiled: Any = torch.compile(layer, fullgraph=True, backend="eager")
    assert torch.equal(compiled(x), layer(x))


def test_traces_with_fx(layer: Any) -> None:
    traced = torch.fx.symbolic_trace(torch.nn.Sequential(layer))
    assert torch.equal(traced(X), layer(X))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_copies_are_equal_and_independent(layer: Any, duplicate: Any) -> None:
    other = duplicate(layer)
    assert torch.equal(other(X), layer(X))
    with torch.no_grad():
        torch.nn.init.zeros_(other.weight)
    assert layer.weight.numpy().any()
    assert list(other.state_dict()) == ["weight", "bias"]


def test_state_survives_a_file(layer: Any) -> None:
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other = type(layer)(4, 6, 3, bias_attr=True, stride=2, act="leaky_relu")
    other.set_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(X), layer(X))


def test_an_optimizer_steps_against_the_gradient(layer: Any) -> None:
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
    before = layer.weight.numpy().copy()
    layer(X).sum().backward()
    optimizer.step()
    assert np.array_equal(layer.weight.numpy(), before - np.float32(0.5) * layer.weight.gradient())


def test_to_moves_every_parameter(layer: Any) -> None:
    layer.to(dtype="float64")
    assert {item.dtype for item in layer.parameters()} == {torch.float64}
    assert layer(X.double()).dtype == torch.float64


def test_torchs_state_dict_arguments_work_inside_a_torch_module(layer: Any) -> None:
    assert list(torch.nn.Sequential(layer).state_dict()) == ["0.weight", "0.bias"]


def test_functional_call_replaces_parameters(layer: Any) -> None:
    zeros = {name: torch.zeros_like(item) for name, item in layer.named_parameters()}
    assert torch.func.functional_call(layer, zeros, (X,)).abs().sum() == 0


@pytest.mark.parametrize("package", [fluid, fluid_1_8], ids=["documented", "released"])
def test_first_and_second_derivatives_match_differences(package: Any) -> None:
    layer = package.dygraph.Conv3DTranspose(1, 2, (1, 2, 2), stride=2, dtype="float64", bias_attr=True, act="tanh")
    x = X[:, :1, :1, :2, :2].double().requires_grad_()
    assert torch.autograd.gradcheck(layer, (x,))
    assert torch.autograd.gradgradcheck(layer, (x,))
