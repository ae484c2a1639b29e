"""What `Conv3DTranspose` computes in both fluids, and when it adds its bias."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from fourfold.frontends.paddle import fluid, fluid_1_8
from fourfold.frontends.paddle.fluid.tensor import VarBase

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
    assert type(layer(fluid.dygraph.to_variable(array))) is VarBase
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


ADDED = [
    pytest.param(True, id="true"),
    pytest.param("b1", id="name"),
    pytest.param(fluid.ParamAttr(), id="attribute"),
    pytest.param(fluid.initializer.Constant(1.0), id="initializer"),
    pytest.param(fluid.regularizer.L2Decay(0.1), id="regularizer"),
]


@pytest.mark.parametrize("attr", [pytest.param(None, id="none"), pytest.param("", id="empty"), *ADDED])
def test_documented_class_adds_its_bias_unless_bias_attr_is_false(attr: Any) -> None:
    assert bias_effect(Documented, attr) == (5.0, True)


@pytest.mark.parametrize("attr", ADDED)
def test_released_class_adds_a_bias_that_was_asked_for(attr: Any) -> None:
    assert bias_effect(Released, attr) == (5.0, True)


@pytest.mark.parametrize("attr", [None, ""])
def test_released_class_keeps_but_ignores_the_default_bias(attr: Any) -> None:
    assert bias_effect(Released, attr) == (0.0, False)
