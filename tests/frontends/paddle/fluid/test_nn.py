"""Conv3DTranspose, documented and released: signature, attributes, parameters, initial values."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from fourfold.frontends.paddle import fluid, fluid_1_8
from fourfold.frontends.paddle.tensor import Parameter

Documented = fluid.dygraph.Conv3DTranspose
Released = fluid_1_8.dygraph.Conv3DTranspose
EnforceNotMet = fluid.core.EnforceNotMet
both = pytest.mark.parametrize("kind", [Documented, Released], ids=["documented", "released"])


# -- signatures, names, attributes --------------------------------------------------------------------------------


def test_documented_signature() -> None:
    found = {name: item.default for name, item in inspect.signature(Documented).parameters.items()}
    required = inspect.Parameter.empty
    assert list(found.items()) == [
        ("num_channels", required),
        ("num_filters", required),
        ("filter_size", required),
        ("output_size", None),
        ("padding", 0),
        ("stride", 1),
        ("dilation", 1),
        ("groups", None),
        ("param_attr", None),
        ("bias_attr", None),
        ("use_cudnn", True),
        ("act", None),
        ("name", None),
        ("dtype", "float32"),
    ]


def test_released_signature() -> None:
    found = {name: item.default for name, item in inspect.signature(Released).parameters.items()}
    required = inspect.Parameter.empty
    assert list(found.items()) == [
        ("num_channels", required),
        ("num_filters", required),
        ("filter_size", required),
        ("padding", 0),
        ("stride", 1),
        ("dilation", 1),
        ("groups", None),
        ("param_attr", None),
        ("bias_attr", None),
        ("use_cudnn", True),
        ("act", None),
        ("dtype", "float32"),
    ]


@both
def test_forward_takes_the_input_alone(kind: Any) -> None:
    assert list(inspect.signature(kind.forward).parameters) == ["self", "input"]


@pytest.mark.parametrize("package", [fluid, fluid_1_8], ids=["documented", "released"])
def test_the_layer_has_two_paths(package: Any) -> None:
    assert package.dygraph.Conv3DTranspose is package.dygraph.nn.Conv3DTranspose


def test_both_packages_have_the_same_names() -> None:
    assert fluid.__all__ == fluid_1_8.__all__
    assert fluid.dygraph.__all__ == fluid_1_8.dygraph.__all__


@both
def test_attributes_are_those_of_1_8_5(kind: Any) -> None:
    layer = kind(4, 6, (3, 2, 1), padding=1, stride=(1, 2, 2), dilation=2, groups=2, act="relu", use_cudnn=False)
    assert (layer._num_channels, layer._num_filters, layer._groups) == (4, 6, 2)
    assert (layer._filter_size, layer._padding) == ([3, 2, 1], [1, 1, 1])
    assert (layer._stride, layer._dilation) == ([1, 2, 2], [2, 2, 2])
    assert (layer._act, layer._use_cudnn, layer._dtype) == ("relu", False, "float32")
    assert (layer._param_attr, layer._bias_attr, layer.training) == (None, None, True)


@both
def test_groups_none_is_one(kind: Any) -> None:
    assert kind(4, 6, 3)._groups == 1


def test_positional_arguments_mean_what_each_signature_says() -> None:
    documented = Documented(4, 6, 3, None, 1, 2)
    released = Released(4, 6, 3, 1, 2)
    assert (documented._padding, documented._stride) == (released._padding, released._stride) == ([1] * 3, [2] * 3)


@both
def test_parameters_have_fluids_names_shapes_and_dtypes(kind: Any) -> None:
    with fluid.dygraph.guard():
        kind(1, 1, 1)
        layer = kind(4, 6, (3, 2, 1), groups=2)
    assert layer.full_name() == "conv3d_transpose_1"
    assert [item.name for item in layer.parameters()] == ["conv3d_transpose_1.w_0", "conv3d_transpose_1.b_0"]
    assert [item.shape for item in layer.parameters()] == [[4, 3, 3, 2, 1], [6]]
    assert {item.dtype for item in layer.parameters()} == {torch.float32}
    assert all(isinstance(item, Parameter) and not item.stop_gradient for item in layer.parameters())


@both
def test_named_parameters_take_a_prefix(kind: Any) -> None:
    assert [name for name, _ in kind(1, 1, 1).named_parameters(prefix="p")] == ["p.weight", "p.bias"]


@both
def test_bias_attr_false_leaves_no_bias(kind: Any) -> None:
    layer = kind(1, 1, 1, bias_attr=False)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]


@both
@pytest.mark.parametrize(("dtype", "expected"), [("float32", torch.float32), ("float64", torch.float64)])
def test_dtype_is_that_of_parameters_and_output(kind: Any, dtype: str, expected: torch.dtype) -> None:
    layer = kind(1, 1, 1, dtype=dtype)
    assert {item.dtype for item in layer.parameters()} == {expected}
    assert layer(torch.ones(1, 1, 1, 1, 1, dtype=expected)).dtype == expected


@pytest.mark.parametrize(("dtype", "expected"), [("double", torch.float64), ("float16", torch.float16)])
def test_released_class_has_more_dtypes(dtype: str, expected: torch.dtype) -> None:
    assert Released(1, 1, 1, dtype=dtype).weight.dtype == expected


@both
def test_repr_is_pythons_own(kind: Any) -> None:
    layer = kind(1, 1, 1)
    assert repr(layer) == object.__repr__(layer)


@both
def test_train_and_eval_switch_the_mode_and_keep_gradients(kind: Any) -> None:
    layer = kind(1, 1, 1)
    assert layer.eval() is layer
    assert layer.training is False
    assert layer(torch.ones(1, 1, 1, 1, 1)).requires_grad
    assert layer.train() is layer
    assert layer.training is True


@both
def test_a_layer_has_no_sublayers(kind: Any) -> None:
    assert kind(1, 1, 1).sublayers() == []


# -- initial values -----------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("groups", [1, 4])
def test_weight_is_xavier_uniform_over_the_weights_own_fans(kind: Any, groups: int) -> None:
    torch.manual_seed(3)
    weight = kind(16, 32, 5, groups=groups).weight.numpy().ravel()
    # fan_in counts num_filters / groups, fan_out num_channels: measured in 1.8.5 for groups 2, 4 and 8
    limit = np.sqrt(6 / ((32 // groups + 16) * 125))
    assert stats.kstest(weight, stats.uniform(-limit, 2 * limit).cdf).pvalue > 1e-4


@both
def test_bias_is_zero(kind: Any) -> None:
    assert kind(4, 6, 3).bias.numpy().tolist() == [0.0] * 6


@both
def test_param_attr_reaches_the_parameter(kind: Any) -> None:
    decay = fluid.regularizer.L2Decay(0.1)
    attr = fluid.ParamAttr(
        name="up",
        initializer=fluid.initializer.Constant(2.0),
        learning_rate=0.5,
        regularizer=decay,
        trainable=False,
        do_model_average=False,
    )
    with fluid.dygraph.guard():
        weight = kind(1, 1, 1, param_attr=attr).weight
    assert (weight.name, weight.numpy().tolist(), weight.regularizer) == ("up", [[[[[2.0]]]]], decay)
    assert (weight.optimize_attr, weight.trainable, weight.stop_gradient) == ({"learning_rate": 0.5}, False, True)
    assert weight.do_model_average is False


@both
@pytest.mark.parametrize(
    "attr", [None, True, "", "b1", fluid.initializer.Constant(3.0), fluid.regularizer.L1Decay(1.0)]
)
def test_attributes_in_short_forms(kind: Any, attr: Any) -> None:
    with fluid.dygraph.guard():
        layer = kind(1, 1, 1, bias_attr=attr)
    expected = {
        "names": "b1" if attr == "b1" else f"{layer.full_name()}.b_0",
        "value": 3.0 if isinstance(attr, fluid.initializer.Constant) else 0.0,
    }
    assert {"names": layer.bias.name, "value": layer.bias.numpy().item()} == expected
