"""`paddle.nn.functional.conv3d_transpose`. "Measured" means: in paddlepaddle 3.3.1, CPU, Python 3.11."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends import paddle
from fourfold.frontends.paddle.nn.functional import conv3d_transpose

X = torch.ones(1, 2, 3, 4, 5)
W = torch.ones(2, 4, 3, 3, 3)


def line(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32).reshape(1, 1, -1, 1, 1)


def test_takes_paddles_arguments_in_its_order_with_its_defaults() -> None:
    parameters = inspect.signature(conv3d_transpose).parameters
    order = "x weight bias stride padding output_padding groups dilation output_size data_format name"
    assert list(parameters) == order.split()
    assert [parameter.default for parameter in parameters.values()][2:] == [
        *(None, 1, 0, 0, 1, 1, None, "NCDHW", None),
    ]


# measured on x = [1, 2, 3] and a kernel of three ones along depth
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({"padding": [1, 0, 0]}, [1, 3, 2, 5, 3], id="symmetric"),
        pytest.param({"padding": [1, 0, 0, 0, 0, 0]}, [1, 3, 2, 5, 3, 3], id="low-only"),
        pytest.param({"padding": [2, 0, 0], "output_padding": [1, 0, 0]}, [3, 2, 5, 3], id="op-inside-full"),
        pytest.param(
            {"output_padding": [1, 0, 0], "bias": torch.tensor([10.0])},
            [11, 11, 13, 12, 15, 13, 13, 10],
            id="op-beyond-full-is-bias",
        ),
        pytest.param({"padding": "SAME"}, [1, 3, 2, 5, 3], id="same"),
        pytest.param({"padding": "same", "dilation": 2}, [1, 3, 2, 5, 3], id="same-resets-dilation"),
        pytest.param({"output_size": [8, 1, 1]}, [1, 1, 3, 2, 5, 3, 3, 0], id="output_size-beyond-full"),
        pytest.param({"padding": [0, 2, 0, 0, 0, 0], "output_size": [6, 1, 1]}, [1, 1, 3, 2, 5, 3], id="size-in-full"),
    ],
)
def test_values_are_those_measured(arguments: dict[str, Any], expected: list[float]) -> None:
    output = conv3d_transpose(line(1, 2, 3), torch.ones(1, 1, 3, 1, 1), stride=(2, 1, 1), **arguments)
    assert output.flatten().tolist() == expected


# measured: all-ones input of 3 and all-ones kernel
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "expected"),
    [
        pytest.param(3, 2, 1, [1, 2, 1, 2, 1], id="k3s2"),
        pytest.param(2, 2, 1, [1, 1, 1, 1, 1], id="k2s2"),
        pytest.param(3, 1, 1, [2, 3, 2], id="k3s1"),
        pytest.param(3, 1, 2, [2, 3, 2], id="k3s1d2"),
    ],
)
def test_same_gives_the_row_measured(kernel: int, stride: int, dilation: int, expected: list[float]) -> None:
    output = conv3d_transpose(
        line(1, 1, 1),
        torch.ones(1, 1, kernel, 1, 1),
        stride=(stride, 1, 1),
        dilation=(dilation, 1, 1),
        padding="SAME",
    )
    assert output.flatten().tolist() == expected


@pytest.mark.parametrize(
    ("kernel", "stride", "size"), [pytest.param(4, 3, 9, id="k4s3"), pytest.param(2, 4, 10, id="k2s4")]
)
def test_same_gives_the_size_measured(kernel: int, stride: int, size: int) -> None:
    output = conv3d_transpose(line(1, 1, 1), torch.ones(1, 1, kernel, 1, 1), stride=(stride, 1, 1), padding="SAME")
    assert output.shape == (1, 1, size, 1, 1)


@pytest.mark.parametrize(
    "arguments", [{"output_padding": 1}, {"output_size": [6, 9, 10]}], ids=["output_padding", "output_size"]
)
def test_same_takes_output_padding_and_output_size(arguments: dict[str, Any]) -> None:
    # measured: (1, 2, 3, 4, 5) with k3 s2 'SAME' gives (5, 8, 9), with output_padding 1 (6, 9, 10)
    assert conv3d_transpose(X, W, stride=2, padding="SAME", **arguments).shape == (1, 4, 6, 9, 10)


def test_output_padding_1_is_the_same_as_that_output_size() -> None:
    assert torch.equal(
        conv3d_transpose(X, W, stride=2, output_padding=1), conv3d_transpose(X, W, stride=2, output_size=[8, 10, 12])
    )


@pytest.mark.parametrize(
    ("output_size", "error", "match"),
    [
        pytest.param(7, ValueError, "should not be less than the inferred output size.*is 7 along height", id="below"),
        pytest.param(
            [7, 9, 13], ValueError, r"should be less than inferred size \+ stride.*13 along width", id="above"
        ),
        pytest.param([8, 8], ValueError, "The output_size's length must be 3", id="two"),
        pytest.param([1, 4, 8, 10, 12], ValueError, "The output_size's length must be 3", id="five"),
        pytest.param(8.0, ValueError, "output_size should be int, or list, tuple of ints", id="float"),
        pytest.param("888", ValueError, "output_size should be int, or list, tuple of ints", id="string"),
        pytest.param(torch.tensor([8, 10, 12]), ValueError, "output_size should be int, or list", id="tensor"),
        pytest.param([8, 10, 12.0], TypeError, "output_size=12.0 is a float", id="float-item"),
        pytest.param(True, TypeError, "output_size=True is a bool", id="bool"),
    ],
)
def test_output_size_out_of_range_or_of_another_kind_is_refused(
    output_size: Any, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        conv3d_transpose(X, W, stride=2, output_size=output_size)


@pytest.mark.parametrize("output_padding", [1, [0, 0, 0], (1, 0, 0)], ids=str)
def test_output_size_excludes_output_padding(output_padding: Any) -> None:
    with pytest.raises(ValueError, match="output_padding option is mutually exclusive with output_size"):
        conv3d_transpose(X, W, stride=2, output_padding=output_padding, output_size=[8, 10, 12])


@pytest.mark.parametrize("bias", [torch.tensor(2.0), torch.tensor([2.0]), torch.full((4,), 2.0)], ids=["0-d", "1", "4"])
def test_bias_of_one_value_serves_all_channels(bias: torch.Tensor) -> None:
    expected = torch.nn.functional.conv_transpose3d(X, W, torch.full((4,), 2.0))
    assert torch.equal(conv3d_transpose(X, W, bias), expected)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        pytest.param({"x": X[0]}, r"Input x should be 5D tensor.*paddle.Size\(\[2, 3, 4, 5\]\)", id="4d"),
        pytest.param({"x": X[None]}, "Input x should be 5D tensor", id="6d"),
        pytest.param({"x": X.numpy()}, "argument 'x' must be Tensor, but got ndarray", id="numpy-x"),
        pytest.param({"x": None}, "argument 'x' must be Tensor, but got NoneType", id="none"),
        pytest.param({"weight": W.numpy()}, "argument 'weight' must be Tensor", id="numpy-weight"),
        pytest.param({"weight": W[0]}, "Input weight should be 5D tensor", id="4d-weight"),
        pytest.param({"bias": np.ones(4, "float32")}, "bias is a ndarray", id="numpy-bias"),
        pytest.param({"bias": torch.ones(3)}, r"bias has shape \(3,\)", id="bias-3"),
        pytest.param({"x": X.double()}, "torch.float64.*torch.float32", id="dtypes"),
        pytest.param(
            {"x": X.double(), "weight": W.double(), "bias": torch.ones(4)}, "bias is torch.float32", id="bias64"
        ),
        pytest.param(
            {"x": torch.ones(1, 3, 3, 3, 3)}, "input channels should be equal to filter channels", id="channels"
        ),
        pytest.param({"data_format": "NDHWC"}, "equal to filter channels.*data_format='NDHWC'", id="format-channels"),
        pytest.param({"data_format": "FOO"}, "should be 'NCDHW' or 'NDHWC'.*'FOO'", id="format"),
        pytest.param({"groups": 3}, r"number of input channels must be divisible by Attr\(groups\)", id="groups3"),
        pytest.param({"groups": 0}, "groups of conv3d_transpose should not be zero", id="groups0"),
        pytest.param({"padding": 9}, "output would have size -13 along depth", id="negative-output"),
        pytest.param({"x": torch.ones(1, 2, 0, 4, 5)}, "size 0 along depth", id="empty-axis"),
    ],
)
def test_operands_that_do_not_fit_raise_value_error(arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        conv3d_transpose(**({"x": X, "weight": W} | arguments))


@pytest.mark.parametrize(
    ("x", "arguments", "shape"),
    [
        pytest.param(torch.ones(0, 2, 3, 4, 5), {}, (0, 4, 5, 6, 7), id="batch-0"),
        pytest.param(X, {"padding": [3, 2, 0, 0, 0, 0]}, (1, 4, 0, 6, 7), id="output-0"),
    ],
)
def test_empty_results_have_their_shape_and_zero_gradients(
    x: torch.Tensor, arguments: dict[str, Any], shape: tuple[int, ...]
) -> None:
    weight = W.clone().requires_grad_()
    output: Any = conv3d_transpose(x, weight, **arguments)
    assert output.shape == shape
    output.sum().backward()
    assert weight.grad is not None
    assert not weight.grad.any()


def test_groups_multiply_the_output_channels() -> None:
    expected = torch.nn.functional.conv_transpose3d(X, W, groups=2)
    assert torch.equal(conv3d_transpose(X, W, groups=2), expected)
    assert expected.shape[1] == 8


def test_ndhwc_output_is_a_view_of_the_engines() -> None:
    x = torch.randn(2, 3, 4, 5, 2)
    output = conv3d_transpose(x, W, data_format="NDHWC")
    # the input's memory is channels-last already, and so is the result's
    assert output.is_contiguous()
    assert output.shape == (2, 5, 6, 7, 4)


def test_name_goes_to_a_paddle_result() -> None:
    output: Any = conv3d_transpose(X.as_subclass(paddle.Tensor), W, name="up")
    assert output.name == "up"


def test_name_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="name=3 is a int"):
        conv3d_transpose(X, W, name=3)  # type: ignore[arg-type]


def test_half_precision_and_integers_work_although_paddles_cpu_has_none() -> None:
    output = conv3d_transpose(X.long(), W.long(), stride=2)
    assert torch.equal(output, conv3d_transpose(X, W, stride=2).long())
