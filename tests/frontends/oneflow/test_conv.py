"""`oneflow.nn.ConvTranspose3d`: constructor, attributes, initial values, forward."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest
import torch
from tests.operands import integers

import fourfold.frontends.oneflow as flow
from fourfold.frontends.oneflow import nn

# Chance that a right initialiser fails one of the distribution tests; seeds are fixed, so it does not vary.
SIGNIFICANCE = 1e-4


def test_constructor_takes_the_arguments_of_oneflow_0_9_in_its_order() -> None:
    # measured: inspect.signature(oneflow.nn.ConvTranspose3d.__init__) of 0.9.0
    parameters = inspect.signature(nn.ConvTranspose3d).parameters
    order = "in_channels out_channels kernel_size stride padding output_padding groups bias dilation padding_mode"
    assert list(parameters) == order.split()
    assert [parameter.default for parameter in parameters.values()][3:] == [1, 0, 0, 1, True, 1, "zeros"]


def test_forward_takes_x_alone() -> None:
    assert list(inspect.signature(nn.ConvTranspose3d.forward).parameters) == ["self", "x"]


@pytest.mark.parametrize(
    ("positional", "attribute", "value"),
    [
        pytest.param((2,), "stride", (2, 2, 2), id="stride"),
        pytest.param((1, 2), "padding", (2, 2, 2), id="padding"),
        pytest.param((1, 0, 5), "output_padding", (5, 5, 5), id="output_padding"),
        pytest.param((1, 0, 0, 2), "groups", 2, id="groups"),
        pytest.param((1, 0, 0, 1, False), "bias", None, id="bias"),
        pytest.param((1, 0, 0, 1, True, (1, 2, 3)), "dilation", (1, 2, 3), id="dilation"),
    ],
)
def test_positional_arguments_reach_their_attribute(positional: tuple[Any, ...], attribute: str, value: Any) -> None:
    assert getattr(nn.ConvTranspose3d(4, 6, 3, *positional), attribute) == value


def test_attributes_are_those_of_the_release() -> None:
    stride: Any = np.int64(2)
    layer = nn.ConvTranspose3d(4, 6, [3, 5, 2], stride, groups=2)
    assert (layer.kernel_size, layer.stride, layer.groups, layer.filters) == ((3, 5, 2), (2, 2, 2), 2, 6)
    assert {type(value) for value in (*layer.kernel_size, *layer.stride)} == {int}
    assert layer.training


@pytest.mark.parametrize("name", ["in_channels", "out_channels", "padding_mode"])
def test_attributes_that_the_release_lacks_are_lacking(name: str) -> None:
    # measured: hasattr(oneflow.nn.ConvTranspose3d(4, 6, 3), name) is False for these three
    assert not hasattr(nn.ConvTranspose3d(4, 6, 3), name)


def test_parameters_have_the_documented_shapes_and_order() -> None:
    layer = nn.ConvTranspose3d(4, 6, (3, 5, 2), groups=2)
    assert [(name, tuple(value.shape)) for name, value in layer.named_parameters()] == [
        ("weight", (4, 3, 3, 5, 2)),
        ("bias", (6,)),
    ]
    assert {type(value) for value in layer.parameters()} == {nn.Parameter}
    assert {value.dtype for value in layer.parameters()} == {flow.float32}


def test_parameters_follow_the_default_dtype() -> None:
    # measured: oneflow.set_default_dtype(oneflow.float64) makes float64 layers
    flow.set_default_dtype(flow.float64)
    try:
        layer = nn.ConvTranspose3d(2, 3, 2)
    finally:
        flow.set_default_dtype(flow.float32)
    assert {value.dtype for value in layer.parameters()} == {flow.float64}


def test_repr_shows_no_argument() -> None:
    # measured: print(oneflow.nn.ConvTranspose3d(4, 6, 3, stride=2)) of 0.9.0
    assert repr(nn.ConvTranspose3d(4, 6, 3, stride=2)) == "ConvTranspose3d()"
    assert nn.ConvTranspose3d(4, 6, 3).extra_repr() == ""


@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize("name", ["weight", "bias"])
def test_initial_values_are_uniform_on_the_documented_interval(name: str, groups: int) -> None:
    flow.manual_seed(2024)
    channels, kernel_size = 64, (3, 2, 3)
    bound = math.sqrt(groups / (channels * math.prod(kernel_size)))
    layers = [nn.ConvTranspose3d(8, channels, kernel_size, groups=groups) for _ in range(8)]
    values = torch.cat([getattr(layer, name).detach().flatten() for layer in layers]).double().sort().values
    assert values.abs().max() <= bound
    # Dvoretzky, Kiefer, Wolfowitz: P(sup |empirical - true distribution function| > e) <= 2 exp(-2 n e^2)
    allowed = math.sqrt(math.log(2 / SIGNIFICANCE) / (2 * len(values)))
    steps = torch.arange(len(values) + 1) / len(values)
    wanted = (values + bound) / (2 * bound)
    assert max((wanted - steps[:-1]).abs().max(), (wanted - steps[1:]).abs().max()) <= allowed


def test_seeded_alike_it_starts_as_torch_layer_does() -> None:
    flow.manual_seed(5)
    ours = nn.ConvTranspose3d(4, 6, (3, 5, 2), groups=2)
    torch.manual_seed(5)
    theirs = torch.nn.ConvTranspose3d(4, 6, (3, 5, 2), groups=2)
    assert torch.equal(ours.weight, theirs.weight)
    assert ours.bias is not None
    assert theirs.bias is not None
    assert torch.equal(ours.bias, theirs.bias)


def test_reset_parameters_draws_anew() -> None:
    layer = nn.ConvTranspose3d(4, 6, 3)
    before = flow.tensor(layer.weight)
    layer.reset_parameters()
    assert not torch.equal(before, layer.weight)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no-bias"])
def test_forward_equals_torch_layer_and_gradients_too(bias: bool) -> None:
    ours = nn.ConvTranspose3d(4, 6, (3, 5, 2), (2, 1, 3), (1, 0, 1), (1, 0, 2), 2, bias, (1, 2, 1))
    theirs = torch.nn.ConvTranspose3d(4, 6, (3, 5, 2), (2, 1, 3), (1, 0, 1), (1, 0, 2), 2, bias, (1, 2, 1))
    state = {name: integers(tuple(value.shape), 3) for name, value in theirs.named_parameters()}
    ours.load_state_dict(state)
    theirs.load_state_dict(state)
    x, y = (integers((2, 4, 3, 2, 4), 4).requires_grad_() for _ in range(2))
    output, wanted = ours(x), theirs(y)
    assert torch.equal(output, wanted)
    grad = integers(tuple(wanted.shape), 5)
    output.backward(grad)
    wanted.backward(grad)
    assert x.grad is not None
    assert y.grad is not None
    assert torch.equal(x.grad, y.grad)
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert mine.grad is not None
        assert other.grad is not None
        assert torch.equal(mine.grad, other.grad)


def test_output_of_a_oneflow_tensor_is_one_that_numpy_reads() -> None:
    output = nn.ConvTranspose3d(2, 3, 2)(flow.randn(1, 2, 3, 3, 3))
    assert type(output) is flow.Tensor
    assert output.requires_grad
    assert output.numpy().shape == (1, 3, 4, 4, 4)


def test_output_of_a_torch_tensor_is_one() -> None:
    assert type(nn.ConvTranspose3d(2, 3, 2)(torch.randn(1, 2, 3, 3, 3))) is torch.Tensor


@pytest.mark.parametrize(
    ("attribute", "value", "shape"),
    [
        pytest.param("stride", 3, (1, 3, 8, 8, 8), id="stride"),
        pytest.param("padding", (0, 1, 1), (1, 3, 4, 2, 2), id="padding"),
        pytest.param("output_padding", [0, 7, 0], (1, 3, 4, 11, 4), id="output_padding"),
        pytest.param("dilation", 2, (1, 3, 5, 5, 5), id="dilation"),
    ],
)
def test_forward_follows_edited_attributes(attribute: str, value: Any, shape: tuple[int, ...]) -> None:
    layer = nn.ConvTranspose3d(2, 3, 2)
    assert layer(flow.ones(1, 2, 3, 3, 3)).shape == (1, 3, 4, 4, 4)
    setattr(layer, attribute, value)
    assert layer(flow.ones(1, 2, 3, 3, 3)).shape == shape


ILLEGAL = [
    pytest.param({"padding_mode": "reflect"}, AssertionError, "Only `zeros` padding mode is supported", id="mode"),
    pytest.param({"groups": 3}, AssertionError, "in_channels=4 must be divisible by groups=3", id="groups-in"),
    pytest.param({"groups": 4}, AssertionError, "out_channels=6 must be divisible by groups=4", id="groups-out"),
    pytest.param({"groups": 0}, ZeroDivisionError, "groups=0.*1 and above", id="groups-0"),
    pytest.param({"groups": -2}, ValueError, "groups=-2", id="groups-negative"),
    pytest.param({"groups": 1.0}, TypeError, "groups=1.0 is a float", id="groups-float"),
    pytest.param({"in_channels": 4.0}, TypeError, "in_channels=4.0 is a float", id="channels-float"),
    pytest.param({"in_channels": 0}, ValueError, "in_channels=0", id="no-input-channels"),
    pytest.param({"out_channels": 0}, ValueError, "out_channels=0", id="no-output-channels"),
    pytest.param({"kernel_size": 3.0}, TypeError, "kernel_size=3.0 is a float", id="kernel-float"),
    pytest.param({"kernel_size": "abc"}, TypeError, "kernel_size='abc' is a str", id="kernel-string"),
    pytest.param({"kernel_size": True}, TypeError, "kernel_size=True is a bool", id="kernel-bool"),
    pytest.param({"kernel_size": (3, 3)}, ValueError, "kernel_size=.*2 elements", id="kernel-pair"),
    pytest.param({"kernel_size": 0}, ValueError, r"kernel_size=\(0, 0, 0\)", id="kernel-0"),
    pytest.param({"kernel_size": (3, -1, 3)}, ValueError, "kernel_size=.*-1 along height", id="kernel-negative"),
    pytest.param({"stride": 0}, ValueError, r"stride=\(0, 0, 0\)", id="stride-0"),
    pytest.param({"stride": 2.0}, TypeError, "stride=2.0 is a float", id="stride-float"),
    pytest.param({"dilation": 0}, ValueError, r"dilation=\(0, 0, 0\)", id="dilation-0"),
    pytest.param({"padding": "same"}, TypeError, "padding='same' is a str", id="padding-string"),
    pytest.param({"output_padding": (1, 1)}, ValueError, "output_padding=.*2 elements", id="output-padding-pair"),
    pytest.param({"output_padding": 2**40}, ValueError, "output_padding=.*out of range", id="output-padding-huge"),
    pytest.param({"device": "cpu"}, TypeError, "device", id="device"),
    pytest.param({"dtype": torch.float32}, TypeError, "dtype", id="dtype"),
]


@pytest.mark.parametrize(("change", "error", "match"), ILLEGAL)
def test_illegal_arguments_are_refused_at_construction(
    change: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        nn.ConvTranspose3d(**{"in_channels": 4, "out_channels": 6, "kernel_size": 3, **change})


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "match"),
    [
        pytest.param((torch.ones(3, 3, 3),), {}, RuntimeError, r"\(5 vs 3\)", id="rank-3"),
        pytest.param((torch.ones(1, 5, 3, 3, 3),), {}, RuntimeError, "5 channels.*in_channels=4", id="channels"),
        pytest.param((np.ones((1, 4, 3, 3, 3)),), {}, TypeError, "argument 'input' must be tensor", id="numpy"),
        pytest.param((torch.ones(1, 4, 3, 3, 3).double(),), {}, RuntimeError, "float64", id="float64"),
        pytest.param((), {"input": torch.ones(1, 4, 3, 3, 3)}, TypeError, "input", id="input-keyword"),
        pytest.param((torch.ones(1, 4, 3, 3, 3), [5, 5, 5]), {}, TypeError, "positional", id="output-size"),
    ],
)
def test_illegal_inputs_are_refused(
    arguments: tuple[Any, ...], keywords: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        nn.ConvTranspose3d(4, 6, 2)(*arguments, **keywords)


def test_unbatched_input_gives_an_unbatched_output() -> None:
    layer = nn.ConvTranspose3d(4, 6, 2, 2, output_padding=3, groups=2)
    volume = flow.tensor(integers((4, 3, 2, 3), 1))
    output = layer(volume)
    assert repr(output.shape) == "oneflow.Size([6, 9, 7, 9])"
    assert torch.equal(output, layer(volume.unsqueeze(0))[0])


def test_output_that_padding_cuts_away_is_refused() -> None:
    with pytest.raises(RuntimeError, match="Output size is too small"):
        nn.ConvTranspose3d(4, 6, 2, padding=2)(torch.ones(1, 4, 3, 3, 3))
