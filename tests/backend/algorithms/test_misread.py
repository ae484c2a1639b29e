"""Shallow volumes under long padding: torch 2.13's own weight gradient is wrong in float32, or corrupts memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from tests.operands import integers, operands

from fourfold.backend import ConvTranspose3dSpec, autotune, conv_transpose3d
from fourfold.backend.planning import tuning
from fourfold.backend.planning.faults import misread

if TYPE_CHECKING:
    from pathlib import Path

# kernel, stride, padding, output padding and size along D: each made oneDNN's gradient wrong or the process die
WRONG = [
    (4, 2, 3, 0, 3),
    (4, 2, 3, 1, 3),
    (5, 2, 3, 0, 4),
    (5, 2, 4, 1, 3),
    (5, 3, 4, 2, 2),
    (6, 2, 5, 0, 6),
    (7, 3, 6, 2, 3),
]
RIGHT = [(5, 2, 2, 1, 4), (5, 2, 3, 1, 8), (3, 2, 1, 1, 1), (4, 2, 1, 0, 2)]
FORMATS = [torch.contiguous_format, torch.channels_last_3d]


def spec_of(kernel: int, stride: int, padding: int, extra: int) -> ConvTranspose3dSpec:
    return ConvTranspose3dSpec(
        in_channels=16,
        out_channels=16,
        kernel_size=(kernel, 5, 5),
        stride=(stride, 2, 2),
        padding=(padding, 2, 2),
        output_padding=(extra, 1, 1),
    )


@pytest.mark.parametrize("stored", FORMATS, ids=["contiguous", "channels-last"])
@pytest.mark.parametrize("row", WRONG, ids=str)
def test_gradients_are_those_of_float64_which_onednn_does_not_compute(
    row: tuple[int, int, int, int, int], stored: torch.memory_format
) -> None:
    spec, size = spec_of(*row[:4]), (row[4], 8, 8)
    given = operands(spec, size)
    upstream = integers((2, 16, *spec.output_size(size)), seed=9)

    def gradients(dtype: torch.dtype) -> list[torch.Tensor]:
        leaves = [tensor.detach().to(dtype).requires_grad_() for tensor in given]
        output = conv_transpose3d(leaves[0].contiguous(memory_format=stored), leaves[1], leaves[2], spec)
        return [tensor.double() for tensor in torch.autograd.grad(output, leaves, upstream.to(dtype))]

    found, wanted = gradients(torch.float32), gradients(torch.float64)
    assert [torch.equal(one, other) for one, other in zip(found, wanted, strict=True)] == [True] * 3


@pytest.mark.parametrize("row", WRONG, ids=str)
def test_the_cases_that_were_wrong_are_known(row: tuple[int, int, int, int, int]) -> None:
    assert misread(spec_of(*row[:4]), (row[4], 8, 8))


@pytest.mark.parametrize("row", RIGHT, ids=str)
def test_ordinary_layers_are_left_to_torch(row: tuple[int, int, int, int, int]) -> None:
    assert not misread(spec_of(*row[:4]), (row[4], 8, 8))


def test_a_choice_by_measuring_keeps_torch_s_fault_out_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tuning, "_median", lambda call: float(getattr(call.args[0], "name", "native") != "native"))
    spec, size = spec_of(5, 2, 3, 0), (4, 8, 8)
    autotune(path=tmp_path / "tuning.json")
    for _ in range(2):  # measured, then known
        input, weight, bias = (tensor.requires_grad_() for tensor in operands(spec, size))
        output = conv_transpose3d(input, weight, bias, spec)
        assert output.grad_fn is not None
        assert output.grad_fn.name() != "ConvolutionBackward0"
    autotune(False)
