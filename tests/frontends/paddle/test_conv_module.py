"""`paddle.nn.Conv3DTranspose` as a torch module: copies, pickles, compilers, optimizers."""

from __future__ import annotations

import copy
import io
import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from tests.versions import traces_parameters

from fourfold.frontends import paddle
from fourfold.frontends.paddle.nn import Conv3DTranspose
from fourfold.frontends.paddle.tensor import Parameter


def volume(*shape: int) -> torch.Tensor:
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape) % 7 - 3


def test_plain_input_gives_a_plain_output_and_a_paddle_input_a_paddle_one() -> None:
    layer = Conv3DTranspose(1, 1, 1)
    assert type(layer(torch.ones(1, 1, 1, 1, 1))) is torch.Tensor
    assert type(layer(paddle.to_tensor(np.ones((1, 1, 1, 1, 1), "float32")))) is paddle.Tensor


def test_deepcopy_renames_parameters_and_keeps_the_rest() -> None:
    layer = Conv3DTranspose(1, 1, 1, weight_attr=paddle.ParamAttr(learning_rate=0.5))
    twin = copy.deepcopy(layer)
    assert twin.full_name() == layer.full_name()
    assert twin.weight.name == "conv3d_transpose_0.w_0_deepcopy_0"  # measured: name + _deepcopy_ + a counter
    assert torch.equal(twin.weight, layer.weight)
    assert twin.weight.optimize_attr == {"learning_rate": 0.5}
    assert twin.weight.data_ptr() != layer.weight.data_ptr()


def test_pickling_keeps_names_attributes_and_values() -> None:
    layer = Conv3DTranspose(1, 2, 1, weight_attr=paddle.ParamAttr(trainable=False))
    twin = pickle.loads(pickle.dumps(layer))
    assert (twin.weight.name, twin.weight.trainable) == ("conv3d_transpose_0.w_0", False)
    assert torch.equal(twin.weight, layer.weight)
    assert repr(twin) == repr(layer)


def test_state_dict_loads_with_weights_only() -> None:
    layer = Conv3DTranspose(1, 1, 1, weight_attr=paddle.regularizer.L2Decay(0.1))
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    loaded = torch.load(file, weights_only=True)
    assert torch.equal(loaded["weight"], layer.weight)
    assert loaded["weight"].regularizer.coeff == 0.1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"padding": [0, 1, 1, 1, 1, 0], "output_padding": 1}, id="six"),
        pytest.param({"padding": "SAME"}, id="same"),
        pytest.param({"data_format": "NDHWC"}, id="ndhwc"),
    ],
)
@traces_parameters
def test_compiles_whole(arguments: dict[str, Any]) -> None:
    layer = Conv3DTranspose(2, 2, 3, stride=2, **arguments)
    x = volume(1, 2, 2, 2, 2)
    assert torch.equal(torch.compile(layer, fullgraph=True, backend="aot_eager")(x), layer(x))


@traces_parameters
def test_compiles_whole_on_a_paddle_tensor() -> None:
    layer = Conv3DTranspose(2, 2, 3)
    x = paddle.to_tensor(volume(1, 2, 2, 2, 2).numpy())
    output = torch.compile(layer, fullgraph=True, backend="eager")(x, output_size=4)
    assert type(output) is paddle.Tensor
    assert torch.equal(output, layer(x))


def test_symbolic_tracing_sees_one_call() -> None:
    traced = torch.fx.symbolic_trace(Conv3DTranspose(2, 2, 3, padding="SAME"))
    calls = [node.target for node in traced.graph.nodes if node.op == "call_function"]
    assert calls == [paddle.nn.functional.conv3d_transpose]


def test_an_optimizer_step_trains_it() -> None:
    layer = Conv3DTranspose(1, 1, 1, weight_attr=paddle.nn.initializer.Constant(1.0), bias_attr=False)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
    layer(torch.ones(1, 1, 1, 1, 1)).sum().backward()
    optimizer.step()
    assert layer.weight.item() == 0.5
    assert type(layer.weight) is Parameter
    optimizer.zero_grad()
    assert layer.weight.grad is None


def test_nested_in_a_torch_module_it_saves_and_loads() -> None:
    model = torch.nn.Sequential(Conv3DTranspose(1, 2, 2), torch.nn.BatchNorm3d(2))
    state = model.state_dict()
    assert list(state)[:3] == ["0.weight", "0.bias", "1.weight"]
    assert not state["0.weight"].requires_grad
    assert str(model.load_state_dict(state)) == "<All keys matched successfully>"


def test_functional_call_takes_other_parameters() -> None:
    layer = Conv3DTranspose(1, 1, 1, bias_attr=False)
    output = torch.func.functional_call(layer, {"weight": torch.full((1, 1, 1, 1, 1), 4.0)}, torch.ones(1, 1, 1, 1, 1))
    assert output.item() == 4.0


def test_works_on_the_meta_device() -> None:
    layer = Conv3DTranspose(2, 4, 3, stride=2).to("meta")
    assert layer(torch.empty(1, 2, 3, 3, 3, device="meta")).shape == (1, 4, 7, 7, 7)
    assert "place=Place(meta)" in repr(layer.weight)
