"""`megengine.module.Module`: state, loading, order, containers, and life inside torch modules."""

from __future__ import annotations

import inspect
import logging
import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch

import fourfold.frontends.megengine as mge
import fourfold.frontends.megengine.module as M


def up(bias: bool = True) -> M.ConvTranspose3d:
    return M.ConvTranspose3d(1, 1, 1, bias=bias)


class Net(M.Module):
    """Everything that MegEngine registers, in an order unlike the sorted one."""

    def __init__(self) -> None:
        super().__init__(name="net")
        self.z = up()
        self.ups = [up(bias=False) for _ in range(11)]
        self.d = {"b": up(), "a": up()}
        self.buf = mge.tensor([1.0, 2.0])
        self.a = mge.Parameter([1.0])
        self.tt = (up(),)
        self.late: list[M.ConvTranspose3d] = []
        self.late.append(up())
        self.shared = self.z
        self.pl = [mge.Parameter([1.0])]


# measured: list(state_dict()) and the names of named_parameters() of this class in MegEngine 1.13.0
STATE = [
    "a",
    "buf",
    "pl.0",
    "d.a.bias",
    "d.a.weight",
    "d.b.bias",
    "d.b.weight",
    "late.0.bias",
    "late.0.weight",
    "shared.bias",
    "shared.weight",
    "tt.0.bias",
    "tt.0.weight",
    "ups.0.weight",
    "ups.1.weight",
    "ups.2.weight",
    "ups.3.weight",
    "ups.4.weight",
    "ups.5.weight",
    "ups.6.weight",
    "ups.7.weight",
    "ups.8.weight",
    "ups.9.weight",
    "ups.10.weight",
]
PARAMETERS = [
    "a",
    "d.a.bias",
    "d.a.weight",
    "d.b.bias",
    "d.b.weight",
    "late.0.bias",
    "late.0.weight",
    "pl.0",
    "shared.bias",
    "shared.weight",
    "tt.0.bias",
    "tt.0.weight",
    "ups.0.weight",
    "ups.1.weight",
    "ups.2.weight",
    "ups.3.weight",
    "ups.4.weight",
    "ups.5.weight",
    "ups.6.weight",
    "ups.7.weight",
    "ups.8.weight",
    "ups.9.weight",
    "ups.10.weight",
]


@pytest.mark.parametrize(
    ("method", "names"),
    [
        # measured: inspect.signature of the methods of megengine.module.Module 1.13.0
        pytest.param("state_dict", ["rst", "prefix", "keep_var"], id="state_dict"),
        pytest.param("load_state_dict", ["state_dict", "strict"], id="load_state_dict"),
        pytest.param("train", ["mode", "recursive"], id="train"),
        pytest.param("eval", [], id="eval"),
        pytest.param("parameters", ["recursive"], id="parameters"),
        pytest.param("named_parameters", ["prefix", "recursive"], id="named_parameters"),
        pytest.param("buffers", ["recursive"], id="buffers"),
        pytest.param("named_buffers", ["prefix", "recursive"], id="named_buffers"),
        pytest.param("apply", ["fn"], id="apply"),
        pytest.param("zero_grad", [], id="zero_grad"),
        pytest.param("__init__", ["name"], id="init"),
    ],
)
def test_positional_arguments_are_megengines(method: str, names: list[str]) -> None:
    parameters = list(inspect.signature(getattr(M.Module, method)).parameters.values())[1:]
    assert [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD] == names


def test_state_keys_are_in_megengines_order() -> None:
    assert list(Net().state_dict()) == STATE


def test_named_parameters_are_in_megengines_order() -> None:
    assert [name for name, _ in Net().named_parameters()] == PARAMETERS


def test_parameters_of_the_module_alone_leave_out_those_of_layers() -> None:
    # measured: ['a', 'pl.0']
    assert [name for name, _ in Net().named_parameters(recursive=False)] == ["a", "pl.0"]
    assert len(list(Net().parameters(recursive=False))) == 2


def test_prefix_is_put_before_the_names_with_a_dot() -> None:
    assert [name for name, _ in Net().named_parameters("p")][:2] == ["p.a", "p.d.a.bias"]
    assert [name for name, _ in Net().named_buffers(prefix="p")] == ["p.buf"]


def test_tensor_attribute_is_a_buffer() -> None:
    assert [(name, type(buffer)) for name, buffer in Net().named_buffers()] == [("buf", mge.Tensor)]
    assert [buffer.tolist() for buffer in Net().buffers()] == [[1.0, 2.0]]


def test_tensor_attribute_can_replace_another_value_and_be_replaced() -> None:
    net = Net()
    net.stat = 3
    net.stat = mge.tensor([4.0])
    net.stat = mge.tensor([5.0])
    assert net.state_dict()["stat"].tolist() == [5.0]


