"""`oneflow.nn.functional.conv_transpose3d` against torch's operator, on integers: equal bit for bit."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.operands import integers
from tests.strategies import effort

import fourfold.frontends.oneflow as flow
from fourfold.backend.torch_arguments import spec_of
from fourfold.frontends.oneflow.nn import transposed as F

Triple = tuple[int, int, int]


class Case(NamedTuple):
    kernel_size: Triple = (3, 3, 3)
    stride: Triple = (1, 1, 1)
    padding: Triple = (0, 0, 0)
    output_padding: Triple = (0, 0, 0)
    groups: int = 1
    dilation: Triple = (1, 1, 1)
    size: Triple = (3, 4, 2)
    group_inputs: int = 2
    group_outputs: int = 3

    @property
    def options(self) -> dict[str, Any]:
        return {
            "stride": self.stride,
            "padding": self.padding,
            "output_padding": self.output_padding,
            "groups": self.groups,
            "dilation": self.dilation,
        }

    def operands(self) -> list[torch.Tensor]:
        """Input, weight and bias, leaves that record gradients."""
        inputs, outputs = self.groups * self.group_inputs, self.groups * self.group_outputs
        shapes = [(2, inputs, *self.size), (inputs, self.group_outputs, *self.kernel_size), (outputs,)]
        return [integers(shape, seed).requires_grad_() for seed, shape in enumerate(shapes)]


def expected(case: Case, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """Slice [padding, padding + out) of the full result, which is zero outside itself; then the bias.

    The full result is torch's, without padding and output padding.
    """
    full = torch.nn.functional.conv_transpose3d(input, weight, None, case.stride, 0, 0, case.groups, case.dilation)
    amounts = [(-pad, extra - pad) for pad, extra in zip(case.padding, case.output_padding, strict=True)]
    flat = [amount for pair in reversed(amounts) for amount in pair]
    extended = torch.nn.functional.pad(full, [max(amount, 0) for amount in flat])
    window = torch.nn.functional.pad(extended, [min(amount, 0) for amount in flat])
    return window if bias is None else window + bias.reshape(-1, 1, 1, 1)


def assert_same(case: Case, *, with_bias: bool = True) -> None:
    """Output and gradients of ours and of `expected` are the same numbers."""
    ours, theirs = case.operands(), case.operands()
    used = slice(3 if with_bias else 2)
    output = F.conv_transpose3d(ours[0], ours[1], ours[2] if with_bias else None, **case.options)
    wanted = expected(case, theirs[0], theirs[1], theirs[2] if with_bias else None)
    assert torch.equal(output, wanted)
    grad = integers(tuple(wanted.shape), 7)
    for got, want in zip(
        torch.autograd.grad(output, ours[used], grad), torch.autograd.grad(wanted, theirs[used], grad), strict=True
    ):
        assert torch.equal(got, want)


CASES = [
    pytest.param(Case(), id="k3"),
    pytest.param(Case(kernel_size=(1, 1, 1)), id="k1"),
    pytest.param(Case(kernel_size=(3, 5, 2), stride=(2, 1, 1), padding=(0, 4, 2), size=(3, 6, 5)), id="documented"),
    pytest.param(Case(kernel_size=(2, 2, 2), stride=(2, 2, 2), groups=3), id="k2s2g3"),
    pytest.param(
        Case(stride=(2, 3, 1), padding=(1, 0, 2), output_padding=(1, 2, 0), size=(2, 2, 5)), id="legal-output-padding"
    ),
    pytest.param(Case(dilation=(2, 1, 3), padding=(2, 0, 1), output_padding=(1, 0, 2)), id="dilation"),
    pytest.param(Case(stride=(2, 2, 2), groups=2, dilation=(2, 2, 1), padding=(1, 1, 1)), id="grouped-dilated"),
    pytest.param(Case(output_padding=(1, 0, 0)), id="output-padding-1-stride-1"),
    pytest.param(Case(stride=(2, 2, 2), output_padding=(2, 3, 9)), id="output-padding-over-stride"),
    pytest.param(Case(padding=(2, 2, 1), output_padding=(7, 1, 2)), id="output-padding-continues-the-full-result"),
    pytest.param(Case(padding=(9, 9, 9), output_padding=(20, 19, 21)), id="window-past-the-end"),
    pytest.param(Case(padding=(-1, 0, -3)), id="negative-padding"),
    pytest.param(Case(padding=(-1, 1, -2), output_padding=(5, 0, -1), stride=(2, 2, 1)), id="negative-both"),
    pytest.param(Case(output_padding=(-1, -2, 0)), id="negative-output-padding"),
    pytest.param(Case(kernel_size=(2, 1, 4), size=(1, 1, 1), groups=4, group_inputs=1), id="single-voxel"),
    pytest.param(Case(kernel_size=(1, 1, 1), stride=(3, 3, 3), output_padding=(2, 2, 2)), id="gaps"),
]


@pytest.mark.parametrize("case", CASES)
def test_output_and_gradients_are_the_slice_of_the_full_result(case: Case) -> None:
    assert_same(case)


def test_without_bias_too() -> None:
    assert_same(Case(stride=(2, 2, 2), output_padding=(4, 0, 1)), with_bias=False)


@st.composite
def accepted(draw: Any) -> Case:
    """Whatever OneFlow 0.9 takes that leaves a voxel, negative and oversized values included."""
    axes = []
    for _ in range(3):
        size, kernel, stride, dilation = (draw(st.integers(1, most)) for most in (3, 3, 3, 2))
        full = (size - 1) * stride + dilation * (kernel - 1) + 1
        padding = draw(st.integers(-2, full + 1))
        extra = draw(st.integers(max(2 * padding - full + 1, -full), 2 * abs(padding) + 5))
        axes.append((kernel, stride, padding, extra, dilation, size))
    kernel_size, strides, pads, extras, dilations, sizes = zip(*axes, strict=True)
    groups = draw(st.integers(1, 2))
    return Case(kernel_size, strides, pads, extras, groups, dilations, sizes, group_inputs=1, group_outputs=2)


@effort
@given(case=accepted())
def test_every_accepted_operator_is_the_slice_of_the_full_result(case: Case) -> None:
    assert_same(case)


def test_shared_arguments_make_the_spec_that_torch_s_make() -> None:
    weight = torch.ones(4, 3, 3, 5, 2)
    theirs = spec_of(weight, (2, 3, 1), (1, 0, 2), (1, 2, 1), 2, (1, 1, 2))
    assert F.specify(4, 6, (3, 5, 2), (2, 3, 1), (1, 0, 2), (1, 2, 1), 2, (1, 1, 2)) == theirs


def test_signature_is_that_of_oneflow_0_9() -> None:
    # measured: oneflow._C.deconv3d takes exactly these names in this order
    parameters = inspect.signature(F.conv_transpose3d).parameters
    order = "input weight bias stride padding output_padding groups dilation data_format"
    assert list(parameters) == order.split()
    assert [parameter.default for parameter in parameters.values()][2:] == [None, 1, 0, 0, 1, 1, "channels_first"]
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.POSITIONAL_OR_KEYWORD}


def test_documented_functional_example_gives_its_shape() -> None:
    inputs = flow.randn(20, 16, 50, 10, 20, device="meta")
    weights = flow.randn(16, 33, 3, 3, 3, device="meta")
    assert F.conv_transpose3d(inputs, weights).shape == (20, 33, 52, 12, 22)


def test_channels_last_moves_channels_of_input_weight_and_output() -> None:
    input, weight, bias = Case(stride=(2, 1, 2), groups=2).operands()
    output = F.conv_transpose3d(
        input.movedim(1, -1), weight.movedim(1, -1), bias, (2, 1, 2), 1, 3, 2, data_format="channels_last"
    )
    wanted = F.conv_transpose3d(input, weight, bias, (2, 1, 2), 1, 3, 2)
    assert torch.equal(output, wanted.movedim(1, -1))


def test_channels_last_keeps_the_class_of_the_input() -> None:
    output = F.conv_transpose3d(flow.ones(1, 2, 2, 2, 3), flow.ones(3, 2, 2, 2, 4), data_format="channels_last")
    assert type(output) is flow.Tensor
    assert output.shape == (1, 3, 3, 3, 4)


@pytest.mark.parametrize("convert", [list, np.array, torch.tensor], ids=["list", "numpy", "torch"])
def test_sequences_of_any_kind_are_triples(convert: Any) -> None:
    input, weight, bias = Case().operands()
    assert torch.equal(
        F.conv_transpose3d(input, weight, bias, stride=convert([2, 1, 3]), output_padding=convert([4, 0, 1])),
        F.conv_transpose3d(input, weight, bias, stride=(2, 1, 3), output_padding=(4, 0, 1)),
    )


def test_class_of_the_output_is_that_of_the_input() -> None:
    plain, weight = torch.ones(1, 2, 2, 2, 2), flow.ones(2, 1, 2, 2, 2)
    assert type(F.conv_transpose3d(plain, weight)) is torch.Tensor
    assert type(F.conv_transpose3d(flow.tensor(plain), torch.ones(2, 1, 2, 2, 2))) is flow.Tensor


@pytest.mark.parametrize("dtype", [flow.float16, flow.bfloat16, flow.float64], ids=["float16", "bfloat16", "float64"])
def test_other_dtypes_work_where_all_operands_share_them(dtype: torch.dtype) -> None:
    input, weight, bias = (operand.detach().clamp(-1, 1).to(dtype) for operand in Case().operands())
    output = F.conv_transpose3d(input, weight, bias, 2, output_padding=3)
    wanted = F.conv_transpose3d(input.float(), weight.float(), bias.float(), 2, output_padding=3)
    assert output.dtype == dtype
    assert torch.equal(output.float(), wanted)


def test_empty_batch_gives_an_empty_output_and_zero_gradients() -> None:
    input, weight = torch.ones(0, 2, 3, 3, 3), torch.ones(2, 4, 2, 2, 2, requires_grad=True)
    output = F.conv_transpose3d(input, weight, output_padding=3)
    (gradient,) = torch.autograd.grad(output.sum(), [weight])
    assert output.shape == (0, 4, 7, 7, 7)
    assert torch.equal(gradient, torch.zeros(2, 4, 2, 2, 2))


@pytest.mark.parametrize("make", [torch.Tensor.clone, flow.tensor], ids=["torch", "oneflow"])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(
    ("data_format", "last", "channels"), [("channels_first", 1, 0), ("channels_last", -1, -1)], ids=["first", "last"]
)
def test_unbatched_input_is_a_batch_of_one_without_the_axis(
    data_format: str, last: int, channels: int, groups: int, make: Any
) -> None:
    input, weight, bias = integers((4, 2, 3, 2), 0), integers((4, 3, 2, 3, 2), 1), integers((3 * groups,), 2)
    wanted = torch.nn.functional.conv_transpose3d(input, weight, bias, 2, 1, 1, groups)
    output = F.conv_transpose3d(
        make(input.movedim(0, channels)), weight.movedim(1, last), bias, 2, 1, 1, groups, data_format=data_format
    )
    assert type(output) is type(make(input))
    assert torch.equal(output, wanted.movedim(0, channels))


X = torch.ones(2, 4, 3, 3, 3)
W = torch.ones(4, 3, 2, 2, 2)

ILLEGAL = [
    pytest.param({"input": X[0, 0]}, RuntimeError, r"\(5 vs 3\)", id="rank-3"),
    pytest.param({"input": X[None]}, RuntimeError, r"\(5 vs 6\)", id="rank-6"),
    pytest.param({"input": X.numpy()}, TypeError, "argument 'input' must be tensor", id="numpy-input"),
    pytest.param({"weight": W.numpy()}, TypeError, "argument 'weight' must be tensor", id="numpy-weight"),
    pytest.param({"weight": W[0]}, RuntimeError, r"weight has 4 dimensions.*\(5 vs 4\)", id="4-d-weight"),
    pytest.param({"input": torch.ones(2, 5, 3, 3, 3)}, RuntimeError, "5 channels", id="channels"),
    pytest.param({"input": torch.ones(2, 4, 3, 0, 3)}, RuntimeError, "size 0 along height", id="zero-size"),
    pytest.param({"bias": torch.ones(5)}, RuntimeError, r"bias has shape \(5,\)", id="bias-length"),
    pytest.param({"bias": torch.ones(3, 1)}, RuntimeError, r"bias has shape \(3, 1\)", id="bias-rank"),
    pytest.param({"bias": [0.0] * 3}, TypeError, "bias is a list", id="bias-list"),
    pytest.param({"bias": torch.ones(3).double()}, RuntimeError, "float32 and bias is torch.float64", id="bias-f64"),
    pytest.param({"input": X.double()}, RuntimeError, "float64 and weight is torch.float32", id="mixed-dtypes"),
    pytest.param({"groups": 0}, RuntimeError, "groups=0", id="groups-0"),
    pytest.param({"groups": -2}, RuntimeError, "groups=-2", id="groups-negative"),
    pytest.param({"groups": 3}, RuntimeError, "in_channels=4 is not divisible by groups=3", id="groups-3"),
    pytest.param({"stride": 0}, RuntimeError, r"stride=\(0, 0, 0\).*1 and above", id="stride-0"),
    pytest.param({"dilation": (1, 0, 1)}, RuntimeError, "dilation=.*0 along height", id="dilation-0"),
    pytest.param({"stride": (2, 2)}, RuntimeError, "stride=.*2 elements", id="2-tuple"),
    pytest.param({"stride": 2.5}, TypeError, "stride=2.5 is a float", id="float-stride"),
    pytest.param({"padding": "same"}, TypeError, "padding='same' is a str", id="string-padding"),
    pytest.param({"padding": True}, TypeError, "padding=True is a bool", id="bool-padding"),
    pytest.param({"stride": 2**40}, RuntimeError, "stride=1099511627776 is out of range", id="huge-stride"),
    pytest.param({"output_padding": 2**31 - 1, "padding": 1 - 2**31}, RuntimeError, "out of range", id="huge-both"),
    pytest.param({"output_padding": 2**31 - 1}, RuntimeError, r"less than 2\*\*59", id="huge-output-padding"),
    pytest.param({"padding": 2}, RuntimeError, "Output size is too small", id="output-size-0"),
    pytest.param({"padding": 3}, RuntimeError, "Calculated output size.*-2, -2, -2", id="output-size-negative"),
    pytest.param({"output_padding": -9}, RuntimeError, "Output size is too small", id="cropped-away"),
    pytest.param({"data_format": "NCDHW"}, RuntimeError, "'channels_first' or 'channels_last'", id="data-format"),
]


@pytest.mark.parametrize(("change", "error", "match"), ILLEGAL)
def test_illegal_arguments_are_refused_with_their_value(
    change: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        F.conv_transpose3d(**{"input": X, "weight": W, **change})


def test_global_tensor_arguments_do_not_exist() -> None:
    with pytest.raises(TypeError, match="placement"):
        F.conv_transpose3d(X, W, placement=None)  # type: ignore[call-arg]
