"""fluid.layers.conv3d_transpose: signature, padding forms, sizes, parameters, errors."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from fourfold.frontends.paddle import fluid, fluid_1_8

conv3d_transpose = fluid.layers.conv3d_transpose
EnforceNotMet = fluid.core.EnforceNotMet
ONE, TEN = fluid.initializer.Constant(1.0), fluid.initializer.Constant(10.0)
X = torch.ones(1, 4, 3, 3, 3)


def integers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(-4, 5, shape, generator=torch.Generator().manual_seed(seed)).float()


def test_signature_is_that_of_1_8_5() -> None:
    found = {name: item.default for name, item in inspect.signature(conv3d_transpose).parameters.items()}
    required = inspect.Parameter.empty
    assert list(found.items()) == [
        ("input", required),
        ("num_filters", required),
        ("output_size", None),
        ("filter_size", None),
        ("padding", 0),
        ("stride", 1),
        ("dilation", 1),
        ("groups", None),
        ("param_attr", None),
        ("bias_attr", None),
        ("use_cudnn", True),
        ("act", None),
        ("name", None),
        ("data_format", "NCDHW"),
    ]


def test_both_packages_have_the_function() -> None:
    assert fluid_1_8.layers.conv3d_transpose is conv3d_transpose


# Cuts of the full result per side: (depth low, depth high, height low, ...)
@pytest.mark.parametrize(
    ("padding", "cut"),
    [
        pytest.param(1, (1, 1, 1, 1, 1, 1), id="int"),
        pytest.param((0, 1, 2), (0, 0, 1, 1, 2, 2), id="three"),
        pytest.param([0, 1, 1, 0, 2, 0], (0, 1, 1, 0, 2, 0), id="six"),
        pytest.param([[0, 0], [0, 0], [0, 1], [1, 0], [2, 0]], (0, 1, 1, 0, 2, 0), id="nested"),
        pytest.param("Valid", (0, 0, 0, 0, 0, 0), id="valid"),
        pytest.param(-1, (-1, -1, -1, -1, -1, -1), id="negative"),
        pytest.param([-1, 0, 0, -2, 1, -2], (-1, 0, 0, -2, 1, -2), id="mixed"),
    ],
)
def test_every_form_of_padding_cuts_or_extends_torchs_full_result(padding: Any, cut: tuple[int, ...]) -> None:
    x, weight = integers(2, 4, 3, 4, 5), integers(4, 3, 3, 2, 3, seed=1).numpy()
    bias = integers(6, seed=2).numpy()
    full = F.conv_transpose3d(x, torch.from_numpy(weight), stride=2, groups=2)
    d_low, d_high, h_low, h_high, w_low, w_high = (-amount for amount in cut)
    expected = F.pad(full, (w_low, w_high, h_low, h_high, d_low, d_high)) + torch.from_numpy(bias).reshape(-1, 1, 1, 1)
    output = conv3d_transpose(
        x,
        6,
        filter_size=(3, 2, 3),
        padding=padding,
        stride=2,
        groups=2,
        param_attr=fluid.initializer.NumpyArrayInitializer(weight),
        bias_attr=fluid.initializer.NumpyArrayInitializer(bias),
    )
    assert torch.equal(output, expected)


# Measured in Paddle 1.8.5 on an all-ones input of (1, 1, 3): SAME takes the input's size and sets dilation to 1.
@pytest.mark.parametrize(
    ("filter_size", "stride", "dilation", "expected"),
    [
        pytest.param(3, 2, 1, [1, 2, 1, 2, 1], id="k3s2"),
        pytest.param(3, 2, 2, [1, 2, 1, 2, 1], id="k3s2d2"),
        pytest.param(2, 2, 1, [1, 1, 1, 1, 1], id="k2s2"),
        pytest.param(3, 1, 1, [2, 3, 2], id="k3s1"),
    ],
)
def test_same_padding(filter_size: int, stride: int, dilation: int, expected: list[float]) -> None:
    output = conv3d_transpose(
        torch.ones(1, 1, 1, 1, 3),
        1,
        filter_size=(1, 1, filter_size),
        padding="same",
        stride=(1, 1, stride),
        dilation=dilation,
        param_attr=ONE,
    )
    assert output.flatten().tolist() == expected


def test_same_padding_with_an_output_size() -> None:
    assert conv3d_transpose(X, 6, 6, 3, padding="SAME", stride=2).shape == (1, 6, 6, 6, 6)


# Measured in Paddle 1.8.5: all-ones input of (1, 1, 3), filter (1, 1, 3), stride 2, weight 1, bias 10.
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({}, [11, 11, 12, 11, 12, 11, 11], id="plain"),
        pytest.param({"padding": [0, 0, 0, 0, -2, 0]}, [10, 10, 11, 11, 12, 11, 12, 11, 11], id="negative-low"),
        pytest.param({"padding": [0, 0, 0, 0, 1, -2]}, [11, 12, 11, 12, 11, 11, 10, 10], id="cut-and-extend"),
        pytest.param({"padding": [0, 0, 0, 0, -1, 2]}, [10, 11, 11, 12, 11, 12], id="extend-and-cut"),
        pytest.param({"output_size": (1, 1, 8)}, [11, 11, 12, 11, 12, 11, 11, 10], id="output_size"),
        pytest.param({"output_size": (1, 1, 6), "padding": (0, 0, 1)}, [11, 12, 11, 12, 11, 11], id="output_size-p1"),
    ],
)
def test_values_are_those_of_1_8_5(arguments: dict[str, Any], expected: list[float]) -> None:
    x = torch.ones(1, 1, 1, 1, 3)
    output = conv3d_transpose(x, 1, filter_size=(1, 1, 3), stride=2, param_attr=ONE, bias_attr=TEN, **arguments)
    assert output.flatten().tolist() == expected


def test_channels_last_is_the_same_operator_on_moved_axes() -> None:
    x, weight = integers(2, 4, 3, 4, 5), fluid.initializer.NumpyArrayInitializer(integers(4, 6, 3, 3, 3).numpy())
    arguments: dict[str, Any] = {"filter_size": 3, "stride": 2, "param_attr": weight, "bias_attr": TEN}
    first = conv3d_transpose(x, 6, padding=[[0, 0], [0, 0], [0, 1], [1, 0], [2, 0]], **arguments)
    last = conv3d_transpose(
        x.movedim(1, -1),
        6,
        padding=[[0, 0], [0, 1], [1, 0], [2, 0], [0, 0]],
        data_format="NDHWC",
        **arguments,
    )
    assert torch.equal(last.movedim(-1, 1), first)


@pytest.mark.parametrize(
    ("output_size", "arguments", "expected"),
    [
        pytest.param([7, 8, 9], {"stride": 2}, (1, 6, 7, 8, 9), id="list"),
        pytest.param(7, {"stride": 2}, (1, 6, 7, 7, 7), id="int"),
        pytest.param([8, 7, 7], {"stride": 2, "filter_size": 3}, (1, 6, 8, 7, 7), id="with-filter"),
    ],
)
def test_output_size_is_the_outputs_size(output_size: Any, arguments: dict[str, Any], expected: Any) -> None:
    assert conv3d_transpose(X, 6, output_size, **arguments).shape == expected


def test_activation_follows_the_bias() -> None:
    output = conv3d_transpose(torch.zeros(1, 1, 1, 1, 1), 1, filter_size=1, bias_attr=TEN, act="hard_sigmoid")
    assert output.item() == 1.0


def test_bias_attr_false_adds_nothing() -> None:
    assert conv3d_transpose(torch.zeros(1, 1, 1, 1, 1), 1, filter_size=1, bias_attr=False).item() == 0.0


def test_parameters_take_the_inputs_dtype() -> None:
    assert conv3d_transpose(X.double(), 6, filter_size=3).dtype == torch.float64


def test_a_named_parameter_is_shared_within_a_guard() -> None:
    with fluid.dygraph.guard():
        first, second = (conv3d_transpose(X, 6, filter_size=3, param_attr="w", bias_attr="b") for _ in range(2))
        assert [item.name for item in fluid.default_main_program().all_parameters()] == ["w", "b"]
    with fluid.dygraph.guard():
        other = conv3d_transpose(X, 6, filter_size=3, param_attr="w")
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_name_begins_the_parameters_names() -> None:
    with fluid.dygraph.guard():
        conv3d_transpose(X, 6, filter_size=3, name="up")
        assert [item.name for item in fluid.default_main_program().all_parameters()] == ["up.w_0", "up.b_0"]


def test_a_named_parameter_of_another_shape_is_refused() -> None:
    with fluid.dygraph.guard():
        conv3d_transpose(X, 6, filter_size=3, param_attr="w")
        with pytest.raises(ValueError, match="'w' has been created before"):
            conv3d_transpose(X, 6, filter_size=2, param_attr="w")


def test_every_call_creates_parameters() -> None:
    assert not torch.equal(conv3d_transpose(X, 6, filter_size=3), conv3d_transpose(X, 6, filter_size=3))


def test_the_function_counts_among_the_layers() -> None:
    with fluid.dygraph.guard():
        conv3d_transpose(X, 6, filter_size=3)
        assert fluid.dygraph.Conv3DTranspose(1, 1, 1).full_name() == "conv3d_transpose_1"


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param({"filter_size": None}, ValueError, "output_size must be set when filter_size is None", id="none"),
        pytest.param({"filter_size": None, "output_size": 1}, ValueError, "must be greater than 0", id="too-small"),
        pytest.param({"output_size": (7, 7)}, ValueError, "output_size's length must be 3", id="two"),
        pytest.param({"output_size": "7"}, ValueError, "output_size", id="str"),
        pytest.param({"output_size": 7.0}, ValueError, "output_size", id="float"),
        pytest.param({"output_size": 4}, EnforceNotMet, "should not be less than the infered output size", id="low"),
        pytest.param({"output_size": 6}, EnforceNotMet, "should be less than infered size . stride", id="high"),
        pytest.param({"padding": "FOO"}, ValueError, "Unknown padding: 'FOO'", id="padding-word"),
        pytest.param({"padding": [0, 1, 1, 1]}, ValueError, "padding's length must be 3", id="padding-four"),
        pytest.param(
            {"padding": [[0, 0], [1, 0], [0, 0], [0, 0], [0, 0]]}, ValueError, "Non-zero padding", id="channels-padded"
        ),
        pytest.param({"stride": 0}, ValueError, "stride", id="stride-0"),
        pytest.param({"stride": [2, 2]}, ValueError, "stride's length must be 3", id="stride-two"),
        pytest.param({"dilation": 0, "padding": "SAME"}, ValueError, "dilation", id="dilation-0"),
        pytest.param({"groups": 3}, ValueError, "not divisible by groups=3", id="groups"),
        pytest.param({"data_format": "NCHW"}, ValueError, "only NCDHW or NDHWC supported", id="data_format"),
        pytest.param({"use_cudnn": 1}, ValueError, "use_cudnn should be True or False", id="use_cudnn"),
        pytest.param({"param_attr": False}, AssertionError, "param_attr should not be False", id="no-weight"),
        pytest.param({"act": "foo"}, EnforceNotMet, "Operator foo has not been registered", id="act"),
        pytest.param({"act": 3}, TypeError, "3 should be unicode or str", id="act-int"),
        pytest.param({"name": 3}, TypeError, "name=3", id="name"),
        pytest.param({"input": X.numpy()}, TypeError, "Input of conv3d_transpose must be Variable", id="array"),
        pytest.param({"input": X[0]}, EnforceNotMet, "dimension size", id="4-D"),
        pytest.param({"input": X.int()}, TypeError, "dtype is not float type", id="int32"),
    ],
)
def test_refuses(arguments: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        conv3d_transpose(**{"input": X, "num_filters": 6, "filter_size": 3, **arguments})


def test_gradients_reach_the_input() -> None:
    x: Any = fluid.dygraph.to_variable(np.ones((1, 1, 1, 1, 2), "float32"))
    x.stop_gradient = False
    output: Any = conv3d_transpose(x, 1, filter_size=(1, 1, 2), param_attr=ONE)
    output.backward()
    assert x.gradient().ravel().tolist() == [2.0, 2.0]
