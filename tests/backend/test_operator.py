"""Values, shapes, layouts and refusals of the operator, against the definition in tests/reference.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests import reference
from tests.operands import apply, integers, operands
from tests.strategies import Case, cases, effort

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d

CONFIGURATIONS = [
    pytest.param({}, id="plain"),
    pytest.param({"stride": 2}, id="stride-2"),
    pytest.param({"stride": (1, 2, 3)}, id="stride-per-axis"),
    pytest.param({"padding": 1}, id="padding-1"),
    pytest.param({"padding": 3, "dilation": (2, 3, 3), "stride": 2}, id="padding-beyond-the-kernel"),
    pytest.param({"stride": 2, "padding": 1, "output_padding": 1}, id="output-padding"),
    pytest.param({"stride": 3, "output_padding": 2}, id="output-padding-past-the-end"),
    pytest.param({"kernel_size": 1, "stride": 2, "output_padding": 1}, id="kernel-1-past-the-end"),
    pytest.param({"dilation": (1, 2, 3)}, id="dilation-per-axis"),
    pytest.param({"dilation": 3, "output_padding": 2}, id="output-padding-below-dilation"),
    pytest.param({"groups": 2, "stride": 2}, id="groups"),
    pytest.param({"groups": 2, "stride": 2, "padding": ((1, 0), (0, 1), (2, 0))}, id="groups-asymmetric"),
    pytest.param({"padding": ((0, 2), (2, 0), (1, 1))}, id="asymmetric"),
    pytest.param({"padding": ((4, -3), (-3, 4), (0, 0)), "stride": 2}, id="asymmetric-far-out"),
    pytest.param({"padding": ((-1, -2), (0, 0), (-1, 1))}, id="negative"),
    pytest.param({"padding": ((-9, 8), (8, -9), (0, 0))}, id="outside-the-full-result"),
    pytest.param({"kernel_size": (2, 1, 3), "stride": (2, 1, 3)}, id="kernel-equals-stride"),
    pytest.param({"kernel_size": 2, "stride": 3}, id="kernel-below-stride"),
]
EXACT = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int64, torch.complex64, torch.complex128]


def make(**options: Any) -> ConvTranspose3dSpec:
    return ConvTranspose3dSpec(**{"in_channels": 4, "out_channels": 2, "kernel_size": (3, 2, 3), **options})


def definition(spec: ConvTranspose3dSpec) -> dict[str, Any]:
    """Return the options that the definition takes."""
    return {name: getattr(spec, name) for name in ("stride", "padding", "output_padding", "dilation", "groups")}


def as_numpy(tensor: torch.Tensor) -> Any:
    """Return an array in which sums of small integers are exact."""
    return tensor.detach().to(torch.complex128 if tensor.dtype.is_complex else torch.float64).numpy()


@pytest.mark.parametrize("options", CONFIGURATIONS)
@pytest.mark.parametrize("with_bias", [True, False], ids=["bias", "no-bias"])
def test_output_and_gradients_equal_the_definition(options: dict[str, Any], with_bias: bool) -> None:
    spec = make(**options)
    input, weight, bias = (tensor.requires_grad_() for tensor in operands(spec, (3, 4, 2)))
    output = conv_transpose3d(input, weight, bias if with_bias else None, spec)
    expected = reference.conv_transpose3d(
        as_numpy(input), as_numpy(weight), as_numpy(bias) if with_bias else None, **definition(spec)
    )
    assert output.dtype == torch.float32
    np.testing.assert_array_equal(as_numpy(output), expected, strict=True)

    grad_output = integers(tuple(output.shape), seed=9)
    gradients = torch.autograd.grad(output, [input, weight, *([bias] if with_bias else [])], grad_output)
    wanted = reference.gradients(as_numpy(grad_output), as_numpy(input), as_numpy(weight), **definition(spec))
    assert [gradient.tolist() for gradient in gradients] == [array.tolist() for array in wanted][: len(gradients)]


@given(case=cases(), seed=st.integers(0, 2**16))
@effort
def test_any_legal_operator_equals_the_definition(case: Case, seed: int) -> None:
    spec, size = case
    given_ = operands(spec, size, batch=1, dtype=torch.float64, seed=seed)
    expected = reference.conv_transpose3d(*(as_numpy(tensor) for tensor in given_), **definition(spec))
    np.testing.assert_array_equal(apply(given_, spec).numpy(), expected, strict=True)


@pytest.mark.parametrize("dtype", EXACT, ids=str)
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"stride": 2, "groups": 2}, id="direct"),
        pytest.param({"padding": ((0, 1), (-1, 0), (0, 0))}, id="crop-and-extend"),
    ],
)
def test_every_dtype_is_kept_and_exact_on_integers(dtype: torch.dtype, options: dict[str, Any]) -> None:
    spec = make(**options)
    given_ = operands(spec, (2, 2, 2), batch=1, dtype=dtype)
    output = apply(given_, spec)
    expected = reference.conv_transpose3d(*(as_numpy(tensor) for tensor in given_), **definition(spec))
    assert output.dtype == dtype
    np.testing.assert_array_equal(as_numpy(output), expected)


@pytest.mark.parametrize("options", [{"stride": 2}, {"padding": ((0, 1), (1, 0), (-1, 0))}], ids=["direct", "cropped"])
def test_unbatched_input_is_a_batch_of_one(options: dict[str, Any]) -> None:
    spec = make(**options)
    input, weight, bias = operands(spec, (3, 3, 3), batch=None)
    batched = conv_transpose3d(input.unsqueeze(0), weight, bias, spec)
    assert torch.equal(conv_transpose3d(input, weight, bias, spec), batched.squeeze(0))


@pytest.mark.parametrize("options", [{"stride": 2}, {"padding": ((0, 1), (1, 0), (-1, 0))}], ids=["direct", "cropped"])
def test_an_empty_batch_gives_an_empty_output_and_zero_gradients(options: dict[str, Any]) -> None:
    spec = make(**options)
    input, weight, bias = (tensor.requires_grad_() for tensor in operands(spec, (3, 3, 3), batch=0))
    output = conv_transpose3d(input, weight, bias, spec)
    assert output.shape == (0, 2, *spec.output_size((3, 3, 3)))
    (grad_weight,) = torch.autograd.grad(output.sum(), weight)
    assert not grad_weight.any()


def test_padding_that_cuts_exactly_everything_gives_an_empty_output_and_zero_gradients() -> None:
    spec = make(kernel_size=3, padding=((1, 2), (0, 0), (0, 0)))
    given_ = [tensor.requires_grad_() for tensor in operands(spec, (1, 2, 2))]
    output = apply(given_, spec)
    assert output.shape == (2, 2, 0, 4, 4)
    gradients = torch.autograd.grad(output.sum(), given_)
    assert [gradient.any().item() for gradient in gradients] == [False, False, False]


def test_output_size_replaces_the_output_padding() -> None:
    spec = make(stride=2)
    given_ = operands(spec, (3, 3, 3))
    wanted = spec.output_size_range((3, 3, 3))[0]
    padded = replace(spec, output_padding=(1, 0, 1))
    assert torch.equal(apply(given_, padded, output_size=wanted), apply(given_, spec))


@pytest.mark.parametrize("options", CONFIGURATIONS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_channels_last_3d_is_kept(options: dict[str, Any], dtype: torch.dtype) -> None:
    spec = make(**options)
    input, weight, bias = operands(spec, (3, 4, 2), dtype=dtype)
    output = conv_transpose3d(input.to(memory_format=torch.channels_last_3d), weight, bias, spec)
    assert output.is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(output, conv_transpose3d(input, weight, bias, spec))


@pytest.mark.parametrize("options", CONFIGURATIONS)
def test_a_contiguous_input_gives_a_contiguous_output(options: dict[str, Any]) -> None:
    spec = make(**options)
    assert apply(operands(spec, (3, 4, 2)), spec).is_contiguous()


def test_an_ndhwc_view_gives_an_ndhwc_view() -> None:
    spec = make(stride=2)
    input, weight, bias = operands(spec, (3, 4, 5))
    ndhwc = input.permute(0, 2, 3, 4, 1).contiguous()
    output = conv_transpose3d(ndhwc.permute(0, 4, 1, 2, 3), weight, bias, spec).permute(0, 2, 3, 4, 1)
    assert output.is_contiguous()
    assert torch.equal(output.permute(0, 4, 1, 2, 3), conv_transpose3d(input, weight, bias, spec))


def test_strided_operands_are_read_right() -> None:
    spec = make(stride=2)
    input, weight, bias = operands(spec, (3, 4, 5))
    strided = [
        torch.stack([tensor, -tensor], dim=-1)[..., 0] for tensor in (input, weight, bias)
    ]  # every second element of a larger block
    assert not strided[0].is_contiguous()
    assert torch.equal(apply(strided, spec), conv_transpose3d(input, weight, bias, spec))


FITTING = operands(make(), (3, 3, 3))


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        pytest.param({"input": [1.0]}, TypeError, "input is a list; it must be a tensor", id="input-list"),
        pytest.param({"input": np.zeros((1, 4, 3, 3, 3))}, TypeError, "input is a ndarray", id="input-numpy"),
        pytest.param({"weight": None}, TypeError, "weight is a NoneType", id="weight-none"),
        pytest.param({"bias": 1.0}, TypeError, "bias is a float; it must be a tensor or None", id="bias-float"),
        pytest.param({"input": FITTING.input.to_sparse()}, ValueError, "to_dense", id="input-sparse"),
        pytest.param({"weight": FITTING.weight.to_sparse()}, ValueError, "to_dense", id="weight-sparse"),
        pytest.param({"input": torch.zeros(4, 3, 3)}, ValueError, "input has 3 dimensions", id="input-3d"),
        pytest.param({"input": torch.zeros(1, 1, 4, 3, 3, 3)}, ValueError, "input has 6 dimensions", id="input-6d"),
        pytest.param({"input": torch.zeros(1, 5, 3, 3, 3)}, ValueError, "has 5 channels; .*in_channels=4", id="chans"),
        pytest.param({"input": torch.zeros(1, 4, 3, 0, 3)}, ValueError, "has size 0 along height", id="zero-size"),
        pytest.param({"weight": torch.zeros(2, 4, 3, 2, 3)}, ValueError, r"needs \(4, 2, 3, 2, 3\)", id="weight-shape"),
        pytest.param(
            {"bias": torch.zeros(4)}, ValueError, r"bias has shape \(4,\); the operator needs \(2,\)", id="b4"
        ),
        pytest.param({"bias": torch.zeros(1, 2, 1, 1, 1)}, ValueError, "bias has shape", id="bias-5d"),
        pytest.param({"weight": FITTING.weight.double()}, TypeError, "float32 and weight is torch.float64", id="w64"),
        pytest.param({"bias": FITTING.bias.half()}, TypeError, "float32 and bias is torch.float16", id="bias-half"),
        pytest.param({"weight": FITTING.weight.to("meta")}, ValueError, "input is on cpu and weight on meta", id="dev"),
        pytest.param({"output_size": (99, 4, 5)}, ValueError, "output_size=.* is 99 along depth", id="output-size"),
    ],
)
def test_operands_that_do_not_fit_are_named(changed: dict[str, Any], error: type[Exception], message: str) -> None:
    arguments: dict[str, Any] = {**FITTING._asdict(), "spec": make(), **changed}
    with pytest.raises(error, match=message):
        conv_transpose3d(**arguments)


def test_padding_that_cuts_more_than_everything_is_named() -> None:
    spec = make(kernel_size=3, padding=(0, 4, 0))
    with pytest.raises(ValueError, match=r"size -3 along height: padding=.* cuts more than the 5 voxels"):
        apply(operands(spec, (3, 3, 3)), spec)


STORED: dict[str, dict[str, Any]] = {
    "whole": {},
    "unbatched": {"batch": None},
    "cut-by-padding": {"padding": ((1, 0), (0, 1), (2, 1))},
    "extended-by-padding": {"padding": ((-1, 0), (0, -1), (0, 0)), "output_padding": 1, "stride": 2},
    "cut-to-nothing": {"padding": ((3, 2), (0, 0), (0, 0))},
    "bfloat16": {"dtype": torch.bfloat16},
}


@pytest.mark.parametrize("wanted", [False, True], ids=["", "gradients"])
@pytest.mark.parametrize(
    "layout", [torch.contiguous_format, torch.channels_last_3d], ids=["contiguous", "channels-last"]
)
@pytest.mark.parametrize("row", STORED.values(), ids=STORED)
def test_files_of_a_result_hold_its_own_numbers_only(
    row: dict[str, Any], layout: torch.memory_format, wanted: bool
) -> None:
    options = dict(row)
    drawing = {name: options.pop(name) for name in ("batch", "dtype") if name in options}
    spec = make(**options)
    input, weight, bias = operands(spec, (3, 3, 3), **drawing)
    if input.dim() == 5:
        input = input.contiguous(memory_format=layout)
    output = conv_transpose3d(input, weight.requires_grad_(wanted), bias, spec)
    assert output.untyped_storage().nbytes() == output.numel() * output.element_size()
    if wanted:
        (gradient,) = torch.autograd.grad(output.sum(), weight)
        assert gradient.untyped_storage().nbytes() == gradient.numel() * gradient.element_size()
