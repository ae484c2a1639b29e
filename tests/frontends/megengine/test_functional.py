"""`megengine.functional.conv_transpose3d`: values, layouts, dtypes, illegal arguments."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.operands import integers

import fourfold.frontends.megengine as mge
import fourfold.frontends.megengine.functional as F


def torch_answer(
    given: tuple[torch.Tensor, ...], groups: int, **arguments: Any
) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
    """Output and gradients of torch's own operator, operands and gradients in MegEngine's layouts."""
    leaves = [tensor.clone().requires_grad_() for tensor in given]
    input, weight, bias = leaves
    dense = weight if groups == 1 else weight.reshape(groups * weight.shape[1], *weight.shape[2:])
    output = torch.nn.functional.conv_transpose3d(input, dense, bias.reshape(-1), groups=groups, **arguments)
    return output.detach(), torch.autograd.grad(output, leaves, upstream(output))


def our_answer(
    given: tuple[torch.Tensor, ...], groups: int, **arguments: Any
) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
    leaves = [tensor.clone().requires_grad_() for tensor in given]
    output = F.conv_transpose3d(leaves[0], leaves[1], leaves[2], groups=groups, **arguments)
    return output.detach(), torch.autograd.grad(output, leaves, upstream(output))


def upstream(output: torch.Tensor) -> torch.Tensor:
    return integers(tuple(output.shape), 3, output.dtype)


def operands(
    channels: tuple[int, int], kernel: tuple[int, int, int], groups: int = 1, batch: int | None = 2
) -> tuple[torch.Tensor, ...]:
    leading = () if batch is None else (batch,)
    inputs, outputs = channels
    weight = (inputs, outputs) if groups == 1 else (groups, inputs // groups, outputs // groups)
    return (
        integers((*leading, inputs, 3, 4, 2), 0),
        integers((*weight, *kernel), 1),
        integers((1, outputs, 1, 1, 1), 2),
    )


CONFIGURATIONS = [
    pytest.param((2, 3), (3, 3, 3), {}, id="defaults"),
    pytest.param((2, 3), (1, 1, 1), {}, id="pointwise"),
    pytest.param((2, 3), (2, 2, 2), {"stride": 2}, id="k2s2"),
    pytest.param((2, 3), (3, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1}, id="k3s2p1op1"),
    pytest.param((2, 3), (3, 5, 2), {"stride": (2, 1, 3), "padding": (0, 3, 1)}, id="non-cubic"),
    pytest.param((2, 3), (3, 2, 1), {"stride": (3, 2, 1), "output_padding": (2, 1, 0)}, id="output-padding-per-axis"),
    pytest.param((2, 3), (3, 2, 3), {"dilation": (2, 3, 1), "padding": 1}, id="dilation"),
    pytest.param((4, 6), (3, 3, 3), {"groups": 2, "stride": 2}, id="groups"),
    pytest.param(
        (4, 6), (3, 2, 3), {"groups": 2, "stride": 2, "output_padding": (1, 0, 1)}, id="groups-output-padding"
    ),
    pytest.param((4, 4), (2, 2, 2), {"groups": 4, "stride": 2}, id="depthwise"),
    pytest.param((2, 6), (2, 3, 2), {"groups": 2, "dilation": 2, "padding": (1, 2, 0)}, id="groups-dilation"),
]


@pytest.mark.parametrize("batch", [pytest.param(2, id="batched"), pytest.param(None, id="unbatched")])
@pytest.mark.parametrize(("channels", "kernel", "arguments"), CONFIGURATIONS)
def test_output_and_gradients_are_torchs_bit_for_bit(
    channels: tuple[int, int], kernel: tuple[int, int, int], arguments: dict[str, Any], batch: int | None
) -> None:
    given = operands(channels, kernel, arguments.get("groups", 1), batch)
    arguments = {"groups": 1, **arguments}
    output, gradients = our_answer(given, **arguments)
    expected_output, expected_gradients = torch_answer(given, **arguments)
    assert torch.equal(output, expected_output)
    assert [gradient.shape for gradient in gradients] == [operand.shape for operand in given]
    assert all(map(torch.equal, gradients, expected_gradients))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_legal_operator_agrees_with_torch(data: st.DataObject) -> None:
    groups = data.draw(st.integers(1, 3), label="groups")
    channels = (groups * data.draw(st.integers(1, 2)), groups * data.draw(st.integers(1, 2)))
    sizes = st.tuples(*[st.integers(1, 3)] * 3)
    kernel, stride, dilation = data.draw(sizes), data.draw(sizes), data.draw(sizes)
    extra = tuple(data.draw(st.integers(0, step - 1)) for step in stride)
    padding = tuple(
        data.draw(st.integers(0, (dil * (taps - 1)) // 2)) for dil, taps in zip(dilation, kernel, strict=True)
    )
    arguments: dict[str, Any] = {
        "stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation, "groups": groups,
    }  # fmt: skip
    given = operands(channels, kernel, groups, data.draw(st.sampled_from([None, 0, 1, 2])))
    output, gradients = our_answer(given, **arguments)
    expected_output, expected_gradients = torch_answer(given, **arguments)
    assert torch.equal(output, expected_output)
    assert all(map(torch.equal, gradients, expected_gradients))


def test_grouped_output_follows_the_groups_by_hand() -> None:
    # one voxel, one tap: output channel of group g is input[g] * weight[g] + bias
    inp = torch.tensor([2.0, 3.0]).reshape(2, 1, 1, 1)
    weight = torch.tensor([10.0, 100.0, 20.0, 200.0]).reshape(2, 1, 2, 1, 1, 1)
    bias = torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(1, 4, 1, 1, 1)
    output = F.conv_transpose3d(inp, weight, bias, groups=2)
    assert output.flatten().tolist() == [21.0, 202.0, 63.0, 604.0]


def test_bias_covers_the_output_padding() -> None:
    inp, weight = torch.ones(1, 1, 1, 1, 1), torch.ones(1, 1, 1, 1, 1)
    output = F.conv_transpose3d(inp, weight, torch.full((1, 1, 1, 1, 1), 5.0), stride=2, output_padding=(0, 0, 1))
    assert output.flatten().tolist() == [6.0, 5.0]


def test_signature_is_megengines() -> None:
    # measured: inspect.signature(megengine.functional.conv_transpose3d) of 1.13.0
    parameters = inspect.signature(F.conv_transpose3d).parameters
    assert list(parameters) == ["inp", "weight", "bias", "stride", "padding", "output_padding", "dilation", "groups"]
    assert [parameter.default for parameter in parameters.values()][2:] == [None, 1, 0, 0, 1, 1]


def test_both_paths_name_one_function() -> None:
    assert mge.functional.nn.conv_transpose3d is mge.functional.conv_transpose3d


@pytest.mark.parametrize(
    "shape", [pytest.param((1, 3, 1, 1, 1), id="documented"), pytest.param((3, 1, 1, 1), id="without-batch")]
)
def test_bias_of_one_value_per_channel_is_taken(shape: tuple[int, ...]) -> None:
    inp, weight, bias = operands((2, 3), (2, 2, 2))
    assert torch.equal(F.conv_transpose3d(inp, weight, bias.reshape(shape)), F.conv_transpose3d(inp, weight) + bias)


@pytest.mark.parametrize(
    ("shape"),
    [
        pytest.param((3,), id="torch-layout"),
        pytest.param((), id="scalar"),
        pytest.param((1,), id="one-value"),
        pytest.param((1, 1, 1, 1, 1), id="one-value-5d"),
        pytest.param((1, 2, 1, 1, 1), id="too-few"),
        pytest.param((1, 3, 4, 5, 3), id="per-voxel"),
    ],
)
def test_bias_of_other_shapes_is_refused_with_the_legal_ones(shape: tuple[int, ...]) -> None:
    inp, weight, _ = operands((2, 3), (2, 2, 2))
    with pytest.raises(RuntimeError, match=r"bias has shape .*; legal are \(1, 3, 1, 1, 1\) and \(3, 1, 1, 1\)"):
        F.conv_transpose3d(inp, weight, torch.zeros(shape))


@pytest.mark.parametrize(
    ("weight", "groups", "match"),
    [
        # measured: "bad filter ndim for dense convolution" and "... group convolution" are the release's words
        pytest.param((2, 2, 3, 2, 2, 2), 1, "bad filter ndim for dense convolution", id="6d-without-groups"),
        pytest.param((4, 6, 2, 2, 2), 2, "bad filter ndim for group convolution", id="5d-with-groups"),
        pytest.param((4, 6, 2, 2), 1, "weight has 4 dimensions", id="4d"),
        pytest.param((2, 2, 3, 2, 2, 2), 4, "has 2 groups; groups=4 was given", id="other-groups"),
        pytest.param((5, 6, 2, 2, 2), 1, "has 4 channels; the operator has in_channels=5", id="other-channels"),
        pytest.param((4, 6, 2, 2, 2), 0, "groups=0 is not legal", id="no-groups"),
        pytest.param((4, 6, 2, 2, 2), -1, "groups=-1 is not legal", id="negative-groups"),
    ],
)
def test_weight_of_the_wrong_layout_is_a_runtime_error(weight: tuple[int, ...], groups: int, match: str) -> None:
    with pytest.raises(RuntimeError, match=match):
        F.conv_transpose3d(torch.zeros(1, 4, 3, 3, 3), torch.zeros(weight), groups=groups)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        pytest.param({"stride": 0}, r"invalid value: \(0, 0, 0\)", id="stride-0"),
        pytest.param({"stride": (1, 0, 1)}, "is 0 along height", id="stride-0-on-one-axis"),
        pytest.param({"stride": -1}, "legal values there are 1 and above", id="stride-negative"),
        pytest.param({"dilation": 0}, r"invalid value: \(0, 0, 0\)", id="dilation-0"),
        pytest.param({"padding": -1}, r"invalid value: \(-1, -1, -1\)", id="padding-negative"),
        pytest.param({"stride": (2, 2)}, r"tuple len is not equal to n: \(2, 2\)", id="two-strides"),
        pytest.param({"stride": (2, 2, 2, 2)}, "has 4 elements", id="four-strides"),
        pytest.param({"padding": []}, "has 0 elements", id="no-pads"),
        pytest.param({"output_padding": 1}, r"less than stride\[0\]", id="output-padding-at-stride"),
        pytest.param({"stride": (2, 2, 1), "output_padding": 1}, r"less than stride\[2\]", id="last-axis"),
        pytest.param({"stride": 2, "dilation": 3, "output_padding": 2}, "whatever the dilation", id="below-dilation"),
        pytest.param({"stride": 2, "output_padding": -1}, "should be 0 or above", id="output-padding-negative"),
    ],
)
@pytest.mark.parametrize("error", [AssertionError, ValueError, RuntimeError])
def test_illegal_size_is_an_assertion_error(arguments: dict[str, Any], match: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=match):
        F.conv_transpose3d(torch.zeros(1, 1, 3, 3, 3), torch.zeros(1, 1, 2, 2, 2), **arguments)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        pytest.param({"stride": 1.5}, "stride=1.5 is not a whole number", id="fraction"),
        pytest.param({"padding": float("nan")}, "not a whole number", id="nan"),
        pytest.param({"stride": True}, "is a bool", id="bool"),
        pytest.param({"stride": "222"}, "is a str", id="str"),
        pytest.param({"dilation": None}, "is a NoneType", id="none"),
        pytest.param({"groups": 1.0}, "groups=1.0 is a float", id="float-groups"),
        pytest.param({"bias": np.zeros(1)}, "bias is a ndarray", id="array-bias"),
    ],
)
def test_argument_of_the_wrong_type_is_a_type_error(arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(TypeError, match=match):
        F.conv_transpose3d(torch.zeros(1, 1, 3, 3, 3), torch.zeros(1, 1, 2, 2, 2), **arguments)


def test_size_above_32_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="out of range"):
        F.conv_transpose3d(torch.zeros(1, 1, 3, 3, 3), torch.zeros(1, 1, 2, 2, 2), stride=2**32)


def test_bool_is_refused_after_the_equal_integer_was_taken() -> None:
    inp, weight = torch.zeros(1, 1, 3, 3, 3), torch.zeros(1, 1, 2, 2, 2)
    F.conv_transpose3d(inp, weight, stride=(1, 1, 1))
    with pytest.raises(TypeError, match="is a bool"):
        F.conv_transpose3d(inp, weight, stride=(1, True, 1))


@pytest.mark.parametrize(
    "stride",
    [
        pytest.param(2.0, id="whole-float"),
        pytest.param([2, 2, 2], id="list"),
        pytest.param(np.array([2, 2, 2]), id="array"),
        pytest.param(np.int64(2), id="numpy-int"),
        pytest.param(torch.tensor(2), id="tensor"),
        pytest.param((2.0, np.float32(2), 2), id="mixed"),
    ],
)
def test_other_spellings_of_a_size_are_taken(stride: Any) -> None:
    inp, weight, bias = operands((2, 3), (3, 3, 3))
    assert torch.equal(F.conv_transpose3d(inp, weight, bias, stride), F.conv_transpose3d(inp, weight, bias, 2))


@pytest.mark.parametrize(
    ("inp", "weight", "match"),
    [
        pytest.param(
            np.zeros((1, 1, 3, 3, 3)), torch.zeros(1, 1, 2, 2, 2), "py_apply expects tensor", id="array-input"
        ),
        pytest.param(torch.zeros(1, 1, 3, 3, 3), np.zeros((1, 1, 2, 2, 2)), "weight is a ndarray", id="array-weight"),
        pytest.param(torch.zeros(1, 1, 3, 3, 3).int(), torch.zeros(1, 1, 2, 2, 2).int(), "floating", id="integers"),
    ],
)
def test_operand_that_megengine_refuses_is_a_type_error(inp: Any, weight: Any, match: str) -> None:
    with pytest.raises(TypeError, match=match):
        F.conv_transpose3d(inp, weight)


@pytest.mark.parametrize("shape", [pytest.param((1, 3, 3), id="3d"), pytest.param((1, 1, 1, 3, 3, 3), id="6d")])
def test_input_of_another_rank_is_a_runtime_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(RuntimeError, match=f"input has {len(shape)} dimensions"):
        F.conv_transpose3d(torch.zeros(shape), torch.zeros(1, 1, 2, 2, 2))


@pytest.mark.parametrize(
    ("dtypes", "result"),
    [
        # measured in MegEngine 1.13.0, input, weight, bias -> output
        pytest.param("float16 float16 float16", torch.float16, id="half"),
        pytest.param("float16 float32 float32", torch.float32, id="half-input"),
        pytest.param("float32 float16 float16", torch.float32, id="half-weight"),
        pytest.param("float16 float16 float32", torch.float32, id="half-but-bias"),
        pytest.param("float32 float32 float16", torch.float32, id="half-bias"),
        pytest.param("int32 float32 float32", torch.float32, id="int-input"),
        pytest.param("int32 float16 float16", torch.float32, id="int-input-half-weight"),
        pytest.param("uint8 float32 float32", torch.float32, id="byte-input"),
        pytest.param("bool float32 float32", torch.float32, id="bool-input"),
        pytest.param("float32 int32 float32", torch.float32, id="int-weight"),
        pytest.param("float32 float32 int32", torch.float32, id="int-bias"),
        # not in MegEngine
        pytest.param("bfloat16 bfloat16 bfloat16", torch.bfloat16, id="bfloat16"),
        pytest.param("float32 float64 float64", torch.float64, id="double"),
        pytest.param("complex64 complex64 complex64", torch.complex64, id="complex"),
        pytest.param("float32 complex64 complex64", torch.complex64, id="complex-weight"),
    ],
)
def test_mixed_dtypes_are_promoted_and_the_values_exact(dtypes: str, result: torch.dtype) -> None:
    kinds = [getattr(torch, name) for name in dtypes.split()]
    given = [
        torch.ones(shape, dtype=kind)
        for shape, kind in zip([(1, 2, 2, 2, 2), (2, 3, 1, 1, 1), (1, 3, 1, 1, 1)], kinds, strict=True)
    ]
    output = F.conv_transpose3d(given[0], given[1], given[2])
    assert output.dtype == result
    assert torch.equal(output, torch.full((1, 3, 2, 2, 2), 3, dtype=result))  # two channels of 1 * 1, and the bias


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_autocast_decides_the_dtype(dtype: torch.dtype) -> None:
    inp, weight, bias = operands((2, 3), (2, 2, 2))
    with torch.autocast("cpu", torch.bfloat16):
        assert F.conv_transpose3d(inp.to(dtype), weight, bias).dtype == torch.bfloat16


@pytest.mark.parametrize("kind", [pytest.param(torch.Tensor, id="torch"), pytest.param(mge.Tensor, id="megengine")])
def test_result_is_of_the_class_of_the_input(kind: type[torch.Tensor]) -> None:
    inp, weight, _ = operands((2, 3), (2, 2, 2))
    assert type(F.conv_transpose3d(inp.as_subclass(kind), mge.Parameter(weight))) is kind


def test_parameter_as_input_gives_a_tensor() -> None:
    inp, weight, _ = operands((2, 3), (2, 2, 2))
    assert type(F.conv_transpose3d(mge.Parameter(inp), mge.Parameter(weight))) is mge.Tensor


def test_gradients_of_both_orders_pass_gradcheck() -> None:
    given = [tensor.double().requires_grad_() for tensor in operands((2, 2), (2, 1, 1), 2, None)]
    operator = partial(F.conv_transpose3d, stride=2, output_padding=1, groups=2)
    assert torch.autograd.gradcheck(operator, given)
    assert torch.autograd.gradgradcheck(operator, given)


def test_strided_grouped_weight_gives_the_same_bits() -> None:
    inp, weight, bias = operands((4, 6), (2, 2, 2), 2)
    strided = weight.transpose(0, 1).contiguous().transpose(0, 1)
    assert not strided.is_contiguous()
    assert torch.equal(
        F.conv_transpose3d(inp, strided, bias, groups=2), F.conv_transpose3d(inp, weight, bias, groups=2)
    )


def test_empty_batch_has_gradients() -> None:
    # the release computes the output, (0, 6, 7, 7, 7), and fails at the gradient of the weight
    inp, weight = torch.zeros(0, 4, 5, 5, 5), torch.ones(4, 6, 3, 3, 3, requires_grad=True)
    output = F.conv_transpose3d(inp, weight)
    (gradient,) = torch.autograd.grad(output.sum(), weight)
    assert output.shape == (0, 6, 7, 7, 7)
    assert gradient.shape == weight.shape
    assert not gradient.any()


def test_padding_that_cuts_more_than_there_is_names_the_axis() -> None:
    with pytest.raises(RuntimeError, match=r"size -1 along depth.*reduce padding"):
        F.conv_transpose3d(torch.zeros(1, 1, 1, 5, 5), torch.zeros(1, 1, 1, 3, 3), padding=1)