def test_shared_parameter_comes_twice_only_if_asked_for() -> None:
    net = Net()
    assert [name for name, _ in net.named_parameters(remove_duplicate=False)][-2:] == ["z.bias", "z.weight"]


def test_requires_grad_filters() -> None:
    net = Net()
    net.a.requires_grad_(False)
    assert [name for name, _ in net.named_parameters(requires_grad=False)] == ["a"]
    assert len(list(net.parameters(requires_grad=True))) == len(PARAMETERS) - 1


def test_state_is_a_read_only_snapshot_of_arrays() -> None:
    layer = up()
    state = layer.state_dict()
    with torch.no_grad():
        layer.weight.fill_(7)
    assert type(state) is OrderedDict
    # measured: [('bias', float32, (1, 6, 1, 1, 1), False), ('weight', ...)]
    assert [(key, value.dtype, value.flags.writeable) for key, value in state.items()] == [
        ("bias", np.float32, False),
        ("weight", np.float32, False),
    ]
    assert state["weight"].item() != 7


def test_keep_var_gives_the_parameters_themselves() -> None:
    layer = up()
    assert layer.state_dict(keep_var=True)["weight"] is layer.weight


def test_prefix_is_put_before_the_keys_as_it_stands() -> None:
    # measured: ['a.bias', 'a.weight']
    assert list(up().state_dict(prefix="a.")) == ["a.bias", "a.weight"]


def test_rst_is_filled_and_returned() -> None:
    result: dict[str, Any] = {"other": 1}
    assert up().state_dict(result) is result
    assert list(result) == ["other", "bias", "weight"]


def test_rst_with_a_key_of_the_module_is_an_assertion_error() -> None:
    with pytest.raises(AssertionError, match="duplicated state: 'bias'"):
        up().state_dict({"bias": None})


def test_keywords_of_both_frameworks_at_once_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="legal are the keywords of one of them"):
        up().state_dict(keep_var=True, destination={})


def test_state_loads_into_another_module() -> None:
    first, second = Net(), Net()
    second.load_state_dict(first.state_dict())
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    assert all(np.array_equal(left, right) for left, right in pairs)


def test_load_takes_a_function_of_key_and_parameter() -> None:
    layer = up()
    layer.load_state_dict(lambda key, parameter: np.full(parameter.shape, len(key), np.float32))
    assert [value.item() for value in layer.state_dict().values()] == [4, 6]


@pytest.mark.parametrize("dtype", ["float16", "float64", "complex64", ">f4"])
def test_parameter_takes_the_dtype_of_its_array(dtype: str) -> None:
    layer = up()
    identity = layer.weight
    layer.load_state_dict({key: value.astype(dtype) for key, value in layer.state_dict().items()})
    assert layer.weight is identity
    assert layer.weight.numpy().dtype == np.dtype(dtype).newbyteorder("=")


def arrays(**changes: Any) -> dict[str, Any]:
    state = {"weight": np.ones((1, 1, 1, 1, 1), "float32"), "bias": np.ones((1, 1, 1, 1, 1), "float32"), **changes}
    return {key: value for key, value in state.items() if value is not ...}


@pytest.mark.parametrize(
    ("state", "error", "match"),
    [
        # classes and words measured in MegEngine 1.13.0, where not noted otherwise
        pytest.param(
            arrays(bias=...), KeyError, r"Missing params violate `strict=True`, missing={'bias'}", id="missing"
        ),
        pytest.param(arrays(x=np.ones(1)), KeyError, r"Unused params violate `strict=True`, unused={'x'}", id="unused"),
        pytest.param(arrays(x=np.ones(1), bias=...), KeyError, "unused={'x'}", id="unused-before-missing"),
        pytest.param(arrays(bias=None), KeyError, "unused={'bias'}", id="none"),
        pytest.param(lambda key, parameter: None, KeyError, "missing={'bias', 'weight'}", id="function-gives-none"),
        pytest.param([1], ValueError, "`state_dict` must load a dict or callable, got <class 'list'>", id="list"),
        pytest.param(
            arrays(bias=np.ones(1, "float32")),
            ValueError,
            r"param `bias` shape mismatch, should be \(1, 1, 1, 1, 1\), get \(1,\)",
            id="shape",
        ),
        pytest.param(
            arrays(weight=torch.ones(1, 1, 1, 1, 1)), AssertionError, "should return a `np.ndarray`", id="tensor"
        ),
        # the release makes the parameter an integer one
        pytest.param(arrays(weight=np.ones((1, 1, 1, 1, 1), "int32")), TypeError, "would become int32", id="integers"),
    ],
)
def test_bad_state_raises_and_nothing_is_loaded(state: Any, error: type[Exception], match: str) -> None:
    layer = up()
    before = layer.state_dict()
    with pytest.raises(error, match=match):
        layer.load_state_dict(state)
    assert all(np.array_equal(before[key], value) for key, value in layer.state_dict().items())


