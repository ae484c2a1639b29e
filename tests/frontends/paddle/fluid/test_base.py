"""guard, to_variable, no_grad, places."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends.paddle import fluid
from fourfold.frontends.paddle.fluid.tensor import VarBase

base = fluid.dygraph.base
to_variable = fluid.dygraph.to_variable


@pytest.mark.parametrize("name", ["guard", "no_grad", "to_variable"])
def test_names_have_two_paths(name: str) -> None:
    assert getattr(fluid.dygraph, name) is getattr(base, name)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (base.guard, {"place": None}),
        (base.no_grad, {"func": None}),
        (base.to_variable, {"value": inspect.Parameter.empty, "name": None, "zero_copy": None}),
    ],
)
def test_signatures(function: Any, expected: dict[str, Any]) -> None:
    found = {name: item.default for name, item in inspect.signature(function).parameters.items()}
    assert list(found.items()) == list(expected.items())


def test_guard_counts_from_zero_each_time() -> None:
    with fluid.dygraph.guard():
        first = fluid.dygraph.Conv3DTranspose(1, 1, 1, param_attr="w").full_name()
    with fluid.dygraph.guard(fluid.CPUPlace()):
        second = fluid.dygraph.Conv3DTranspose(1, 1, 1, param_attr="w").full_name()
    assert first == second == "conv3d_transpose_0"


def test_guard_decides_where_parameters_and_variables_live() -> None:
    with fluid.dygraph.guard(torch.device("meta")):
        layer = fluid.dygraph.Conv3DTranspose(4, 6, 3)
        x = to_variable(np.ones((1, 4, 3, 3, 3), "float32"))
    assert {layer.weight.device.type, layer.bias.device.type, x.device.type, layer(x).device.type} == {"meta"}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_an_error() -> None:
    assert fluid.is_compiled_with_cuda() is False
    with pytest.raises(fluid.core.EnforceNotMet, match="Cannot use GPU"), fluid.dygraph.guard(fluid.CUDAPlace(0)):
        pass


def test_a_place_must_be_one() -> None:
    with pytest.raises(ValueError, match="place=3"), fluid.dygraph.guard(3):
        pass


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool", "complex64"])
def test_to_variable_keeps_values_dtype_and_shape(dtype: str) -> None:
    array = np.array([[0, 1], [1, 0]]).astype(dtype)
    variable = to_variable(array)
    assert type(variable) is VarBase
    assert variable.stop_gradient
    assert variable.numpy().dtype == array.dtype
    assert np.array_equal(variable.numpy(), array)


@pytest.mark.parametrize(("zero_copy", "shared"), [(None, True), (True, True), (False, False)])
def test_zero_copy_decides_whether_memory_is_shared(zero_copy: bool | None, shared: bool) -> None:
    array = np.zeros(2, "float32")
    variable = to_variable(array, zero_copy=zero_copy)
    array[0] = 5
    assert (variable[0].numpy().item() == 5) is shared


@pytest.mark.parametrize(
    "array", [np.arange(3.0)[::-1], np.broadcast_to(np.arange(3.0), (2, 3))], ids=["backwards", "read-only"]
)
def test_memory_that_torch_cannot_share_is_copied(array: Any) -> None:
    assert np.array_equal(to_variable(array).numpy(), array)


def test_zero_copy_is_for_the_cpu() -> None:
    with fluid.dygraph.guard(torch.device("meta")), pytest.raises(AssertionError, match="zero_copy"):
        to_variable(np.ones(1), zero_copy=True)


def test_a_variable_is_returned_as_it_is_and_takes_a_name() -> None:
    variable = to_variable(np.ones(1), name="x")
    assert variable.name == "x"
    assert to_variable(variable) is variable


def test_a_plain_tensor_becomes_a_variable_with_its_graph() -> None:
    x = torch.ones(1, requires_grad=True)
    to_variable(x * 3).backward()
    assert x.grad is not None
    assert x.grad.item() == 3.0


@pytest.mark.parametrize("value", [[1, 2], 1.0, None, "a", np.array(["a"])], ids=str)
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="The type of input value is invalid"):
        to_variable(value)


def test_no_grad_is_a_context_and_a_decorator() -> None:
    layer = fluid.dygraph.Conv3DTranspose(1, 1, 1)
    x = torch.ones(1, 1, 1, 1, 1)

    @fluid.dygraph.no_grad
    def run() -> Any:
        return layer(x)

    with fluid.dygraph.no_grad():
        inside = layer(x)
    assert (run().requires_grad, inside.requires_grad, layer(x).requires_grad) == (False, False, True)


@pytest.mark.parametrize("name", ["L1Decay", "L2Decay"])
def test_regularizers_have_fluids_argument_and_text(name: str) -> None:
    kind = getattr(fluid.regularizer, name)
    assert kind is getattr(fluid.regularizer, f"{name}Regularizer")
    assert list(inspect.signature(kind).parameters) == ["regularization_coeff"]
    assert kind(regularization_coeff=0.1)._regularization_coeff == 0.1
    assert str(kind(0.1)) == repr(kind(0.1)) == f"{name}, regularization_coeff=0.100000"


def test_param_attr_has_fluids_signature() -> None:
    assert list(inspect.signature(fluid.ParamAttr).parameters) == [
        "name",
        "initializer",
        "learning_rate",
        "regularizer",
        "trainable",
        "do_model_average",
    ]
