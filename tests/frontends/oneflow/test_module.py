"""`oneflow.nn.Module`: what its users save, load and clear."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch

import fourfold.frontends.oneflow as flow
from fourfold.frontends.oneflow import nn


def layer_of_ones() -> nn.ConvTranspose3d:
    layer = nn.ConvTranspose3d(2, 3, 2)
    with flow.no_grad():
        for value in layer.parameters():
            value.fill_(1)
    return layer


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose3d(2, 3, 2)
        self.scale = torch.nn.BatchNorm3d(3)


@pytest.mark.parametrize(
    ("method", "order", "defaults"),
    [
        pytest.param("state_dict", "self destination prefix keep_vars", (None, "", False), id="state_dict"),
        pytest.param("load_state_dict", "self state_dict strict", (True,), id="load_state_dict"),
        pytest.param("zero_grad", "self set_to_none", (False,), id="zero_grad"),
    ],
)
def test_signatures_are_those_of_oneflow_0_9(method: str, order: str, defaults: tuple[Any, ...]) -> None:
    # measured: inspect.signature(getattr(oneflow.nn.Module, method)) of 0.9.0
    parameters = inspect.signature(getattr(nn.Module, method)).parameters
    assert list(parameters) == order.split()
    assert tuple(item.default for item in list(parameters.values())[-len(defaults) :]) == defaults


def test_state_dict_holds_the_live_parameters_weight_first() -> None:
    layer = nn.ConvTranspose3d(2, 3, 2)
    state = layer.state_dict()
    assert list(state) == ["weight", "bias"]
    assert state["weight"] is layer.weight
    assert type(state) is OrderedDict
    assert hasattr(state, "_metadata")


def test_state_dict_without_bias_has_no_key_for_it() -> None:
    assert list(nn.ConvTranspose3d(2, 3, 2, bias=False).state_dict()) == ["weight"]


def test_state_dict_of_a_tree_is_live_below_too_and_keeps_buffers() -> None:
    net = Net()
    state = net.state_dict(prefix="net.")
    assert state["net.up.weight"] is net.up.weight
    assert "net.scale.running_mean" in state


def test_state_dict_fills_a_destination_given_by_position() -> None:
    destination: dict[str, Any] = OrderedDict()
    nn.ConvTranspose3d(2, 3, 2).state_dict(destination, "up.")
    assert list(destination) == ["up.weight", "up.bias"]


def test_inside_a_torch_module_state_dict_is_torch_s() -> None:
    net = torch.nn.Sequential(nn.ConvTranspose3d(2, 3, 2))
    assert not net.state_dict()["0.weight"].requires_grad
    assert net.state_dict(keep_vars=True)["0.weight"] is net[0].weight


@pytest.mark.parametrize("convert", [flow.tensor, np.array, torch.tensor], ids=["oneflow", "numpy", "torch"])
def test_load_state_dict_copies_and_keeps_dtype_and_identity(convert: Any) -> None:
    layer = nn.ConvTranspose3d(2, 3, 2)
    weight = layer.weight
    values = np.arange(48.0).reshape(2, 3, 2, 2, 2)
    result = layer.load_state_dict({"weight": convert(values), "bias": convert(np.ones(3, np.float32))})
    assert (result.missing_keys, result.unexpected_keys) == ([], [])
    assert repr(result) == "<All keys matched successfully>"
    assert layer.weight is weight
    assert weight.dtype == flow.float32
    assert weight.requires_grad
    assert np.array_equal(weight.numpy(), values)


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.arange(3.0)[::-1], id="negative-stride"),
        pytest.param(np.arange(2.0, -1.0, -1.0).astype(">f8"), id="big-endian"),
        pytest.param(np.frombuffer(np.array([2.0, 1.0, 0.0], "<f4").tobytes(), "<f4"), id="read-only"),
    ],
)
def test_load_state_dict_reads_arrays_in_any_memory_layout(array: Any) -> None:
    layer = nn.ConvTranspose3d(2, 3, 2)
    layer.load_state_dict({"bias": array}, strict=False)
    assert layer.bias is not None
    assert layer.bias.tolist() == [2.0, 1.0, 0.0]


def test_load_state_dict_leaves_the_given_dict_as_it_is() -> None:
    state = {"weight": np.zeros((2, 3, 2, 2, 2)), "bias": np.zeros(3)}
    nn.ConvTranspose3d(2, 3, 2).load_state_dict(state)
    assert {type(value) for value in state.values()} == {np.ndarray}


def test_load_state_dict_takes_what_state_dict_gave() -> None:
    source, target = Net(), Net()
    target.load_state_dict(source.state_dict())
    assert torch.equal(source.up.weight, target.up.weight)


def test_loose_loading_reports_names_and_loads_the_rest() -> None:
    layer = layer_of_ones()
    result = layer.load_state_dict({"weight": np.zeros((2, 3, 2, 2, 2)), "extra": np.zeros(1)}, strict=False)
    assert (result.missing_keys, result.unexpected_keys) == (["bias"], ["extra"])
    assert layer.weight.abs().max() == 0


GOOD = np.zeros((2, 3, 2, 2, 2))


@pytest.mark.parametrize(
    ("state", "strict", "error", "match"),
    [
        pytest.param({"weight": GOOD}, True, RuntimeError, r'Missing key\(s\) in state_dict: "bias"', id="missing"),
        pytest.param(
            {"weight": GOOD, "bias": np.zeros(3), "x": GOOD},
            True,
            RuntimeError,
            r'Unexpected key\(s\) in state_dict: "x"',
            id="unexpected",
        ),
        pytest.param(
            {"weight": GOOD, "bias": np.zeros(4)},
            False,
            RuntimeError,
            "size mismatch for bias: copying a param with shape",
            id="shape",
        ),
        pytest.param({"weight": GOOD, "bias": 3}, True, RuntimeError, 'While copying the parameter.*"bias"', id="int"),
        pytest.param({"weight": GOOD, "bias": np.array([None] * 3)}, True, TypeError, "object", id="object-array"),
    ],
)
def test_failed_loading_says_why_and_changes_nothing(
    state: dict[str, Any], strict: bool, error: type[Exception], match: str
) -> None:
    layer = layer_of_ones()
    with pytest.raises(error, match=match):
        layer.load_state_dict(state, strict)
    assert {value for parameter in layer.parameters() for value in parameter.flatten().tolist()} == {1.0}


def test_failed_loading_of_a_tree_changes_no_buffer_either() -> None:
    net = Net()
    with pytest.raises(RuntimeError, match="Missing key"):
        net.load_state_dict({"scale.running_mean": np.ones(3, np.float32)})
    assert net.scale.running_mean is not None
    assert torch.equal(net.scale.running_mean, torch.zeros(3))


def test_zero_grad_zeroes_by_default_and_drops_on_request() -> None:
    layer = nn.ConvTranspose3d(2, 3, 2)
    layer(flow.ones(1, 2, 2, 2, 2)).sum().backward()
    layer.zero_grad()
    assert layer.weight.grad is not None
    assert layer.weight.grad.abs().max() == 0
    layer.zero_grad(set_to_none=True)
    assert layer.weight.grad is None


def test_train_eval_and_moves_return_the_module_and_keep_the_parameters() -> None:
    layer = nn.ConvTranspose3d(2, 3, 2)
    weight = layer.weight
    assert layer.eval() is layer
    assert not layer.training
    assert layer.to(flow.float64) is layer
    assert layer.weight is weight
    assert weight.dtype == flow.float64
    assert layer.half().weight.dtype == flow.float16
