"""`paddle.nn.Conv3DTranspose`. "Measured" means: in paddlepaddle 3.3.1, CPU, Python 3.11."""

from __future__ import annotations

import copy
import inspect
import io
import math
import pickle
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
from tests.versions import traces_parameters

from fourfold.frontends import paddle
from fourfold.frontends.paddle.nn import Conv3DTranspose
from fourfold.frontends.paddle.tensor import Parameter


def volume(*shape: int) -> torch.Tensor:
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape) % 7 - 3


# -- signatures, measured with inspect ------------------------------------------------------------------------------


def test_constructor_takes_paddles_arguments_in_its_order_with_its_defaults() -> None:
    parameters = inspect.signature(Conv3DTranspose).parameters
    order = (
        "in_channels out_channels kernel_size stride padding output_padding dilation groups weight_attr bias_attr "
        "data_format"
    )
    assert list(parameters) == order.split()
    defaults = [parameter.default for parameter in parameters.values()]
    empty = inspect.Parameter.empty
    assert defaults == [empty, empty, empty, 1, 0, 0, 1, 1, None, None, "NCDHW"]


def test_forward_takes_x_and_output_size() -> None:
    assert str(inspect.signature(Conv3DTranspose.forward)) == (
        "(self, x: 'torch.Tensor', output_size: 'Any' = None) -> 'torch.Tensor'"
    )


# -- parameters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "shape"), [pytest.param(1, [4, 6, 3, 4, 5], id="dense"), pytest.param(2, [4, 3, 3, 4, 5], id="groups2")]
)
@pytest.mark.parametrize("data_format", ["NCDHW", "NDHWC"])
def test_weight_is_in_out_over_groups_then_kernel_for_both_formats(
    groups: int, shape: list[int], data_format: str
) -> None:
    layer = Conv3DTranspose(4, 6, (3, 4, 5), groups=groups, data_format=data_format)
    assert layer.weight.shape == shape
    assert layer.bias is not None
    assert layer.bias.shape == [6]


def test_names_count_layers_and_state_is_weight_then_bias() -> None:
    first, second = Conv3DTranspose(1, 1, 1), Conv3DTranspose(1, 1, 1)
    assert (first.full_name(), second.full_name()) == ("conv3d_transpose_0", "conv3d_transpose_1")
    assert [parameter.name for parameter in second.parameters()] == [
        "conv3d_transpose_1.w_0",
        "conv3d_transpose_1.b_0",
    ]
    assert list(second.state_dict()) == ["weight", "bias"]
    assert second.state_dict()["weight"] is second.weight


def test_bias_attr_false_leaves_none_and_no_key() -> None:
    layer = Conv3DTranspose(1, 1, 1, bias_attr=False)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]
    assert layer(volume(1, 1, 2, 2, 2)).shape == (1, 1, 2, 2, 2)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("_in_channels", 2, id="in_channels"),
        pytest.param("_out_channels", 4, id="out_channels"),
        pytest.param("_kernel_size", [3, 3, 3], id="kernel_size"),
        pytest.param("_stride", [2, 2, 2], id="stride"),
        pytest.param("_dilation", [1, 1, 1], id="dilation"),
        pytest.param("_padding", [1, 2, 3, 4, 5, 6], id="padding"),
        pytest.param("_updated_padding", [1, 2, 3, 4, 5, 6], id="updated_padding"),
        pytest.param("_padding_algorithm", "EXPLICIT", id="padding_algorithm"),
        pytest.param("_padding_mode", "zeros", id="padding_mode"),
        pytest.param("output_padding", (1, 0, 1), id="output_padding"),
        pytest.param("_groups", 2, id="groups"),
        pytest.param("_data_format", "NDHWC", id="data_format"),
        pytest.param("_channel_dim", 4, id="channel_dim"),
        pytest.param("_op_type", "conv3d", id="op_type"),
        pytest.param("_use_cudnn", False, id="use_cudnn"),
        pytest.param("_param_attr", None, id="param_attr"),
        pytest.param("_bias_attr", False, id="bias_attr"),
        pytest.param("_dtype", None, id="dtype"),
        pytest.param("training", True, id="training"),
    ],
)
def test_attributes_are_those_measured(name: str, expected: Any) -> None:
    layer = Conv3DTranspose(
        2,
        4,
        3,
        stride=2,
        padding=[1, 2, 3, 4, 5, 6],
        output_padding=(1, 0, 1),
        groups=2,
        bias_attr=False,
        data_format="NDHWC",
    )
    value = getattr(layer, name)
    assert value == expected
    assert type(value) is type(expected)


