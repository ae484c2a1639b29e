"""torch's tools on OneFlow's layer: it is a `torch.nn.Module` like any other."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import pytest
import torch
from tests.operands import integers
from tests.versions import traces_parameters

import fourfold.frontends.oneflow as flow
from fourfold.frontends.oneflow import nn


@pytest.fixture
def layer() -> nn.ConvTranspose3d:
    made = nn.ConvTranspose3d(4, 6, 3, 2, 1, 5, groups=2)
    made.load_state_dict({name: integers(tuple(value.shape), 1) for name, value in made.named_parameters()})
    return made


@pytest.fixture
def x() -> torch.Tensor:
    volume: torch.Tensor = integers((2, 4, 3, 4, 3), 2)
    return volume


@pytest.mark.parametrize("dynamic", [False, True], ids=["static", "dynamic"])
@traces_parameters
def test_compiles_in_one_graph(layer: nn.ConvTranspose3d, x: torch.Tensor, dynamic: bool) -> None:
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager", dynamic=dynamic)
    output = compiled(x)
    assert torch.equal(output, layer(x))
    gradients = torch.autograd.grad(output.sum(), list(layer.parameters()))
    wanted = torch.autograd.grad(layer(x).sum(), list(layer.parameters()))
    assert all(torch.equal(got, want) for got, want in zip(gradients, wanted, strict=True))


@traces_parameters
def test_compiles_in_one_graph_with_a_oneflow_tensor(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    def flattened(volume: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = layer(volume)
        return output.reshape(output.shape[0], -1)

    made = torch.compile(flattened, fullgraph=True, backend="eager")(flow.tensor(x))
    assert type(made) is flow.Tensor
    assert type(made.shape) is flow.Size
    assert torch.equal(made, flattened(flow.tensor(x)))


@traces_parameters
def test_exports_with_dynamic_batch_and_depth(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    dims = ({0: torch.export.Dim("batch"), 2: torch.export.Dim("depth")},)
    program = torch.export.export(layer, (x,), dynamic_shapes=dims)
    other = integers((3, 4, 5, 4, 3), 3)
    assert torch.equal(program.module()(other), layer(other))


def test_fx_traces_one_call(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    traced = torch.fx.symbolic_trace(layer)
    assert [node.target for node in traced.graph.nodes if node.op == "call_function"] == [
        nn.functional.conv_transpose3d
    ]
    assert torch.equal(traced(x), layer(x))


@pytest.mark.parametrize("convert", [torch.Tensor.clone, flow.tensor], ids=["torch", "oneflow"])
def test_vmap_adds_a_batch(layer: nn.ConvTranspose3d, convert: Any) -> None:
    volumes = convert(integers((3, 1, 4, 2, 3, 2), 4))
    assert torch.equal(torch.func.vmap(layer)(volumes), torch.stack([layer(volume) for volume in volumes]))


def test_gradcheck_of_both_orders() -> None:
    flow.manual_seed(0)
    layer = nn.ConvTranspose3d(2, 2, 2, 2, 1, 3, groups=2).double()
    x = torch.randn(1, 2, 2, 1, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (x,))
    assert torch.autograd.gradgradcheck(layer, (x,))


def test_autocast_decides_the_dtype(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(x).dtype == torch.bfloat16


def test_meta_tensors_give_shapes(layer: nn.ConvTranspose3d) -> None:
    output = layer.to("meta")(flow.empty(2, 4, 3, 3, 3, device="meta"))
    assert repr(output.shape) == "oneflow.Size([2, 6, 10, 10, 10])"


def test_channels_last_3d_stays(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    output = layer(x.contiguous(memory_format=torch.channels_last_3d))
    assert output.is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(output, layer(x))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["copy", "pickle"])
def test_copies_of_the_layer_are_independent_and_equal(
    layer: nn.ConvTranspose3d, x: torch.Tensor, duplicate: Any
) -> None:
    made = duplicate(layer)
    assert torch.equal(made(x), layer(x))
    assert type(made.weight) is nn.Parameter
    assert made.weight.data_ptr() != layer.weight.data_ptr()


def test_state_dict_survives_a_weights_only_load(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other = nn.ConvTranspose3d(4, 6, 3, 2, 1, 5, groups=2)
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(x), layer(x))


def test_nested_in_a_torch_module_it_saves_and_loads(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    source, target = torch.nn.Sequential(layer), torch.nn.Sequential(nn.ConvTranspose3d(4, 6, 3, 2, 1, 5, groups=2))
    target.load_state_dict(source.state_dict())
    assert torch.equal(target(x), source(x))


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam], ids=["sgd", "adam"])
def test_optimizer_step_equals_torch_layer_s(optimizer: Any, x: torch.Tensor) -> None:
    ours, theirs = nn.ConvTranspose3d(4, 6, 3, 2), torch.nn.ConvTranspose3d(4, 6, 3, 2)
    theirs.load_state_dict(ours.state_dict())
    for net in (ours, theirs):
        step = optimizer(net.parameters(), lr=0.5)
        net(x).sum().backward()
        step.step()
    assert torch.equal(ours.weight, theirs.weight)
    assert type(ours.weight) is nn.Parameter


def test_hooks_run(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    seen: list[str] = []
    layer.register_forward_pre_hook(lambda *_: seen.append("before"))
    layer.register_forward_hook(lambda *_: seen.append("after"))
    layer.register_full_backward_hook(lambda *_: seen.append("gradient"))
    layer(x.requires_grad_()).sum().backward()
    assert seen == ["before", "after", "gradient"]


def test_functional_call_replaces_the_parameters(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    doubled = {name: value.detach() * 2 for name, value in layer.named_parameters()}
    assert torch.equal(torch.func.functional_call(layer, doubled, (x,)), layer(x) * 2)


@traces_parameters
def test_inductor_agrees(layer: nn.ConvTranspose3d, x: torch.Tensor) -> None:
    assert torch.equal(torch.compile(layer, fullgraph=True)(x), layer(x))
