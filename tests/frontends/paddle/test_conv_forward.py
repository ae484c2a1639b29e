"""What `paddle.nn.Conv3DTranspose` computes, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends import paddle
from fourfold.frontends.paddle.nn import Conv3DTranspose


def volume(*shape: int) -> torch.Tensor:
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape) % 7 - 3


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
def test_forward_is_torchs_full_result_cropped(arguments: dict[str, Any], crop: list[int], data_format: Any) -> None:
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
def test_pairs_in_the_order_of_the_format_are_six_pads(data_format: Any, padding: Any) -> None:
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