def test_load_that_is_not_strict_logs_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    layer, records, handler = up(), list[logging.LogRecord](), logging.Handler()
    monkeypatch.setattr(handler, "emit", records.append)
    monkeypatch.setattr(logging.getLogger("fourfold"), "handlers", [handler])
    layer.load_state_dict(arrays(bias=None, x=np.ones(1)), strict=False)
    assert [record.getMessage() for record in records] == [
        "Unused params in `strict=False` mode, unused={'bias', 'x'}",
        "Missing params in `strict=False` mode, missing={'bias'}",
    ]
    assert layer.state_dict()["weight"].item() == 1


def test_name_is_kept() -> None:
    assert (Net().name, M.Module().name) == ("net", None)


@pytest.mark.parametrize("name", ["", "  ", 3])
def test_name_that_is_no_text_is_an_assertion_error(name: Any) -> None:
    with pytest.raises(AssertionError, match="Module's name must be a non-empty string"):
        M.Module(name)


def test_train_and_eval_reach_every_layer_and_return_the_module() -> None:
    net = Net()
    assert net.eval() is net
    assert {module.training for module in net.modules()} == {False}
    assert net.train() is net
    assert {module.training for module in net.modules()} == {True}


def test_train_without_recursion_changes_the_module_alone() -> None:
    net = Net()
    net.train(False, recursive=False)
    assert (net.training, net.z.training) == (False, True)


def test_apply_starts_at_the_module_itself() -> None:
    seen: list[torch.nn.Module] = []
    net = Net()
    assert net.apply(seen.append) is net
    assert seen[0] is net
    assert net.z in seen


def test_zero_grad_leaves_zeros() -> None:
    layer = up()
    layer(torch.ones(1, 1, 1, 1, 1)).sum().backward()
    layer.zero_grad()
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[[[[0.0]]]]]


def test_lists_filled_later_are_registered_before_they_are_needed() -> None:
    net = Net()
    assert net.double().late[0].weight.dtype == torch.float64
    assert isinstance(net.late, torch.nn.ModuleList)


def test_repr_lists_the_layers_in_lists_too() -> None:
    assert "(late): ModuleList(\n    (0): ConvTranspose3d(1, 1, kernel_size=(1, 1, 1))" in repr(Net())


def test_named_modules_takes_megengines_prefix() -> None:
    assert [name for name, _ in Net().named_modules("p")][:2] == ["p", "p.z"]


def test_list_of_modules_and_other_things_is_refused() -> None:
    net = Net()
    with pytest.raises(TypeError, match="neither all modules nor all parameters"):
        net.mixed = [up(), 3]


def test_list_of_plain_values_stays_a_list() -> None:
    net = Net()
    net.sizes = [1, 2]
    assert type(net.sizes) is list


def test_dict_of_parameters_is_registered() -> None:
    net = M.Module()
    net.scales = {"b": mge.Parameter([1.0]), "a": mge.Parameter([2.0])}
    assert list(net.state_dict()) == ["scales.a", "scales.b"]


def test_torch_layers_inside_give_their_parameters_and_buffers() -> None:
    net = M.Module()
    net.norm = torch.nn.BatchNorm3d(2)
    expected = ["norm.bias", "norm.num_batches_tracked", "norm.running_mean", "norm.running_var", "norm.weight"]
    assert list(net.state_dict()) == expected
    assert not net.state_dict()["norm.weight"].flags.writeable


def test_non_persistent_buffers_of_torch_layers_stay_out_of_the_state() -> None:
    net = M.Module()
    net.inner = torch.nn.Module()
    net.inner.register_buffer("scratch", torch.ones(1), persistent=False)
    assert list(net.state_dict()) == []


def test_torch_module_around_it_saves_and_loads_tensors() -> None:
    nets = [Net(), Net()]
    first, second = (torch.nn.Sequential(net, up()) for net in nets)
    state = first.state_dict()
    assert {type(value) for value in state.values()} <= {mge.Tensor, torch.Tensor}
    assert second.load_state_dict(state).missing_keys == []
    assert torch.equal(nets[1].late[0].weight, nets[0].late[0].weight)
    assert {"0.late.0.weight", "1.bias"} <= set(state)


def test_torchs_own_keywords_give_torchs_state() -> None:
    layer = up()
    assert layer.state_dict(keep_vars=True)["weight"] is layer.weight
    assert list(layer.state_dict(destination=OrderedDict(), prefix="p.", keep_vars=False)) == ["p.bias", "p.weight"]


def test_module_with_containers_pickles() -> None:
    net = Net()
    again = pickle.loads(pickle.dumps(net))
    assert list(again.state_dict()) == STATE
    assert np.array_equal(again.state_dict()["ups.10.weight"], net.state_dict()["ups.10.weight"])
