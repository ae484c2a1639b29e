"""Conv3DTranspose, documented and released: signature, attributes, parameters, numbers, errors."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats

from fourfold.frontends.paddle import fluid, fluid_1_8
from fourfold.frontends.paddle.tensor import Parameter, Tensor

Documented = fluid.dygraph.Conv3DTranspose
Released = fluid_1_8.dygraph.Conv3DTranspose
EnforceNotMet = fluid.core.EnforceNotMet
both = pytest.mark.parametrize("kind", [Documented, Released], ids=["documented", "released"])


def integers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(-4, 5, shape, generator=torch.Generator().manual_seed(seed)).float()


def with_integers(layer: Any) -> Any:
    """Fill the parameters with small integers, so that every summation order gives the same result."""
    for seed, parameter in enumerate(layer.parameters()):
        parameter.set_value(integers(*parameter.shape, seed=seed))
    return layer


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
    assert kind(4, 6, 3).bias.tolist() == [0.0] * 6


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
    assert (weight.name, weight.tolist(), weight.regularizer) == ("up", [[[[[2.0]]]]], decay)
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
    assert {"names": layer.bias.name, "value": layer.bias.item()} == expected


# -- numbers ------------------------------------------------------------------------------------------------------

GEOMETRIES = [
    pytest.param({}, id="k3"),
    pytest.param({"stride": 2}, id="s2"),
    pytest.param({"stride": (1, 2, 3), "padding": (1, 0, 2)}, id="s123p102"),
    pytest.param({"dilation": 2, "padding": 1}, id="d2p1"),
    pytest.param({"groups": 2, "stride": 2, "padding": 1}, id="g2s2p1"),
    pytest.param({"stride": 2, "dilation": (2, 1, 3), "groups": 2}, id="s2d213g2"),
]


@both
@pytest.mark.parametrize("arguments", GEOMETRIES)
def test_output_and_gradients_equal_torchs_operator(kind: Any, arguments: dict[str, Any]) -> None:
    layer = with_integers(kind(4, 6, (3, 2, 3), bias_attr=True, **arguments))
    x, twin = integers(2, 4, 3, 4, 5, seed=9).requires_grad_(), integers(2, 4, 3, 4, 5, seed=9).requires_grad_()
    weight = layer.weight.detach().as_subclass(torch.Tensor).clone().requires_grad_()
    bias = layer.bias.detach().as_subclass(torch.Tensor).clone().requires_grad_()
    expected = F.conv_transpose3d(twin, weight, bias, **arguments)
    output = layer(x)
    slope = integers(*expected.shape, seed=10)
    torch.autograd.backward(output, slope)
    torch.autograd.backward(expected, slope)
    assert torch.equal(output, expected)
    assert twin.grad is not None
    assert x.grad is not None
    assert torch.equal(x.grad, twin.grad)
    assert np.array_equal(layer.weight.gradient(), weight.grad)
    assert np.array_equal(layer.bias.gradient(), bias.grad)


@both
def test_negative_padding_adds_zeros_before_the_bias(kind: Any) -> None:
    # Measured in Paddle 1.8.5, with a bias of 10: [10, 11, 11, 12, 11, 12, 11, 11, 10]
    one, ten = fluid.initializer.Constant(1.0), fluid.initializer.Constant(10.0)
    layer = kind(1, 1, (1, 1, 3), padding=(0, 0, -1), stride=2, param_attr=one, bias_attr=ten)
    assert layer(torch.ones(1, 1, 1, 1, 3)).flatten().tolist() == [10, 11, 11, 12, 11, 12, 11, 11, 10]


def test_output_size_extends_the_high_side() -> None:
    # Measured in Paddle 1.8.5's function, with a bias of 10: [11, 11, 12, 11, 12, 11, 11, 10]
    one, ten = fluid.initializer.Constant(1.0), fluid.initializer.Constant(10.0)
    layer = Documented(1, 1, (1, 1, 3), (1, 1, 8), stride=2, param_attr=one, bias_attr=ten)
    assert layer(torch.ones(1, 1, 1, 1, 3)).flatten().tolist() == [11, 11, 12, 11, 12, 11, 11, 10]


def test_output_size_equals_torchs_output_padding() -> None:
    layer = with_integers(Documented(4, 6, 3, output_size=(8, 7, 8), stride=2, padding=1))
    x = integers(1, 4, 4, 4, 4, seed=9)
    expected = F.conv_transpose3d(x, layer.weight, layer.bias, stride=2, padding=1, output_padding=(1, 0, 1))
    assert torch.equal(layer(x), expected.as_subclass(torch.Tensor))


@both
def test_activation_follows_the_bias(kind: Any) -> None:
    layer = kind(
        1, 1, 1, param_attr=fluid.initializer.Constant(1.0), bias_attr=fluid.initializer.Constant(-3.0), act="relu"
    )
    assert layer(torch.tensor([1.0, 5.0]).reshape(1, 1, 1, 1, 2)).flatten().tolist() == [0.0, 2.0]


@both
def test_a_fluid_tensor_gives_one_and_a_plain_tensor_a_plain_one(kind: Any) -> None:
    layer = kind(1, 1, 1, act="tanh")
    array = np.ones((1, 1, 1, 1, 1), "float32")
    assert type(layer(fluid.dygraph.to_variable(array))) is Tensor
    assert type(layer(torch.from_numpy(array))) is torch.Tensor


@both
def test_an_empty_batch_gives_an_empty_batch(kind: Any) -> None:
    assert kind(4, 6, 3)(torch.ones(0, 4, 3, 3, 3)).shape == (0, 6, 5, 5, 5)


@both
def test_padding_that_cuts_everything_gives_an_empty_output(kind: Any) -> None:
    assert kind(4, 6, 3, padding=(2, 0, 0))(torch.ones(1, 4, 2, 3, 3)).shape == (1, 6, 0, 5, 5)


@both
def test_attributes_may_be_edited(kind: Any) -> None:
    layer = kind(4, 6, 3)
    layer._stride, layer._act = [2, 2, 2], "relu"
    output = layer(torch.ones(1, 4, 3, 3, 3))
    assert output.shape == (1, 6, 7, 7, 7)
    assert output.min() >= 0


# -- the bias rules -----------------------------------------------------------------------------------------------


def bias_effect(kind: Any, attr: Any) -> tuple[float, bool]:
    """What a bias of 5 does to a zero, and whether it gets a gradient."""
    with fluid.dygraph.guard():
        layer = kind(1, 1, 1, bias_attr=attr)
    layer.bias.set_value(np.full(1, 5.0, "float32"))
    output = layer(torch.zeros(1, 1, 1, 1, 1))
    output.backward(torch.ones(1, 1, 1, 1, 1))
    return output.item(), layer.bias.grad is not None


ADDED = [True, "b1", fluid.ParamAttr(), fluid.initializer.Constant(1.0), fluid.regularizer.L2Decay(0.1)]


@pytest.mark.parametrize("attr", [None, "", *ADDED], ids=str)
def test_documented_class_adds_its_bias_unless_bias_attr_is_false(attr: Any) -> None:
    assert bias_effect(Documented, attr) == (5.0, True)


@pytest.mark.parametrize("attr", ADDED, ids=str)
def test_released_class_adds_a_bias_that_was_asked_for(attr: Any) -> None:
    assert bias_effect(Released, attr) == (5.0, True)


@pytest.mark.parametrize("attr", [None, ""])
def test_released_class_keeps_but_ignores_the_default_bias(attr: Any) -> None:
    assert bias_effect(Released, attr) == (0.0, False)


# -- errors -------------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param({"stride": 0}, ValueError, "stride=.* is 0 along depth", id="stride-0"),
        pytest.param({"stride": -1}, ValueError, "stride=.* is -1 along depth", id="stride-negative"),
        pytest.param({"dilation": 0}, ValueError, "dilation=.* is 0 along depth", id="dilation-0"),
        pytest.param({"groups": 0}, ValueError, "groups=0", id="groups-0"),
        pytest.param({"groups": 3}, ValueError, "in_channels=4 is not divisible by groups=3", id="channels-groups"),
        pytest.param({"groups": 4}, ValueError, "out_channels=6 is not divisible by groups=4", id="filters-groups"),
        pytest.param({"groups": 2.0}, TypeError, "groups=2.0", id="groups-float"),
        pytest.param({"filter_size": 0}, ValueError, "kernel_size", id="filter-0"),
        pytest.param({"filter_size": (3, 3)}, ValueError, "filter_size's length must be 3", id="filter-two"),
        pytest.param({"padding": "SAME"}, ValueError, "padding's length must be 3. Received: SAME", id="same"),
        pytest.param({"padding": [1] * 6}, ValueError, "padding's length must be 3", id="padding-six"),
        pytest.param({"stride": 2.0}, ValueError, "stride's type must be list or tuple", id="stride-float"),
        pytest.param({"use_cudnn": 1}, ValueError, "use_cudnn should be True or False", id="use_cudnn"),
        pytest.param({"param_attr": False}, AssertionError, "param_attr should not be False", id="no-weight"),
        pytest.param({"param_attr": 1}, TypeError, "<class 'int'> cast to ParamAttr", id="param_attr-int"),
        pytest.param({"bias_attr": 1.0}, TypeError, "<class 'float'> cast to ParamAttr", id="bias_attr-float"),
        pytest.param({"dtype": "int32"}, TypeError, "dtype is not float type", id="dtype-int32"),
        pytest.param({"dtype": "bfloat16"}, TypeError, "dtype is not float type", id="dtype-bfloat16"),
        pytest.param({"dtype": None}, TypeError, "dtype=None", id="dtype-none"),
        pytest.param({"num_channels": 0}, ValueError, "in_channels=0", id="channels-0"),
        pytest.param({"num_channels": 4.0}, TypeError, "num_channels=4.0", id="channels-float"),
        pytest.param({"num_filters": 0}, ValueError, "out_channels=0", id="filters-0"),
    ],
)
def test_constructor_refuses(kind: Any, arguments: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        kind(**{"num_channels": 4, "num_filters": 6, "filter_size": 3, **arguments})


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param({"filter_size": None}, ValueError, "filter_size's type must be list or tuple", id="no-filter"),
        pytest.param({"num_channels": None}, TypeError, "num_channels=None", id="no-channels"),
        pytest.param({"num_channels": "scope"}, TypeError, "num_channels='scope'", id="scope"),
        pytest.param({"output_size": 5}, TypeError, "unexpected keyword", id="output_size"),
        pytest.param({"name": "n"}, TypeError, "unexpected keyword", id="name"),
    ],
)
def test_released_class_refuses(arguments: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        Released(**{"num_channels": 4, "num_filters": 6, "filter_size": 3, **arguments})


@both
def test_a_parameter_name_can_be_used_once(kind: Any) -> None:
    with fluid.dygraph.guard():
        kind(1, 1, 1, param_attr="foo")
        with pytest.raises(ValueError, match=r"parameter name \[foo\] have be been used"):
            kind(1, 1, 1, param_attr="foo")


@both
@pytest.mark.parametrize(
    ("x", "match"),
    [
        pytest.param(torch.ones(4, 3, 3, 3), "dimension size of Op .conv_transpose. should be equal", id="4-D"),
        pytest.param(torch.ones(1, 5, 3, 3, 3), "number of input channels should be equal to filter channels", id="C"),
        pytest.param(torch.ones(1, 4, 3, 3, 3).double(), "holds float32, but desires to be float64", id="float64"),
        pytest.param(torch.ones(1, 4, 3, 3, 3).int(), r"does not have kernel for data_type\[int32\]", id="int32"),
        pytest.param(np.ones((1, 4, 3, 3, 3), "float32"), "Python object is not type of", id="array"),
        pytest.param(torch.ones(1, 4, 0, 3, 3), "size 0 along depth", id="no-depth"),
    ],
)
def test_forward_refuses_what_does_not_fit(kind: Any, x: Any, match: str) -> None:
    with pytest.raises(EnforceNotMet, match=match):
        kind(4, 6, 3)(x)


@both
def test_padding_that_cuts_too_much_is_refused_by_forward(kind: Any) -> None:
    with pytest.raises(EnforceNotMet, match=r"numel must be equal or larger than zero.*-5 along depth"):
        kind(4, 6, 3, padding=5)(torch.ones(1, 4, 3, 3, 3))


@both
def test_an_unknown_activation_is_refused_by_forward(kind: Any) -> None:
    layer = kind(4, 6, 3, act="foo")
    with pytest.raises(EnforceNotMet, match="Operator foo has not been registered"):
        layer(torch.ones(1, 4, 3, 3, 3))


@both
def test_an_activation_that_is_no_str_is_refused_by_forward(kind: Any) -> None:
    layer = kind(4, 6, 3, act=3)
    with pytest.raises(TypeError, match="3 should be unicode or str"):
        layer(torch.ones(1, 4, 3, 3, 3))


@pytest.mark.parametrize(
    ("output_size", "match"),
    [
        pytest.param((6, 7, 7), "should not be less than the infered output size.*7..8", id="below"),
        pytest.param((7, 7, 9), "should be less than infered size . stride.*9 along width.*7..8", id="above"),
    ],
)
def test_output_size_out_of_range_is_refused_by_forward(output_size: Any, match: str) -> None:
    layer = Documented(4, 6, 3, output_size, stride=2)
    with pytest.raises(EnforceNotMet, match=match):
        layer(torch.ones(1, 4, 3, 3, 3))


def test_documentations_pair_as_output_size_is_refused() -> None:
    with pytest.raises(ValueError, match="output_size's length must be 3"):
        Documented(4, 6, 3, (7, 7))


def test_enforce_not_met_is_a_direct_exception() -> None:
    assert EnforceNotMet.__bases__ == (Exception,)


@pytest.mark.parametrize("use_cudnn", [True, False])
def test_use_cudnn_false_turns_cudnn_off_for_cuda_inputs(use_cudnn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from fourfold.frontends.paddle.fluid import operator

    class OnCuda(torch.Tensor):
        is_cuda = True

    seen = []

    def spy(input: torch.Tensor, *operands: Any, **options: Any) -> torch.Tensor:
        seen.append(torch.backends.cudnn.enabled)
        return input

    monkeypatch.setattr(operator, "run", spy)
    input, weight = torch.ones(1, 1, 1, 1, 1).as_subclass(OnCuda), torch.ones(1, 1, 1, 1, 1)
    operator.conv3d_transpose(input, weight, None, stride=1, padding=0, dilation=1, groups=1, use_cudnn=use_cudnn)
    assert seen == [use_cudnn]
    assert torch.backends.cudnn.enabled


@both
def test_use_cudnn_changes_nothing_on_the_cpu(kind: Any) -> None:
    x = integers(1, 4, 3, 3, 3)
    layer = with_integers(kind(4, 6, 3))
    with_cudnn = layer(x)
    layer._use_cudnn = False
    assert torch.equal(layer(x), with_cudnn)