# measured: ((0,0),(0,0),(0,1),(1,0),(1,1)) -> [0, 1, 1, 0, 1, 1], 'SAME' and 'valid' -> [0, 0, 0], 1 -> [1, 1, 1]
@pytest.mark.parametrize(
    ("padding", "updated", "algorithm"),
    [
        pytest.param(1, [1, 1, 1], "EXPLICIT", id="int"),
        pytest.param(((0, 0), (0, 0), (0, 1), (1, 0), (1, 1)), [0, 1, 1, 0, 1, 1], "EXPLICIT", id="pairs"),
        pytest.param("SAME", [0, 0, 0], "SAME", id="same"),
        pytest.param("valid", [0, 0, 0], "VALID", id="valid"),
    ],
)
def test_updated_padding_follows_padding(padding: Any, updated: list[int], algorithm: str) -> None:
    layer = Conv3DTranspose(2, 4, 3, padding=padding)
    assert (layer._updated_padding, layer._padding_algorithm) == (updated, algorithm)


# measured
@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        pytest.param({}, "", id="defaults"),
        pytest.param({"stride": 2}, "stride=[2, 2, 2], ", id="stride"),
        pytest.param({"padding": (1, 1, 1)}, "padding=(1, 1, 1), ", id="padding-as-given"),
        pytest.param({"padding": [0, 0, 0]}, "padding=[0, 0, 0], ", id="padding-zeros"),
        pytest.param({"padding": "SAME"}, "padding=SAME, ", id="same"),
        pytest.param({"output_padding": [0, 0, 0]}, "output_padding=[0, 0, 0], ", id="output_padding"),
        pytest.param({"bias_attr": False}, "", id="no-bias"),
        pytest.param(
            {"stride": 3, "padding": [0, 1, 2, 1, 1, 1], "output_padding": 1, "dilation": 3, "groups": 2},
            "stride=[3, 3, 3], padding=[0, 1, 2, 1, 1, 1], output_padding=1, dilation=[3, 3, 3], groups=2, ",
            id="all",
        ),
    ],
)
def test_repr_shows_what_is_not_default(arguments: dict[str, Any], options: str) -> None:
    layer = Conv3DTranspose(2, 4, 3, **arguments)
    assert repr(layer) == f"Conv3DTranspose(2, 4, kernel_size=[3, 3, 3], {options}data_format=NCDHW)"


# -- weight_attr and bias_attr --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attr", [None, True, "", paddle.ParamAttr()], ids=["none", "true", "empty-name", "default-param-attr"]
)
def test_attr_forms_that_mean_the_default(attr: Any) -> None:
    layer = Conv3DTranspose(1, 1, 1, weight_attr=attr, bias_attr=attr)
    assert layer.weight.name == "conv3d_transpose_0.w_0"
    assert layer.bias is not None
    assert layer.bias.tolist() == [0.0]


def test_param_attr_stays_on_the_parameter() -> None:
    attr = paddle.ParamAttr(
        name="up",
        initializer=paddle.nn.initializer.Constant(3.0),
        learning_rate=0.5,
        regularizer=paddle.regularizer.L1Decay(0.25),
        trainable=False,
        do_model_average=False,
        need_clip=False,
    )
    weight = Conv3DTranspose(1, 1, 1, weight_attr=attr).weight
    assert (weight.name, weight.item(), weight.optimize_attr) == ("up", 3.0, {"learning_rate": 0.5})
    assert weight.regularizer is attr.regularizer
    assert (weight.trainable, weight.stop_gradient, weight.requires_grad) == (False, True, False)
    assert (weight.do_model_average, weight.need_clip) == (False, False)


