"""fluid's Layer: names, state, and what set_dict accepts (measured in Paddle 1.8.5)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from tests.compat.hostile_names import NAMES, harm

from fourfold.frontends.paddle import fluid, fluid_1_8

Conv3DTranspose = fluid.dygraph.Conv3DTranspose


class Net(fluid.dygraph.Layer):
    def __init__(self, name_scope: str | None = None) -> None:
        super().__init__(name_scope)
        self.up = Conv3DTranspose("up", num_filters=6, filter_size=3)
        self.out = fluid_1_8.dygraph.Conv3DTranspose(6, 2, 1)

    def forward(self, input: torch.Tensor) -> Any:
        return self.out(self.up(input))


def arrays(layer: Any) -> dict[str, Any]:
    return {key: value.numpy().copy() for key, value in layer.state_dict().items()}


def test_state_dict_holds_the_live_parameters() -> None:
    layer = Conv3DTranspose(1, 1, 1)
    state = layer.state_dict()
    assert list(state) == ["weight", "bias"]
    assert state["weight"] is layer.weight


@pytest.mark.parametrize("method", ["set_dict", "load_dict"])
def test_loading_copies_into_the_parameters_and_returns_none(method: str) -> None:
    source, target = Conv3DTranspose(4, 6, 3), Conv3DTranspose(4, 6, 3)
    weight = target.weight
    assert getattr(target, method)(arrays(source)) is None
    assert torch.equal(target.weight, source.weight)
    assert target.weight is weight


def test_loading_by_parameter_name_does_not_warn() -> None:
    layer = Conv3DTranspose(4, 6, 3)
    wanted = {item.name: item.numpy() + 1 for item in layer.parameters()}
    layer.set_dict(wanted, use_structured_name=False)
    assert np.array_equal(layer.weight.numpy(), wanted[layer.weight.name])


def test_a_missing_key_is_an_error() -> None:
    layer = Conv3DTranspose(4, 6, 3)
    state = arrays(layer)
    del state["bias"]
    with pytest.raises(RuntimeError, match=r"Parameter not found, Can't not find \[ bias \]"):
        layer.set_dict(state)


def test_a_key_of_no_parameter_is_warned_of() -> None:
    layer = Conv3DTranspose(4, 6, 3)
    with pytest.warns(UserWarning, match=r"Varibale \[ zzz \] are not used"):
        layer.set_dict({**arrays(layer), "zzz": np.ones(1)})


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_warnings_and_errors_show_keys_without_harm(name: str) -> None:
    layer = Conv3DTranspose(4, 6, 3)
    state = {**arrays(layer), name: np.ones(1)}
    with pytest.warns(UserWarning, match=r"Varibale") as warned:
        layer.set_dict(state)
    del state["bias"]
    with pytest.raises(RuntimeError, match=r"Parameter not found") as caught:
        layer.set_dict(state)
    assert harm(f"{warned[0].message} {caught.value}") == []


@pytest.mark.parametrize(
    ("bias", "match"),
    [
        pytest.param(np.ones(3, "float32"), "Variable Shape not match", id="shape"),
        pytest.param(np.ones(6, "float64"), "Variable dtype not match", id="dtype"),
        pytest.param([1.0] * 6, "arguments type only support", id="list"),
    ],
)
def test_a_value_that_does_not_fit_is_an_error_and_nothing_is_copied(bias: Any, match: str) -> None:
    layer = Conv3DTranspose(4, 6, 3)
    before = arrays(layer)
    with pytest.raises(AssertionError, match=match):
        layer.set_dict({"weight": before["weight"] + 1, "bias": bias})
    assert np.array_equal(layer.weight.numpy(), before["weight"])


def test_a_net_loads_through_its_sublayers() -> None:
    source, target = Net(), Net()
    x = torch.ones(1, 4, 2, 2, 2)
    expected = source(x)
    target.set_dict(arrays(source))
    assert torch.equal(target(x), expected)


def test_a_net_can_load_without_its_sublayers() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Net().set_dict({}, include_sublayers=False)


def test_names_follow_the_scope() -> None:
    with fluid.dygraph.guard():
        net = Net("scope")
    assert net.full_name() == "scope_0"
    assert net.out.weight.name == "conv3d_transpose_0.w_0"


def test_sublayers_are_listed_unless_excluded() -> None:
    net = Net()
    assert net.sublayers() == [net.up, net.out]
    assert net.sublayers(include_sublayers=False) == []
