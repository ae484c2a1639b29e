"""What `Conv3DTranspose` refuses in both fluids, and `use_cudnn`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends.paddle import fluid, fluid_1_8

Documented = fluid.dygraph.Conv3DTranspose
Released = fluid_1_8.dygraph.Conv3DTranspose
EnforceNotMet = fluid.core.EnforceNotMet
both = pytest.mark.parametrize("kind", [Documented, Released], ids=["documented", "released"])


@both
@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param({"stride": 0}, ValueError, "stride=.* is 0 along depth", id="stride-0"),
        pytest.param({"stride": -1}, ValueError, "stride=.* is -1 along depth", id="stride-negative"),
        pytest.param({"dilation": 0}, ValueError, "dilation=.* is 0 along depth", id="dilation-0"),
        pytest.param({"groups": 0}, ValueError, "groups=0", id="groups-0"),
        pytest.param({"groups": 3}, ValueError, "in_channels=4 is not divisible by groups=3", id="channels-groups"),
        pytest.param({"groups": 4}, ValueError, "out_channels=6 is not divisible by groups=4", id="filters-groups"),
        pytest.param({"groups": 2.0}, TypeError, "groups=2.0", id="groups-float"),
        pytest.param({"filter_size": 0}, ValueError, "kernel_size", id="filter-0"),
        pytest.param({"filter_size": (3, 3)}, ValueError, "filter_size's length must be 3", id="filter-two"),
        pytest.param({"padding": "SAME"}, ValueError, "padding's length must be 3. Received: SAME", id="same"),
        pytest.param({"padding": [1] * 6}, ValueError, "padding's length must be 3", id="padding-six"),
        pytest.param({"stride": 2.0}, ValueError, "stride's type must be list or tuple", id="stride-float"),
        pytest.param({"use_cudnn": 1}, ValueError, "use_cudnn should be True or False", id="use_cudnn"),
        pytest.param({"param_attr": False}, AssertionError, "param_attr should not be False", id="no-weight"),
        pytest.param({"param_attr": 1}, TypeError, "<class 'int'> cast to ParamAttr", id="param_attr-int"),
        pytest.param({"bias_attr": 1.0}, TypeError, "<class 'float'> cast to ParamAttr", id="bias_attr-float"),
        pytest.param({"dtype": "int32"}, TypeError, "dtype is not float type", id="dtype-int32"),
        pytest.param({"dtype": "bfloat16"}, TypeError, "dtype is not float type", id="dtype-bfloat16"),
        pytest.param({"dtype": None}, TypeError, "dtype=None", id="dtype-none"),
        pytest.param({"num_channels": 0}, ValueError, "in_channels=0", id="channels-0"),
        pytest.param({"num_channels": 4.0}, TypeError, "num_channels=4.0", id="channels-float"),
        pytest.param({"num_filters": 0}, ValueError, "out_channels=0", id="filters-0"),
    ],
)
def test_constructor_refuses(kind: Any, arguments: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        kind(**{"num_channels": 4, "num_filters": 6, "filter_size": 3, **arguments})


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param({"filter_size": None}, ValueError, "filter_size's type must be list or tuple", id="no-filter"),
        pytest.param({"num_channels": None}, TypeError, "num_channels=None", id="no-channels"),
        pytest.param({"num_channels": "scope"}, TypeError, "num_channels='scope'", id="scope"),
        pytest.param({"output_size": 5}, TypeError, "unexpected keyword", id="output_size"),
        pytest.param({"name": "n"}, TypeError, "unexpected keyword", id="name"),
    ],
)
def test_released_class_refuses(arguments: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        Released(**{"num_channels": 4, "num_filters": 6, "filter_size": 3, **arguments})


@both
def test_a_parameter_name_can_be_used_once(kind: Any) -> None:
    with fluid.dygraph.guard():
        kind(1, 1, 1, param_attr="foo")
        with pytest.raises(ValueError, match=r"parameter name \[foo\] have be been used"):
            kind(1, 1, 1, param_attr="foo")


@both
@pytest.mark.parametrize(
    ("x", "match"),
    [
        pytest.param(torch.ones(4, 3, 3, 3), "dimension size of Op .conv_transpose. should be equal", id="4-D"),
        pytest.param(torch.ones(1, 5, 3, 3, 3), "number of input channels should be equal to filter channels", id="C"),
        pytest.param(torch.ones(1, 4, 3, 3, 3).double(), "holds float32, but desires to be float64", id="float64"),
        pytest.param(torch.ones(1, 4, 3, 3, 3).int(), r"does not have kernel for data_type\[int32\]", id="int32"),
        pytest.param(np.ones((1, 4, 3, 3, 3), "float32"), "Python object is not type of", id="array"),
        pytest.param(torch.ones(1, 4, 0, 3, 3), "size 0 along depth", id="no-depth"),
    ],
)
def test_forward_refuses_what_does_not_fit(kind: Any, x: Any, match: str) -> None:
    with pytest.raises(EnforceNotMet, match=match):
        kind(4, 6, 3)(x)


@both
def test_padding_that_cuts_too_much_is_refused_by_forward(kind: Any) -> None:
    with pytest.raises(EnforceNotMet, match=r"numel must be equal or larger than zero.*-5 along depth"):
        kind(4, 6, 3, padding=5)(torch.ones(1, 4, 3, 3, 3))


@both
def test_an_unknown_activation_is_refused_by_forward(kind: Any) -> None:
    layer = kind(4, 6, 3, act="foo")
    with pytest.raises(EnforceNotMet, match="Operator foo has not been registered"):
        layer(torch.ones(1, 4, 3, 3, 3))


@both
def test_an_activation_that_is_no_str_is_refused_by_forward(kind: Any) -> None:
    layer = kind(4, 6, 3, act=3)
    with pytest.raises(TypeError, match="3 should be unicode or str"):
        layer(torch.ones(1, 4, 3, 3, 3))


@pytest.mark.parametrize(
    ("output_size", "match"),
    [
        pytest.param((6, 7, 7), "should not be less than the infered output size.*7..8", id="below"),
        pytest.param((7, 7, 9), "should be less than infered size . stride.*9 along width.*7..8", id="above"),
    ],
)
def test_output_size_out_of_range_is_refused_by_forward(output_size: Any, match: str) -> None:
    layer = Documented(4, 6, 3, output_size, stride=2)
    with pytest.raises(EnforceNotMet, match=match):
        layer(torch.ones(1, 4, 3, 3, 3))


def test_documentations_pair_as_output_size_is_refused() -> None:
    with pytest.raises(ValueError, match="output_size's length must be 3"):
        Documented(4, 6, 3, (7, 7))


def test_enforce_not_met_is_a_direct_exception() -> None:
    assert EnforceNotMet.__bases__ == (Exception,)


@pytest.mark.parametrize("use_cudnn", [True, False])
def test_use_cudnn_false_turns_cudnn_off_for_cuda_inputs(use_cudnn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from fourfold.frontends.paddle.fluid import operator

    class OnCuda(torch.Tensor):
        is_cuda = True

    seen = []

    def spy(input: torch.Tensor, *operands: Any, **options: Any) -> torch.Tensor:
        seen.append(torch.backends.cudnn.enabled)
        return input

    monkeypatch.setattr(operator, "run", spy)
    input, weight = torch.ones(1, 1, 1, 1, 1).as_subclass(OnCuda), torch.ones(1, 1, 1, 1, 1)
    operator.conv3d_transpose(input, weight, None, stride=1, padding=0, dilation=1, groups=1, use_cudnn=use_cudnn)
    assert seen == [use_cudnn]
    assert torch.backends.cudnn.enabled


@both
def test_use_cudnn_changes_nothing_on_the_cpu(kind: Any) -> None:
    x = torch.ones(1, 4, 3, 3, 3)
    layer = kind(4, 6, 3)
    with_cudnn = layer(x)
    layer._use_cudnn = False
    assert torch.equal(layer(x), with_cudnn)