@pytest.mark.parametrize(
    ("argument", "attr", "error", "match"),
    [
        pytest.param("weight_attr", False, AssertionError, "weight_attr should not be False in Conv", id="w-false"),
        pytest.param("weight_attr", 1, TypeError, "<class 'int'> cast to ParamAttr", id="w-int"),
        pytest.param("bias_attr", 1.0, TypeError, "<class 'float'> cast to ParamAttr", id="b-float"),
        pytest.param("weight_attr", {}, TypeError, "<class 'dict'> cast to ParamAttr", id="w-dict"),
        pytest.param("weight_attr", [1], TypeError, "<class 'int'> cast to ParamAttr", id="w-list-of-int"),
        pytest.param("bias_attr", [paddle.ParamAttr()], AssertionError, "not a list", id="b-list"),
    ],
)
def test_attr_of_another_kind_is_refused(argument: str, attr: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        Conv3DTranspose(2, 2, 2, **{argument: attr})


def test_a_name_is_taken_once_even_after_its_layer_is_gone() -> None:
    layer = Conv3DTranspose(1, 1, 1, weight_attr="foo")
    del layer
    with pytest.raises(ValueError, match=r"parameter name \[foo\] have be been used"):
        Conv3DTranspose(1, 1, 1, weight_attr="foo")


# -- first values ---------------------------------------------------------------------------------------------------

# A right generator fails a Kolmogorov-Smirnov test at this significance once in a million seeds; the seed is fixed.
SIGNIFICANCE = 1e-6


@pytest.mark.parametrize("groups", [1, 2, 8])
def test_weight_is_xavier_uniform_with_paddles_fans(groups: int) -> None:
    weight = Conv3DTranspose(16, 24, (3, 4, 5), groups=groups).weight
    limit = math.sqrt(6 / ((24 // groups + 16) * 60))
    values = weight.numpy().ravel()
    assert np.abs(values).max() <= limit
    assert scipy.stats.kstest(values, scipy.stats.uniform(-limit, 2 * limit).cdf).pvalue > SIGNIFICANCE


def test_a_distribution_with_torchs_limit_would_fail_that_test() -> None:
    torch_limit = 1 / math.sqrt(24 * 60)
    values = Conv3DTranspose(16, 24, (3, 4, 5)).weight.numpy().ravel()
    law = scipy.stats.uniform(-torch_limit, 2 * torch_limit)
    assert scipy.stats.kstest(values, law.cdf).pvalue < SIGNIFICANCE


def test_seed_repeats_the_weights() -> None:
    paddle.seed(5)
    first = Conv3DTranspose(2, 2, 2).weight
    paddle.seed(5)
    assert torch.equal(first, Conv3DTranspose(2, 2, 2).weight)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float64"])
def test_default_dtype_governs_weight_and_bias(name: str) -> None:
    paddle.set_default_dtype(name)
    layer = Conv3DTranspose(1, 1, 1)
    assert [parameter.dtype for parameter in layer.parameters()] == [getattr(torch, name)] * 2


# -- forward --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "crop"),
    [
        pytest.param({}, [0, 0, 0, 0, 0, 0], id="defaults"),
        pytest.param({"padding": 1}, [1, 1, 1, 1, 1, 1], id="int"),
        pytest.param({"padding": (0, 1, 2)}, [0, 0, 1, 1, 2, 2], id="three"),
        pytest.param({"padding": range(3)}, [0, 0, 1, 1, 2, 2], id="range"),
        pytest.param({"padding": np.array([0, 1, 2])}, [0, 0, 1, 1, 2, 2], id="array"),
        pytest.param({"padding": [0, 1, 2, 1, 1, 0]}, [0, 1, 2, 1, 1, 0], id="six"),
        pytest.param({"padding": "vAlId"}, [0, 0, 0, 0, 0, 0], id="valid"),
    ],
)
@pytest.mark.parametrize("data_format", ["NCDHW", "NDHWC"])
def test_forward_is_torchs_full_result_cropped(arguments: dict[str, Any], crop: list[int], data_format: str) -> None:
    x = volume(2, 4, 3, 4, 2)
    layer = Conv3DTranspose(4, 6, 3, stride=2, groups=2, data_format=data_format, **arguments)
    layer.set_state_dict({"weight": volume(4, 3, 3, 3, 3), "bias": volume(6)})
    full = torch.nn.functional.conv_transpose3d(x, volume(4, 3, 3, 3, 3), volume(6), stride=2, groups=2)
    top, bottom, up, down, left, right = crop
    depth, height, width = full.shape[2:]
    expected = full[:, :, top : depth - bottom, up : height - down, left : width - right]
    if data_format == "NDHWC":
        assert torch.equal(layer(x.movedim(1, -1)), expected.movedim(1, -1))
    else:
        assert torch.equal(layer(x), expected)


@pytest.mark.parametrize(
    ("data_format", "padding"),
    [
        pytest.param("NCDHW", [[0, 0], [0, 0], [0, 1], [2, 1], [1, 0]], id="NCDHW"),
        pytest.param("NDHWC", ((0, 0), (0, 1), (2, 1), (1, 0), (0, 0)), id="NDHWC"),
    ],
)
def test_pairs_in_the_order_of_the_format_are_six_pads(data_format: str, padding: Any) -> None:
    layer = Conv3DTranspose(2, 2, 3, padding=padding, data_format=data_format)
    assert layer._updated_padding == [0, 1, 2, 1, 1, 0]


def test_output_size_replaces_output_padding() -> None:
    layer = Conv3DTranspose(2, 4, 3, stride=2, output_padding=1)
    x = volume(1, 2, 3, 4, 5)
    assert layer(x).shape == (1, 4, 8, 10, 12)
    assert layer(x, output_size=[7, 10, 11]).shape == (1, 4, 7, 10, 11)


def test_gradients_are_torchs() -> None:
    x = volume(1, 2, 3, 3, 3)
    layer: Any = Conv3DTranspose(2, 4, 3, stride=2, padding=1)
    twin: Any = torch.nn.ConvTranspose3d(2, 4, 3, stride=2, padding=1)
    twin.load_state_dict(layer.state_dict())
    for module in (layer, twin):
        module(x).square().sum().backward()
    assert torch.equal(layer.weight.grad, twin.weight.grad)
    assert torch.equal(layer.bias.grad, twin.bias.grad)


def test_second_derivatives_work_although_paddle_has_none() -> None:
    x: Any = torch.ones(1, 1, 1, 1, 1, requires_grad=True)
    layer = Conv3DTranspose(1, 1, 1, weight_attr=paddle.nn.initializer.Constant(3.0))
    slope: Any = torch.autograd.grad(layer(x).square().sum(), x, create_graph=True)[0]
    slope.backward()
    # d2/dx2 (3x)^2 = 18
    assert x.grad.item() == 18.0


@pytest.mark.parametrize("change", [{"_stride": [3, 3, 3]}, {"_padding": 1}, {"_dilation": [2, 2, 2]}])
def test_layer_follows_edited_attributes(change: dict[str, Any]) -> None:
    layer = Conv3DTranspose(2, 4, 3, stride=2)
    vars(layer).update(change)
    arguments = {"stride": 2} | {name.removeprefix("_"): value for name, value in change.items()}
    expected = torch.nn.functional.conv_transpose3d(
        volume(1, 2, 3, 3, 3), layer.weight.detach(), layer.bias, **arguments
    )
    assert torch.equal(layer(volume(1, 2, 3, 3, 3)), expected)


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param({"in_channels": 0}, ValueError, "in_channels=0", id="in_channels-0"),
        pytest.param({"in_channels": 2.0}, TypeError, "in_channels=2.0 is a float", id="in_channels-float"),
        pytest.param({"in_channels": True}, TypeError, "in_channels=True is a bool", id="in_channels-bool"),
        pytest.param({"out_channels": -1}, ValueError, "out_channels=-1", id="out_channels-negative"),
        pytest.param({"kernel_size": 0}, ValueError, r"kernel_size=\(0, 0, 0\) is 0 along depth", id="kernel-0"),
        pytest.param({"kernel_size": 2.0}, ValueError, "The kernel_size's type must be list or tuple", id="k-float"),
        pytest.param({"kernel_size": None}, ValueError, "The kernel_size's type must be list or tuple", id="k-none"),
        pytest.param({"kernel_size": [2, 2]}, ValueError, "The kernel_size's length must be 3", id="k-2-tuple"),
        pytest.param({"kernel_size": [2.0, 2, 2]}, TypeError, "kernel_size=2.0 is a float", id="k-float-item"),
        pytest.param({"kernel_size": "222"}, TypeError, "kernel_size='222' is a string", id="k-string"),
        pytest.param({"stride": 0}, ValueError, "stride=.* is 0 along depth", id="stride-0"),
        pytest.param({"stride": (1, -2, 1)}, ValueError, "is -2 along height", id="stride-negative"),
        pytest.param({"stride": True}, TypeError, "stride=True is a bool", id="stride-bool"),
        pytest.param({"stride": [1, 1]}, ValueError, "The stride's length must be 3", id="stride-2-tuple"),
        pytest.param({"dilation": 0}, ValueError, "dilation=", id="dilation-0"),
        pytest.param({"dilation": 0, "padding": "SAME"}, ValueError, "dilation=", id="dilation-0-same"),
        pytest.param({"dilation": None}, ValueError, "The dilation's type must be list or tuple", id="dilation-none"),
        pytest.param({"groups": 0}, ValueError, "groups of conv3d_transpose should not be zero", id="groups-0"),
        pytest.param({"groups": -1}, ValueError, "groups=-1", id="groups-negative"),
        pytest.param({"groups": 3}, ValueError, r"input channels must be divisible by Attr\(groups\)", id="groups-in"),
        pytest.param({"groups": 2, "out_channels": 3}, ValueError, "divisible by groups", id="groups-out"),
        pytest.param({"groups": None}, TypeError, "groups=None is a NoneType", id="groups-none"),
        pytest.param({"data_format": "NCHW"}, ValueError, "should be 'NCDHW' or 'NDHWC'", id="format-2d"),
        pytest.param({"data_format": "ndhwc"}, ValueError, "should be 'NCDHW' or 'NDHWC'", id="format-case"),
        pytest.param({"output_padding": 1}, ValueError, "below stride or dilation", id="op-too-large"),
        pytest.param({"output_padding": -1}, ValueError, "output_padding=", id="op-negative"),
        pytest.param({"output_padding": [1, 1]}, ValueError, "The output_padding's length must be 3", id="op-2-tuple"),
        pytest.param({"output_padding": 1.0}, ValueError, "The output_padding's type must be list", id="op-float"),
        pytest.param({"output_padding": None}, ValueError, "The output_padding's type must be list", id="op-none"),
        pytest.param({"output_padding": "SAME"}, TypeError, "output_padding='SAME' is a string", id="op-same"),
        pytest.param({"stride": 2**40}, ValueError, "out of range", id="huge"),
    ],
)
def test_illegal_arguments_are_named_at_construction(
    arguments: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        Conv3DTranspose(**({"in_channels": 2, "out_channels": 4, "kernel_size": 3} | arguments))


def test_output_padding_between_stride_and_dilation_is_what_torch_gives() -> None:
    # Paddle's own check allows it, its CPU kernel then fails
    layer = Conv3DTranspose(1, 1, 2, output_padding=1, dilation=2)
    x = volume(1, 1, 2, 2, 2)
    expected = torch.nn.functional.conv_transpose3d(x, layer.weight, layer.bias, output_padding=1, dilation=2)
    assert torch.equal(layer(x), expected)


# -- as a torch module ----------------------------------------------------------------------------------------------


def test_plain_input_gives_a_plain_output_and_a_paddle_input_a_paddle_one() -> None:
    layer = Conv3DTranspose(1, 1, 1)
    assert type(layer(torch.ones(1, 1, 1, 1, 1))) is torch.Tensor
    assert type(layer(paddle.to_tensor(np.ones((1, 1, 1, 1, 1), "float32")))) is paddle.Tensor


def test_deepcopy_renames_parameters_and_keeps_the_rest() -> None:
    layer = Conv3DTranspose(1, 1, 1, weight_attr=paddle.ParamAttr(learning_rate=0.5))
    twin = copy.deepcopy(layer)
    assert twin.full_name() == layer.full_name()
    assert twin.weight.name == "conv3d_transpose_0.w_0_deepcopy_0"  # measured: name + _deepcopy_ + a counter
    assert torch.equal(twin.weight, layer.weight)
    assert twin.weight.optimize_attr == {"learning_rate": 0.5}
    assert twin.weight.data_ptr() != layer.weight.data_ptr()


def test_pickling_keeps_names_attributes_and_values() -> None:
    layer = Conv3DTranspose(1, 2, 1, weight_attr=paddle.ParamAttr(trainable=False))
    twin = pickle.loads(pickle.dumps(layer))
    assert (twin.weight.name, twin.weight.trainable) == ("conv3d_transpose_0.w_0", False)
    assert torch.equal(twin.weight, layer.weight)
    assert repr(twin) == repr(layer)


def test_state_dict_loads_with_weights_only() -> None:
    layer = Conv3DTranspose(1, 1, 1, weight_attr=paddle.regularizer.L2Decay(0.1))
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    loaded = torch.load(file, weights_only=True)
    assert torch.equal(loaded["weight"], layer.weight)
    assert loaded["weight"].regularizer.coeff == 0.1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"padding": [0, 1, 1, 1, 1, 0], "output_padding": 1}, id="six"),
        pytest.param({"padding": "SAME"}, id="same"),
        pytest.param({"data_format": "NDHWC"}, id="ndhwc"),
    ],
)
@traces_parameters
def test_compiles_whole(arguments: dict[str, Any]) -> None:
    layer = Conv3DTranspose(2, 2, 3, stride=2, **arguments)
    x = volume(1, 2, 2, 2, 2)
    assert torch.equal(torch.compile(layer, fullgraph=True, backend="aot_eager")(x), layer(x))


