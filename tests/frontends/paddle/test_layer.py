"""`paddle.nn.Layer`. "Measured" means: in paddlepaddle 3.3.1, CPU."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends import paddle
from fourfold.frontends.paddle.nn import Conv3DTranspose, Layer


class MyNet(Layer):
    def __init__(self) -> None:
        super().__init__()
        self.a = Conv3DTranspose(1, 2, 2)
        self.b = torch.nn.Sequential(Conv3DTranspose(2, 1, 1))


def small() -> Conv3DTranspose:
    return Conv3DTranspose(1, 1, 1, weight_attr=paddle.nn.initializer.Constant(2.0))


def ones(*shape: int) -> np.ndarray[Any, Any]:
    return np.ones(shape, "float32")


# measured with inspect; our own keywords come after Paddle's arguments
@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("__init__", "name_scope dtype"),
        ("sublayers", "include_self"),
        ("named_sublayers", "prefix include_self layers_set remove_duplicate"),
        ("add_sublayer", "name sublayer"),
        ("add_parameter", "name parameter"),
        ("create_parameter", "shape attr dtype is_bias default_initializer device"),
        ("parameters", "include_sublayers"),
        ("named_parameters", "prefix include_sublayers remove_duplicate"),
        ("buffers", "include_sublayers"),
        ("named_buffers", "prefix include_sublayers remove_duplicate"),
        ("register_buffer", "name tensor persistable"),
        ("set_state_dict", "state_dict use_structured_name"),
        ("load_dict", "state_dict use_structured_name"),
        ("load_state_dict", "state_dict strict assign"),
        ("train", "mode"),
        ("eval", ""),
        ("to", "device dtype blocking non_blocking"),
        ("astype", "dtype"),
        ("float", "excluded_layers"),
        ("float16", "excluded_layers"),
        ("bfloat16", "excluded_layers"),
        ("half", ""),
        ("double", ""),
        ("clear_gradients", "set_to_zero"),
        ("apply", "fn"),
    ],
)
def test_methods_take_paddles_arguments_in_its_order(method: str, arguments: str) -> None:
    names = list(inspect.signature(getattr(Layer, method)).parameters)[1:]
    assert names[: len(arguments.split())] == arguments.split()


# measured
def test_scopes_count_per_name() -> None:
    assert (Layer("sc").full_name(), Layer("sc").full_name(), MyNet().full_name()) == ("sc_0", "sc_1", "my_net_0")


def test_tree_is_walked_parents_first() -> None:
    net = MyNet()
    assert [name for name, _ in net.named_sublayers()] == ["a", "b", "b.0"]
    assert net.sublayers() == [net.a, net.b, net.b[0]]
    assert net.sublayers(include_self=True)[0] is net
    assert [name for name, _ in net.named_parameters(prefix="p")] == [
        "p.a.weight",
        "p.a.bias",
        "p.b.0.weight",
        "p.b.0.bias",
    ]
    assert net.parameters(include_sublayers=False) == []
    assert len(net.parameters()) == len(list(torch.nn.Module.parameters(net))) == 4


def test_layers_set_leaves_layers_out() -> None:
    net = MyNet()
    assert [name for name, _ in net.named_sublayers(layers_set={net.a})] == ["b", "b.0"]


def test_add_sublayer_takes_numbers_and_replaces() -> None:
    net = Layer()
    first, second = small(), small()
    assert net.add_sublayer("0", first) is first
    net.add_sublayer("0", second)
    assert net.sublayers() == [second]
    with pytest.raises(AssertionError, match="must be a Layer"):
        net.add_sublayer("c", 3)  # type: ignore[arg-type]


def test_create_parameter_names_and_initialises() -> None:
    layer = Layer("sc")
    weight, bias = layer.create_parameter([2, 3]), layer.create_parameter([3], is_bias=True)
    assert weight is not None
    assert bias is not None
    assert (weight.name, bias.name, bias.tolist()) == ("sc_0.w_0", "sc_0.b_0", [0.0, 0.0, 0.0])
    assert layer.create_parameter([1], attr=False) is None


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param({"shape": [2, -1]}, AssertionError, "size of the 1-th dim is -1", id="negative"),
        pytest.param({"shape": 2.5}, TypeError, "list or tuple of integers", id="float"),
        pytest.param({"shape": [1], "dtype": "foo"}, TypeError, "dtype must be any of", id="dtype"),
        pytest.param({"shape": [1], "device": "foo"}, ValueError, "is no device", id="device"),
    ],
)
def test_create_parameter_refuses(arguments: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        Layer().create_parameter(**arguments)


def test_parameters_have_the_dtype_that_is_asked_for_and_not_the_layer_s() -> None:
    layer = Layer(dtype="float64")
    kinds = [layer.create_parameter([1], dtype=dtype).dtype for dtype in (None, "float64")]  # type: ignore[union-attr]
    assert kinds == [torch.float32, torch.float64]


@pytest.mark.parametrize(
    ("name", "parameter", "error", "match"),
    [
        pytest.param("w.e", None, KeyError, "can not contain `.`", id="dot"),
        pytest.param("", None, KeyError, "can not be empty", id="empty"),
        pytest.param("a", None, KeyError, "already exists", id="clash"),
        pytest.param("w", torch.ones(1), TypeError, "should be a Parameter, but received Tensor", id="tensor"),
        pytest.param(3, None, TypeError, "should be a string", id="int"),
    ],
)
def test_add_parameter_refuses(name: Any, parameter: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        MyNet().add_parameter(name, parameter)


# -- state ----------------------------------------------------------------------------------------------------------


def test_state_dict_holds_live_parameters_and_persistable_buffers() -> None:
    net = MyNet()
    net.register_buffer("kept", torch.ones(1))
    net.register_buffer("lost", torch.ones(1), persistable=False)
    state = net.state_dict()
    assert list(state) == ["kept", "a.weight", "a.bias", "b.0.weight", "b.0.bias"]  # measured order
    assert state["a.weight"] is net.a.weight
    assert [len(net.buffers()), len(list(net.named_buffers()))] == [2, 2]


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        pytest.param({"include_sublayers": False}, ["kept"], id="own"),
        pytest.param({"structured_name_prefix": "q."}, ["q.kept", "q.a.weight", "q.a.bias"], id="prefix"),
        pytest.param(
            {"use_hook": False, "structured_name_prefix": "q."}, ["q.kept", "q.a.weight", "q.a.bias"], id="no-hook"
        ),
        pytest.param(
            {"prefix": "t.", "destination": {}, "keep_vars": True}, ["t.kept", "t.a.weight", "t.a.bias"], id="torch"
        ),
    ],
)
def test_state_dict_takes_paddles_and_torchs_arguments(arguments: dict[str, Any], keys: list[str]) -> None:
    net = Layer()
    net.register_buffer("kept", torch.ones(1))
    net.a = small()
    assert list(net.state_dict(**arguments)) == keys


@pytest.mark.parametrize(
    ("arguments", "hooked"), [({}, True), ({"use_hook": False}, False), ({"include_sublayers": False}, True)], ids=str
)
def test_use_hook_runs_state_dict_hooks_or_not(arguments: dict[str, Any], hooked: bool) -> None:
    layer = small()
    register: Any = layer._register_state_dict_hook
    register(lambda module, state, prefix, metadata: state.update(seen=1))
    assert ("seen" in layer.state_dict(**arguments)) == hooked


def test_keep_vars_false_detaches() -> None:
    state = small().state_dict(keep_vars=False)
    assert state["weight"].stop_gradient


@pytest.mark.parametrize("method", ["set_state_dict", "set_dict", "load_dict"])
def test_loading_takes_arrays_and_tensors(method: str) -> None:
    layer = small()
    state = {"weight": 4 * ones(1, 1, 1, 1, 1), "bias": torch.tensor([5.0])}
    weight = layer.weight
    assert getattr(layer, method)(state) == ([], [])
    assert [parameter.item() for parameter in layer.parameters()] == [4.0, 5.0]
    assert layer.weight is weight


# measured
def test_missing_key_warns_and_extra_key_is_only_returned() -> None:
    layer = small()
    with pytest.warns(UserWarning, match="Skip loading for bias. bias is not found in the provided dict."):
        result = layer.set_state_dict({"weight": ones(1, 1, 1, 1, 1), "zz": 3})
    assert result == (["bias"], ["zz"])
    assert layer.weight.item() == 1.0


# measured
def test_other_shape_warns_skips_and_is_in_both_lists() -> None:
    layer = small()
    with pytest.warns(UserWarning, match=r"bias receives a shape \[3\], but the expected shape is \[1\]"):
        result = layer.set_state_dict({"weight": ones(1, 1, 1, 1, 1), "bias": ones(3)})
    assert result == (["bias"], ["bias"])


@pytest.mark.parametrize(
    ("bias", "match"),
    [
        pytest.param(np.zeros(1), "Variable dtype not match.* need tensor with dtype float32 .* float64", id="float64"),
        pytest.param(np.zeros(1, "int64"), "Variable dtype not match", id="int64"),
        pytest.param([1.0], "arguments type only support Tensor, numpy", id="list"),
    ],
)
def test_other_dtype_raises_and_nothing_is_copied(bias: Any, match: str) -> None:
    layer = small()
    with pytest.raises(AssertionError, match=match):
        layer.set_state_dict({"weight": ones(1, 1, 1, 1, 1), "bias": bias})
    assert layer.weight.item() == 2.0


def test_loading_by_parameter_name() -> None:
    layer = small()
    state = {"conv3d_transpose_0.w_0": 6 * ones(1, 1, 1, 1, 1), "conv3d_transpose_0.b_0": ones(1)}
    assert layer.set_state_dict(state, use_structured_name=False) == ([], [])
    assert layer.weight.item() == 6.0


def test_loading_bfloat16_takes_its_bits() -> None:
    layer = small().bfloat16()
    bits = {name: value.numpy() for name, value in layer.state_dict().items()}
    twin = Conv3DTranspose(1, 1, 1).bfloat16()
    assert twin.set_state_dict(bits) == ([], [])
    assert torch.equal(twin.weight, layer.weight)


def test_loading_something_else_than_a_dict_is_refused() -> None:
    with pytest.raises(AttributeError, match="state_dict is a list"):
        small().set_state_dict([])  # type: ignore[arg-type]


def test_torchs_load_state_dict_is_strict() -> None:
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "bias"'):
        small().load_state_dict({"weight": torch.ones(1, 1, 1, 1, 1)})


def test_torchs_load_state_dict_assigns() -> None:
    layer, state = small(), torch.nn.ConvTranspose3d(1, 1, 1).state_dict()
    layer.load_state_dict(state, assign=True)
    assert layer.weight.data_ptr() == state["weight"].data_ptr()


# -- modes, dtypes and devices --------------------------------------------------------------------------------------


def test_train_and_eval_return_the_layer_and_keep_gradients_on() -> None:
    layer = small()
    assert layer.eval() is layer
    assert not layer.training
    assert layer(torch.ones(1, 1, 1, 1, 1)).requires_grad
    assert layer.train() is layer


@pytest.mark.parametrize(
    ("cast", "dtype"),
    [
        pytest.param(lambda layer: layer.to(dtype="float64"), torch.float64, id="to-dtype"),
        pytest.param(lambda layer: layer.to("cpu", "float64"), torch.float64, id="to-device-dtype"),
        pytest.param(lambda layer: layer.to(torch.float64), torch.float64, id="to-torch-dtype"),
        pytest.param(lambda layer: layer.to(torch.ones(1).double()), torch.float64, id="to-tensor"),
        pytest.param(lambda layer: layer.astype("float64"), torch.float64, id="astype"),
        pytest.param(lambda layer: layer.double(), torch.float64, id="double"),
        pytest.param(lambda layer: layer.half(), torch.float16, id="half"),
        pytest.param(lambda layer: layer.float16(), torch.float16, id="float16"),
        pytest.param(lambda layer: layer.bfloat16(), torch.bfloat16, id="bfloat16"),
        pytest.param(lambda layer: layer.double().float(), torch.float32, id="float"),
    ],
)
def test_casts_return_the_layer_and_keep_its_parameters(cast: Any, dtype: torch.dtype) -> None:
    layer = small()
    assert cast(layer) is layer
    assert (layer.weight.dtype, layer._dtype) == (dtype, dtype)
    assert layer.weight.name == "conv3d_transpose_0.w_0"


def test_excluded_layers_keep_their_dtype() -> None:
    net: Any = MyNet()
    net.own = net.create_parameter([1])
    net.float16(excluded_layers=[Conv3DTranspose])
    assert (net.own.dtype, net.a.weight.dtype) == (torch.float16, torch.float32)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        pytest.param(lambda layer: layer.to("foo"), ValueError, "is no device", id="device"),
        pytest.param(lambda layer: layer.to(dtype="foo"), TypeError, "dtype must be any of", id="dtype"),
        pytest.param(
            lambda layer: layer.to(blocking=3), AssertionError, "should be None or True or False", id="blocking"
        ),
        pytest.param(lambda layer: layer.float(excluded_layers=3), TypeError, "should be a layer class", id="excluded"),
    ],
)
def test_illegal_moves_are_refused(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call(small())


def test_to_takes_a_memory_format() -> None:
    layer = Conv3DTranspose(2, 2, 3).to(memory_format=torch.channels_last_3d)
    assert layer.weight.is_contiguous(memory_format=torch.channels_last_3d)


@pytest.mark.parametrize(("set_to_zero", "gradient"), [(True, 0.0), (False, None)], ids=["zero", "drop"])
def test_clear_gradients(set_to_zero: bool, gradient: float | None) -> None:
    layer = small()
    layer(torch.ones(1, 1, 1, 1, 1)).backward()
    layer.clear_gradients(set_to_zero)
    grad = layer.weight.grad
    assert (None if grad is None else grad.item()) == gradient


def test_a_sequential_s_layers_have_names_and_numbers() -> None:
    first, second = paddle.nn.ReLU(), paddle.nn.Tanh()
    layers: Any = paddle.nn.Sequential(("a", first), ("b", second))
    assert layers["b"] is second
    assert layers[0] is first
    assert len(layers[1:]) == 1


def test_a_hook_runs_after_forward() -> None:
    layer: Any = paddle.nn.ReLU()
    handle = layer.register_forward_post_hook(lambda layer, inputs, output: output + 1)
    assert layer(paddle.to_tensor([2.0])).tolist() == [3.0]
    handle.remove()
    assert layer(paddle.to_tensor([2.0])).tolist() == [2.0]
