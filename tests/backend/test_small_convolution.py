"""Convolutions that torch leaves to its loop: oneDNN's give the same bits, and so do their gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.backend.convolutions import LAYOUTS, Layer, exact
from tests.operands import integers

from fourfold.backend import small_convolution
from fourfold.backend.small_convolution import convolution

LAYERS = {
    "deep": Layer((64, 64), (4, 4, 4)),
    "first": Layer((1, 16), (24, 24, 24)),
    "stride-2-odd": Layer((24, 40), (9, 11, 13), stride=(2, 2, 2)),
    "odd-planes": Layer((32, 32), (5, 6, 7)),
    "two-planes": Layer((48, 32), (2, 9, 8)),
    "kernel-5": Layer((48, 48), (6, 6, 7), (5, 3, 3), padding=(1, 1, 0)),
    "flat-kernel": Layer((64, 64), (6, 7, 8), (1, 3, 3), padding=(0, 1, 1)),
    "no-padding": Layer((32, 48), (8, 8, 8), padding=(0, 0, 0)),
}
layers = pytest.mark.parametrize("layer", [pytest.param(layer, id=name) for name, layer in LAYERS.items()])
layouts = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


@layers
@layouts
def test_output_and_gradients_are_exact(layer: Layer, layout: torch.memory_format) -> None:
    input, weight, bias = layer.operands()
    operands: Any = [input.clone(memory_format=layout), weight.clone(memory_format=layout), bias]
    operands = [each.requires_grad_() for each in operands]
    output: Any = convolution(*operands, *layer.arguments)
    gradient = integers(tuple(output.shape), 3).clone(memory_format=layout)
    found = (output, *torch.autograd.grad(output, operands, gradient))
    assert output.is_contiguous(memory_format=layout)
    assert all(torch.equal(ours.double(), theirs) for ours, theirs in zip(found, exact(layer), strict=True))


@layers
def test_without_a_gradient_the_output_is_exact_too(layer: Layer) -> None:
    input, weight, _ = layer.operands()
    output: Any = convolution(input, weight, None, *layer.arguments)
    assert torch.equal(output, torch.conv3d(input.double(), weight.double(), None, *layer.arguments).float())


@pytest.mark.parametrize("wanted", [(True, False, False), (False, True, False), (False, False, True)])
def test_a_gradient_alone_is_computed_alone(wanted: tuple[bool, ...]) -> None:
    layer = LAYERS["deep"]
    operands: Any = [each.requires_grad_(asked) for each, asked in zip(layer.operands(), wanted, strict=True)]
    output: Any = convolution(*operands, *layer.arguments)
    output.backward(integers(tuple(output.shape), 3))
    assert [each.grad is not None for each in operands] == list(wanted)
    index = wanted.index(True)
    assert torch.equal(operands[index].grad.double(), exact(layer)[1 + index])


def test_second_derivatives_are_torch_s() -> None:
    layer = LAYERS["odd-planes"]

    def second(function: Any, dtype: torch.dtype) -> torch.Tensor:
        input, weight, bias = (each.requires_grad_() for each in layer.operands(dtype))
        (first,) = torch.autograd.grad(function(input, weight, bias).square().sum() / 2, weight, create_graph=True)
        found: torch.Tensor = torch.autograd.grad(first[0, 0, 0, 0, 0], input)[0]
        return found

    ours = second(lambda *operands: convolution(*operands, *layer.arguments), torch.float32)
    theirs = second(lambda *operands: torch.conv3d(*operands, *layer.arguments), torch.float64)
    assert torch.equal(ours.double(), theirs)


def test_torch_has_a_loop_that_it_would_use() -> None:  # or the tests below would say nothing
    assert small_convolution._loop is not None


DEEP = LAYERS["deep"]


def call(layer: Layer = DEEP, dtype: torch.dtype = torch.float32, batch: int = 1) -> torch.Tensor | None:
    input, weight, bias = layer.operands(dtype)
    return convolution(input.expand(batch, -1, -1, -1, -1), weight, bias, *layer.arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"dtype": torch.bfloat16}, id="bfloat16"),
        pytest.param({"dtype": torch.float64}, id="float64"),
        pytest.param({"batch": 2}, id="batch"),
        pytest.param({"layer": Layer((2, 2), (4, 4, 4))}, id="few-products"),
        pytest.param({"layer": Layer((320, 320), (2, 2, 2))}, id="few-voxels"),
        pytest.param({"layer": Layer((64, 64), (4, 4, 4), (1, 1, 1), padding=(0, 0, 0))}, id="one-tap"),
        pytest.param({"layer": Layer((64, 64), (2, 8, 8), (5, 3, 3), padding=(2, 1, 1))}, id="fault-of-torch"),
        pytest.param({"layer": Layer((64, 64), (1, 16, 16))}, id="one-plane"),
        pytest.param({"layer": Layer((64, 64), (8, 8, 8), dilation=(2, 2, 2))}, id="dilated"),
        pytest.param({"layer": Layer((64, 64), (24, 24, 24))}, id="torch-uses-onednn"),
    ],
)
def test_others_are_left_to_torch(arguments: dict[str, Any]) -> None:
    assert call(**arguments) is None


def test_under_autocast_torch_decides() -> None:
    with torch.autocast("cpu"):
        assert call() is None


def test_under_a_transform_torch_decides() -> None:
    input, weight, bias = DEEP.operands()
    seen = []

    def look(weight: torch.Tensor) -> torch.Tensor:
        seen.append(convolution(input, weight, bias, *DEEP.arguments))
        return weight

    torch.vmap(look)(weight.unsqueeze(0))
    assert seen == [None]


def test_a_torch_without_the_question_keeps_its_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_convolution, "_loop", None)
    assert call() is None


@pytest.mark.parametrize(
    ("input", "weight"),
    [
        pytest.param((1, 32, 4, 4, 4), (64, 64, 3, 3, 3), id="channels"),
        pytest.param((64, 4, 4, 4), (64, 64, 3, 3, 3), id="unbatched"),
        pytest.param((1, 64, 4, 4, 4), (64, 64, 3, 3), id="weight"),
        pytest.param((1, 64, 0, 4, 4), (64, 64, 3, 3, 3), id="empty"),
    ],
)
def test_shapes_that_do_not_fit_are_torch_s_to_name(input: tuple[int, ...], weight: tuple[int, ...]) -> None:
    assert convolution(torch.zeros(input), torch.zeros(weight), None, *DEEP.arguments) is None