@traces_parameters
def test_compiles_whole_on_a_paddle_tensor() -> None:
    layer = Conv3DTranspose(2, 2, 3)
    x = paddle.to_tensor(volume(1, 2, 2, 2, 2).numpy())
    output = torch.compile(layer, fullgraph=True, backend="eager")(x, output_size=4)
    assert type(output) is paddle.Tensor
    assert torch.equal(output, layer(x))


def test_symbolic_tracing_sees_one_call() -> None:
    traced = torch.fx.symbolic_trace(Conv3DTranspose(2, 2, 3, padding="SAME"))
    calls = [node.target for node in traced.graph.nodes if node.op == "call_function"]
    assert calls == [paddle.nn.functional.conv3d_transpose]


def test_an_optimizer_step_trains_it() -> None:
    layer = Conv3DTranspose(1, 1, 1, weight_attr=paddle.nn.initializer.Constant(1.0), bias_attr=False)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
    layer(torch.ones(1, 1, 1, 1, 1)).sum().backward()
    optimizer.step()
    assert layer.weight.item() == 0.5
    assert type(layer.weight) is Parameter
    optimizer.zero_grad()
    assert layer.weight.grad is None


def test_nested_in_a_torch_module_it_saves_and_loads() -> None:
    model = torch.nn.Sequential(Conv3DTranspose(1, 2, 2), torch.nn.BatchNorm3d(2))
    state = model.state_dict()
    assert list(state)[:3] == ["0.weight", "0.bias", "1.weight"]
    assert not state["0.weight"].requires_grad
    assert str(model.load_state_dict(state)) == "<All keys matched successfully>"


def test_functional_call_takes_other_parameters() -> None:
    layer = Conv3DTranspose(1, 1, 1, bias_attr=False)
    output = torch.func.functional_call(layer, {"weight": torch.full((1, 1, 1, 1, 1), 4.0)}, torch.ones(1, 1, 1, 1, 1))
    assert output.item() == 4.0


def test_works_on_the_meta_device() -> None:
    layer = Conv3DTranspose(2, 4, 3, stride=2).to("meta")
    assert layer(torch.empty(1, 2, 3, 3, 3, device="meta")).shape == (1, 4, 7, 7, 7)
    assert "place=Place(meta)" in repr(layer.weight)
