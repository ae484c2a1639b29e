"""Instance norm as torch's: the same bits on one contiguous sample, and channels-last volumes stay so."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.operands import integers

from fourfold.backend.normalisation import instance_norm

LAST = torch.channels_last_3d
EPS = 2.0**-10


def operands(batch: int, dtype: torch.dtype) -> list[torch.Tensor]:
    """Return volumes of 64 voxels, a power of two: means and variances of small integers are exact."""
    return [integers((batch, 5, 4, 4, 4), 0, dtype), integers((5,), 1, dtype), integers((5,), 2, dtype)]


def computed(function: Any, given: list[torch.Tensor], layout: torch.memory_format) -> list[torch.Tensor]:
    """Return output and gradients, for an incoming gradient in a layout."""
    given = [each.detach().clone().requires_grad_() for each in given]
    output = function(*given, EPS)
    gradient = integers(tuple(output.shape), 3, output.dtype).to(memory_format=layout)
    return [output, *torch.autograd.grad(output, given, gradient)]


def by_torch(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float) -> torch.Tensor:
    return torch.nn.functional.instance_norm(input, weight=weight, bias=bias, eps=eps)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_one_contiguous_sample_has_torch_s_bits_and_is_no_view(dtype: torch.dtype) -> None:
    given = operands(1, dtype)
    ours, theirs = (computed(function, given, torch.contiguous_format) for function in (instance_norm, by_torch))
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))
    assert (ours[0]._is_view(), theirs[0]._is_view()) == (False, True)


def stored(volume: torch.Tensor, form: str) -> torch.Tensor:
    """Return the same values in a layout; `unsqueezed` has a stride along N that torch's norms stumble over."""
    if form == "contiguous":
        return volume.contiguous()
    last = volume.clone(memory_format=LAST)
    return last if form == "channels-last" else last[0].unsqueeze(0)


FORMS = ["contiguous", "channels-last", "unsqueezed"]


@pytest.mark.parametrize("of_gradient", FORMS)
@pytest.mark.parametrize("of_input", FORMS)
def test_the_gradient_is_right_in_every_mix_of_layouts(of_input: str, of_gradient: str) -> None:
    volume, weight, bias = (each.double() for each in operands(1, torch.float32))
    gradient = integers((1, 5, 4, 4, 4), 3, torch.float64)
    found = []
    for function, forms in ((instance_norm, (of_input, of_gradient)), (by_torch, ("contiguous", "contiguous"))):
        input = stored(volume, forms[0]).requires_grad_()
        output: Any = function(input, weight, bias, EPS)
        found.append(torch.autograd.grad(output, input, stored(gradient, forms[1]))[0])
    # sums of 64 terms below 2**10, some 2 * 64 roundings
    assert (found[0] - found[1]).abs().max().item() <= 128 * 2**10 * torch.finfo(torch.float64).eps


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_channels_last_volumes_stay_so_and_are_right(batch: int, dtype: torch.dtype) -> None:
    input, *others = operands(batch, dtype)
    found = computed(instance_norm, [input.to(memory_format=LAST), *others], LAST)
    expected = computed(by_torch, [each.double() for each in (input, *others)], torch.contiguous_format)
    assert found[0].is_contiguous(memory_format=LAST)
    # Sums of the forward pass are exact; an output is a difference times a reciprocal root times a weight plus a
    # bias: five roundings of at most the largest term. A gradient sums 64 voxels of such terms, over the batch.
    roundings = [5, 5 + 64, 5 + 64 * batch, 64 * batch]
    for ours, right, count in zip(found, expected, roundings, strict=True):
        largest = 64 * right.abs().max().item()
        assert (ours.double() - right).abs().max().item() <= count * torch.finfo(dtype).eps * largest


def test_bfloat16_channels_last_is_rounded_once_more_at_most() -> None:
    input, weight, bias = operands(2, torch.bfloat16)
    found: Any = instance_norm(input.to(memory_format=LAST), weight, bias, EPS)
    right = by_torch(input.double(), weight.double(), bias.double(), EPS)
    # computed in float32, scaled and shifted; the factors of the fused form are rounded to float32 too
    assert ((found.double() - right).abs() <= torch.finfo(torch.bfloat16).eps * (right.abs() + bias.abs().max())).all()


def test_without_parameters_the_norm_is_plain() -> None:
    input = operands(1, torch.float32)[0]
    assert torch.equal(instance_norm(input, None, None, EPS), torch.nn.functional.instance_norm(input, eps=EPS))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "input",
    [
        pytest.param(torch.zeros(2, 3, 4, 4, 4), id="contiguous-batch"),
        pytest.param(torch.zeros(1, 3, 1, 1, 1), id="one-voxel"),
        pytest.param(torch.zeros(0, 3, 4, 4, 4), id="empty"),
        pytest.param(torch.zeros(1, 3, 4, 4), id="four-axes"),
        pytest.param(torch.zeros(1, 3, 4, 4, 4, device="meta"), id="meta"),
        pytest.param(torch.zeros(1, 3, 4, 4, 4, dtype=torch.int32), id="integers"),
    ],
)
def test_others_are_left_to_torch(input: torch.Tensor) -> None:
    assert instance_norm(input, None, None, EPS) is None


def test_under_a_transform_torch_decides() -> None:
    seen = []

    def look(volume: torch.Tensor) -> torch.Tensor:
        seen.append(instance_norm(volume, None, None, EPS))
        return volume

    torch.vmap(look)(torch.zeros(2, 1, 3, 4, 4, 4))
    assert seen == [None]
