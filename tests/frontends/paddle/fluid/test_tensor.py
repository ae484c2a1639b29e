"""fluid's VarBase: its numbers and copies, where recorded calls cannot show them."""

from __future__ import annotations

import copy
import importlib
import pickle
from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends.paddle import fluid as package
from fourfold.frontends.paddle import fluid_1_8
from fourfold.frontends.paddle.fluid.names import RELEASED
from fourfold.frontends.paddle.fluid.tensor import ParamBase, VarBase

fluid: Any = package


def variable(*values: float, dtype: str = "float32") -> Any:
    return fluid.dygraph.to_variable(np.array(values, dtype))


def test_operations_on_parameters_alone_give_fluid_s_tensors() -> None:
    layer = fluid.dygraph.Linear(2, 2)
    assert type(layer.weight) is ParamBase
    assert type(layer.weight + layer.bias) is VarBase


def test_an_array_that_was_read_before_a_step_stays() -> None:
    layer = fluid.dygraph.Linear(1, 1, bias_attr=False)
    before = layer.weight.numpy()
    kept = before.copy()
    fluid.layers.mean(layer(variable(1.0).__getitem__(slice(None)))).backward()
    fluid.optimizer.SGD(0.5, layer.parameters()).minimize(fluid.layers.mean(layer(variable(1.0))))
    np.testing.assert_array_equal(before, kept)
    assert (layer.weight.numpy() != kept).all()


def test_assignment_with_an_operator_leaves_other_names_alone() -> None:
    x = variable(1.0, 2.0)
    skip = x
    x += 1
    assert (skip.numpy().tolist(), x.numpy().tolist()) == ([1.0, 2.0], [2.0, 3.0])


@pytest.mark.parametrize(
    "copied",
    [
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda each: pickle.loads(pickle.dumps(each)), id="pickle"),
    ],
)
def test_parameters_and_rows_are_copied(copied: Any) -> None:
    layer = copied(fluid.dygraph.Conv2D(1, 1, 1, act="relu"))
    assert type(layer) is fluid.dygraph.Conv2D
    assert type(layer.weight) is ParamBase
    assert copied(fluid.layers.relu) is fluid.layers.relu


@pytest.mark.parametrize("name", ["layers", "initializer", "dygraph", "dygraph.nn", "optimizer", "framework"])
def test_modules_of_1_8_are_imported_as_any(name: str) -> None:
    module = importlib.import_module(f"fourfold.frontends.paddle.fluid_1_8.{name}")
    assert module.__all__
    with pytest.raises(AttributeError, match="as fourfold serves it has no 'nothing'"):
        _ = module.nothing


def test_both_fluids_share_all_but_the_transposed_convolution() -> None:
    one, other = fluid.dygraph, fluid_1_8.dygraph
    unlike = [name for name in one.__all__ if getattr(one, name) is not getattr(other, name)]
    # modules are modules of their own
    assert [name for name in unlike if isinstance(getattr(one, name), type)] == ["Conv3DTranspose"]


def test_operators_compile_whole() -> None:
    # dynamo traces what stands in fluid's operators, for these tensors too
    def network(x: Any, y: Any) -> Any:
        return fluid.layers.relu(x + y * 2 - 1) / 3 + fluid.layers.elementwise_add(x, y, act="tanh")

    x, y = variable(1.0, -2.0), variable(0.5, 3.0)
    compiled = torch.compile(network, fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(x, y), network(x, y))


def test_torch_s_optimizers_train_fluid_s_layers() -> None:
    layer = fluid.dygraph.Linear(1, 1, bias_attr=False)
    layer.weight.set_value(np.ones((1, 1), "float32"))
    optimizer = torch.optim.SGD(layer.parameters(), 0.5, momentum=0.5)
    fluid.layers.mean(layer(variable(1.0))).backward()
    optimizer.step()
    assert layer.weight.numpy().tolist() == [[0.5]]


TORCHS = {"as_subclass", "data", "device", "grad", "grad_fn", "is_distributed", "is_leaf", "requires_grad"}


@pytest.mark.parametrize("kind", [VarBase, ParamBase])
def test_public_names_are_those_that_1_8_5_records_and_what_torchs_loops_ask_for(kind: Any) -> None:
    x = kind(torch.ones(2))
    answered = {name for name in dir(torch.Tensor) + dir(kind) + dir(x) if name[0] != "_" and hasattr(x, name)}
    parameters = {"do_model_average", "need_clip", "optimize_attr", "regularizer", "trainable"}
    # a variable's block is a program's, and not served
    recorded = {name for name in RELEASED.members("core.VarBase") if name[0] != "_"} - {"block"}
    extra = {"tensor_type", *parameters} if kind is ParamBase else set()
    assert answered - {"operators", "parameter_type", "traced"} == recorded | TORCHS | extra


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("cast", "fluid.layers.cast, astype"),
        ("sum", "fluid.layers.reduce_sum"),
        ("mul_", "fluid.layers.mul"),
        ("item", "numpy"),
        ("block", ""),
    ],
)
def test_a_name_that_1_8_has_not_is_an_error_that_says_what_it_has(name: str, nearest: str) -> None:
    x = variable(1.0)
    with pytest.raises(AttributeError, match=rf"fluid\.core\.VarBase\.{name} is not served by fourfold.*{nearest}"):
        getattr(x, name)


@pytest.mark.parametrize("name", ["abs(x)", "x @ x", "x & x", "~x", "2 % x", "x.__setitem__(0, 1)"])
def test_an_operator_that_1_8_has_not_is_a_type_error(name: str) -> None:
    with pytest.raises(TypeError, match=r"VarBase (has no|does not support)"):
        eval(name, {"x": variable(1.0, 2.0)})


def test_torchs_own_code_finds_torchs_methods_and_operators() -> None:
    layer: Any = torch.nn.utils.parametrizations.orthogonal(fluid.dygraph.Linear(2, 2))
    optimizer = torch.optim.AdamW(layer.parameters())
    before = layer.weight.numpy()
    loss = fluid.layers.mean(layer(torch.nn.functional.normalize(variable(3.0, 4.0)[None], dim=1)))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
    optimizer.step()
    assert (layer.weight.numpy() != before).all()


def test_what_is_printed_is_what_1_8_prints() -> None:
    x = fluid.dygraph.to_variable(np.array([[1, 2.5, 1 / 3]], "float32"), name="x")
    # recorded in 1.8.5
    expected = (
        "name x, dtype: VarType.FP32 shape: [1, 3] \tlod: {}\n\tdim: 1, 3\n\tlayout: NCHW\n\tdtype: float\n"
        "\tdata: [1 2.5 0.333333]\n"
    )
    assert str(x) == expected


def test_a_default_device_of_torch_changes_nothing_of_that() -> None:
    x = variable(1.0)
    torch.set_default_device("cpu")  # a mode, which stands between the user and the tensor
    try:
        with pytest.raises(TypeError, match="does not support item assignment"):
            x[0] = 2.0
    finally:
        torch.set_default_device(None)
