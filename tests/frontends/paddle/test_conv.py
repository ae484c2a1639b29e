"""`paddle.nn.Conv3DTranspose`. "Measured" means: in paddlepaddle 3.3.1, CPU, Python 3.11."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch

from fourfold.frontends import paddle
from fourfold.frontends.paddle.nn import Conv3DTranspose

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
    groups: int, shape: list[int], data_format: Any
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
    assert layer(torch.ones(1, 1, 2, 2, 2)).shape == (1, 1, 2, 2, 2)


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
