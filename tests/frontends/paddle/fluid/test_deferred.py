"""Layers of the documented class whose parameters wait for the first call or the first checkpoint."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from tests.versions import traces_parameters

from fourfold.frontends.paddle import fluid

Conv3DTranspose = fluid.dygraph.Conv3DTranspose
X = torch.arange(108.0).reshape(1, 4, 3, 3, 3)


def test_a_scope_takes_the_channels_from_the_first_input() -> None:
    with fluid.dygraph.guard():
        layer: Any = Conv3DTranspose("up", num_filters=6, filter_size=3, groups=2)
        assert {"weight": None, "bias": None}.items() <= layer._parameters.items()
        assert list(layer.state_dict()) == layer.parameters() == []
        assert layer(X).shape == (1, 6, 5, 5, 5)
    assert layer.weight.shape == [4, 3, 3, 3, 3]
    assert [item.name for item in layer.parameters()] == ["up_0.w_0", "up_0.b_0"]
    assert list(layer.state_dict()) == ["weight", "bias"]


def test_later_inputs_use_the_same_parameters() -> None:
    layer = Conv3DTranspose("up", num_filters=6, filter_size=3)
    first = layer(X)
    weight = layer.weight
    assert torch.equal(layer(X), first)
    assert layer.weight is weight


def test_filter_size_none_takes_it_from_output_size() -> None:
    layer: Any = Conv3DTranspose(4, 6, None, output_size=(7, 8, 9), stride=2, padding=1)
    assert layer.parameters() == []
    assert layer(X).shape == (1, 6, 7, 8, 9)
    # by fluid's formula, (out - (3 - 1) * 2 + 2 - 1) // 1 + 1
    assert layer.weight.shape == [4, 6, 5, 6, 7]
    assert layer._filter_size == [5, 6, 7]


def test_an_output_size_that_no_filter_reaches_is_refused() -> None:
    layer = Conv3DTranspose(4, 6, None, output_size=(6, 7, 7), dilation=2)
    with pytest.raises(fluid.core.EnforceNotMet, match="should be less than infered size"):
        layer(X)


def test_neither_filter_nor_output_size_is_refused() -> None:
    with pytest.raises(ValueError, match="output_size must be set when filter_size is None"):
        Conv3DTranspose(4, 6, None)


@pytest.mark.parametrize("third", [3, None])
def test_positional_arguments_after_a_scope_are_refused(third: Any) -> None:
    with pytest.raises(TypeError, match="after a name scope only num_filters may be positional"):
        Conv3DTranspose("up", 6, third)


def test_num_filters_may_be_positional_after_a_scope() -> None:
    assert Conv3DTranspose("up", 6, filter_size=3)(X).shape == (1, 6, 5, 5, 5)


def test_name_is_the_full_name_and_prefix_of_the_parameters() -> None:
    with fluid.dygraph.guard():
        first, second = Conv3DTranspose(4, 6, 3, name="up"), Conv3DTranspose(4, 6, 3, name="up")
    assert first.full_name() == second.full_name() == "up"
    assert [item.name for item in first.parameters()] == ["up.w_0", "up.b_0"]
    assert [item.name for item in second.parameters()] == ["up.w_1", "up.b_1"]


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param({"name": "n"}, ValueError, "both name the parameters", id="scope-and-name"),
        pytest.param({"groups": 4}, ValueError, "out_channels=6 is not divisible by groups=4", id="groups"),
        pytest.param({"stride": 0}, ValueError, "stride", id="stride-0"),
        pytest.param({"param_attr": 1}, TypeError, "cast to ParamAttr", id="param_attr"),
    ],
)
def test_what_can_be_checked_early_is(arguments: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        Conv3DTranspose("up", num_filters=6, filter_size=3, **arguments)


def test_channels_that_groups_do_not_divide_are_refused_by_the_first_call() -> None:
    layer = Conv3DTranspose("up", num_filters=6, filter_size=3, groups=3)
    with pytest.raises(ValueError, match="in_channels=4 is not divisible by groups=3"):
        layer(X)


@pytest.mark.parametrize("x", [X[0], X.numpy()], ids=["4-D", "array"])
def test_a_first_input_that_is_no_volume_is_refused(x: Any) -> None:
    layer = Conv3DTranspose("up", num_filters=6, filter_size=3)
    with pytest.raises(fluid.core.EnforceNotMet):
        layer(x)
    assert layer.weight is None


def test_set_dict_creates_the_parameters() -> None:
    source = Conv3DTranspose(4, 6, (3, 2, 1))
    layer = Conv3DTranspose("up", num_filters=6, filter_size=None, output_size=(5, 4, 3))
    layer.set_dict({key: value.numpy() for key, value in source.state_dict().items()})
    assert torch.equal(layer(X), source(X))


def test_set_dict_by_parameter_name_creates_the_parameters() -> None:
    with fluid.dygraph.guard():
        source = Conv3DTranspose("up", num_filters=6, filter_size=3)
        source(X)
    with fluid.dygraph.guard():
        layer = Conv3DTranspose("up", num_filters=6, filter_size=3)
        layer.set_dict({item.name: item.numpy() for item in source.parameters()}, use_structured_name=False)
    assert torch.equal(layer(X), source(X))


def test_torchs_load_state_dict_creates_the_parameters() -> None:
    source = torch.nn.Sequential(Conv3DTranspose(4, 6, 3))
    model = torch.nn.Sequential(Conv3DTranspose("up", num_filters=6, filter_size=3))
    model.load_state_dict(source.state_dict())
    assert torch.equal(model(X), source(X))


def test_torchs_load_state_dict_reports_a_missing_weight() -> None:
    model = torch.nn.Sequential(Conv3DTranspose("up", num_filters=6, filter_size=3))
    with pytest.raises(RuntimeError, match=r'Missing key.*"0\.weight"'):
        model.load_state_dict({})


def test_set_dict_without_a_weight_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"Parameter not found, Can't not find \[ weight \]"):
        Conv3DTranspose("up", num_filters=6, filter_size=3).set_dict({})


@pytest.mark.parametrize("shape", [(4, 7, 3, 3, 3), (4, 6, 3, 3, 2), (4, 6, 3, 3)], ids=str)
def test_a_weight_that_does_not_fit_the_arguments_is_refused(shape: tuple[int, ...]) -> None:
    layer = Conv3DTranspose("up", num_filters=6, filter_size=3)
    with pytest.raises(AssertionError, match="Variable Shape not match"):
        layer.set_dict({"weight": torch.ones(shape), "bias": torch.zeros(6)})


def test_an_unbuilt_layer_can_be_copied_and_pickled() -> None:
    layer = Conv3DTranspose("up", num_filters=6, filter_size=3, param_attr=fluid.initializer.Xavier(seed=3))
    copies = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))]
    expected = layer(X)
    assert [torch.equal(item(X), expected) for item in copies] == [True, True]


def test_a_cast_before_the_first_call_holds() -> None:
    layer = Conv3DTranspose("up", num_filters=6, filter_size=3).to(dtype="float64")
    assert layer(X.double()).dtype == torch.float64


@traces_parameters
def test_an_unbuilt_layer_cannot_be_compiled_whole_and_says_why() -> None:
    layer = torch.compile(Conv3DTranspose("up", num_filters=6, filter_size=3), fullgraph=True, backend="eager")
    with pytest.raises(Exception, match="call it once, or load its state, before"):
        layer(X)
