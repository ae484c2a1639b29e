"""Convolutions of few output channels or one voxel, rewritten: the same bits, and gradients, as the definition's."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.backend.convolutions import LAYOUTS, Layer, exact
from tests.operands import integers

from fourfold.backend import small_convolution
from fourfold.backend.narrow_convolution import convolution

COLUMNS = {
    "kernel-3": Layer((32, 3), (16, 18, 20)),
    "kernel-5": Layer((16, 2), (16, 18, 20), (5, 5, 5), padding=(2, 2, 2)),
    "even-kernel": Layer((32, 4), (16, 17, 18), (2, 3, 4), padding=(0, 1, 2)),
    "no-padding": Layer((32, 3), (16, 18, 20), padding=(0, 0, 0)),
    "strides-and-dilations": Layer((32, 3), (18, 20, 22), stride=(2, 1, 1), dilation=(1, 2, 1)),
}
POINTS = {"one-voxel": Layer((32, 3), (16, 32, 33), (1, 1, 1), padding=(0, 0, 0))}
cases = pytest.mark.parametrize(
    ("layer", "layout"),
    [
        *(
            pytest.param(COLUMNS[name], LAYOUTS[layout], id=f"{name}-{layout}")
            for name in COLUMNS
            for layout in LAYOUTS
        ),
        pytest.param(POINTS["one-voxel"], torch.contiguous_format, id="one-voxel"),
    ],
)


@pytest.fixture
def no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch's choice depends on its threads: its loop is never chosen."""
    monkeypatch.setattr(small_convolution, "is_looped", lambda *_: False)


@cases
@pytest.mark.usefixtures("no_loop")
def test_output_and_gradients_are_exact(layer: Layer, layout: torch.memory_format) -> None:
    input, weight, bias = layer.operands()
    operands: Any = [input.clone(memory_format=layout), weight.clone(memory_format=layout), bias]
    operands = [each.requires_grad_() for each in operands]
    output: Any = convolution(*operands, *layer.arguments)
    gradient = integers(tuple(output.shape), 3).clone(memory_format=layout)
    found = (output, *torch.autograd.grad(output, operands, gradient))
    assert output.is_contiguous(memory_format=layout)
    assert all(torch.equal(ours.double(), theirs) for ours, theirs in zip(found, exact(layer), strict=True))


@cases
@pytest.mark.usefixtures("no_loop")
def test_samples_of_a_batch_without_bias_are_exact(layer: Layer, layout: torch.memory_format) -> None:
    input, weight, _ = layer.operands()
    batch = torch.cat([input, -input]).clone(memory_format=layout)
    output: Any = convolution(batch, weight, None, *layer.arguments)
    wanted = torch.conv3d(batch.double(), weight.double(), None, *layer.arguments)
    assert torch.equal(output.double(), wanted)


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(Layer((32, 6), (16, 18, 20)), id="columns-do-not-fit"),
        pytest.param(Layer((4, 3), (16, 18, 20)), id="few-input-channels"),
        pytest.param(Layer((32, 3), (4, 4, 4)), id="small-volume"),
        pytest.param(Layer((32, 3), (16, 18, 20), stride=(1, 1, 2)), id="stride-along-the-width"),
        pytest.param(Layer((32, 3), (16, 18, 20), dilation=(1, 1, 2)), id="dilation-along-the-width"),
        pytest.param(Layer((32, 3), (16, 18, 20), padding=(1, 1, 3)), id="padding-beyond-the-kernel"),
        pytest.param(Layer((32, 3), (16, 32, 33), (1, 1, 1), padding=(1, 1, 1)), id="one-voxel-padded"),
        pytest.param(Layer((32, 3), (8, 8, 8), (1, 1, 1), padding=(0, 0, 0)), id="one-voxel-torch-multiplies"),
        pytest.param(Layer((32, 3), (80, 80, 2), (3, 3, 5), padding=(1, 1, 1)), id="narrower-than-its-kernel"),
    ],
)
def test_torch_is_to_compute_others(layer: Layer) -> None:
    assert convolution(*layer.operands(), *layer.arguments) is None


@pytest.mark.usefixtures("no_loop")
def test_torch_is_to_compute_a_channels_last_volume_at_kernel_size_1() -> None:
    layer = POINTS["one-voxel"]
    input, weight, bias = layer.operands()
    volume = input.clone(memory_format=torch.channels_last_3d)
    assert convolution(volume, weight, bias, *layer.arguments) is None


def test_other_precisions_are_torch_s() -> None:
    layer = COLUMNS["kernel-3"]
    assert convolution(*layer.operands(torch.float64), *layer.arguments) is None


@pytest.mark.parametrize("layer", [COLUMNS["kernel-3"], POINTS["one-voxel"]], ids=["columns", "one-voxel"])
def test_torch_is_to_compute_no_samples(layer: Layer) -> None:
    input, weight, bias = layer.operands()
    assert convolution(input[:0], weight, bias, *layer.arguments) is None
