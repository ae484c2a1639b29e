"""Slabs of a layer's output are what the whole has there, for every operator and every way to cut."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests import reference
from tests.operands import integers, operands
from tests.strategies import Case, cases, effort
from torch import nn

from fourfold.compat.streaming.cutting import Step, shapes_of, slabs_of, steps, thickness
from fourfold.compat.streaming.flow import Flow
from fourfold.compat.streaming.layers import stages_of
from fourfold.compat.streaming.stages import Stage, Transposed
from fourfold.frontends.tensor import plain


def in_slabs(stages: list[Stage], volume: torch.Tensor, planes: int) -> torch.Tensor:
    """Compute a volume (C, D, H, W) from slabs of the input alone."""
    channels, *size = volume.shape
    shapes = shapes_of(stages, (channels, size[0], size[1], size[2]))
    flow = Flow(stages, shapes, lambda span: volume[None, :, slice(*span)].clone(), 1 << 20)
    return torch.cat([flow.slab(found)[0] for found in steps(stages, shapes, slabs_of(shapes[-1][1], planes))], 1)


@effort
@given(case=cases(), planes=st.integers(1, 9), seed=st.integers(0, 2**16))
def test_a_transposed_convolution_is_the_definition(case: Case, planes: int, seed: int) -> None:
    spec, size = case
    volume, weight, bias = operands(spec, size, batch=None, seed=seed)
    expected = reference.conv_transpose3d(
        volume[None].numpy(),
        weight.numpy(),
        bias.numpy(),
        stride=spec.stride,
        padding=spec.padding,
        output_padding=spec.output_padding,
        dilation=spec.dilation,
        groups=spec.groups,
    )[0]
    np.testing.assert_array_equal(in_slabs([Transposed("layer", spec, weight, bias)], volume, planes).numpy(), expected)


def with_integers(module: nn.Module, seed: int) -> nn.Module:
    """Give a module parameters that are small integers."""
    with torch.no_grad():
        for index, tensor in enumerate(module.parameters()):
            if tensor.requires_grad:  # Paddle has statistics among the parameters
                plain(tensor).copy_(integers(tuple(tensor.shape), seed + index))
    return module.eval()


@st.composite
def decoders(draw: Any) -> nn.Sequential:
    """Draw decoders of two channels, and one volume's depth of 3 and above, in which all sums are exact."""

    def convolution() -> nn.Module:
        kernel, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        padding = draw(st.integers(0, 4))
        groups = draw(st.integers(1, 2))
        return nn.Conv3d(
            2, 2, (kernel, 1, 2), (draw(st.integers(1, 3)), 1, 1), (padding, 0, 1), (dilation, 1, 1), groups
        )

    def transposed() -> nn.Module:
        stride, groups = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        extra = draw(st.integers(0, stride - 1))
        return nn.ConvTranspose3d(
            2, 2, (3, 1, 2), (stride, 1, 1), (draw(st.integers(0, 1)), 0, 0), (extra, 0, 0), groups
        )

    makers = [convolution, transposed, nn.ReLU, lambda: nn.Upsample(scale_factor=(draw(st.integers(1, 3)), 1, 2))]
    chosen = draw(st.lists(st.sampled_from(makers), min_size=1, max_size=4))
    # the last: a depth that no padding of the others has made too small
    return nn.Sequential(nn.ConvTranspose3d(2, 2, (5, 1, 1), (2, 1, 1)), *(make() for make in chosen))


@effort
@given(decoder=decoders(), depth=st.integers(3, 6), planes=st.integers(1, 9), seed=st.integers(0, 2**16))
def test_a_decoder_is_the_whole(decoder: nn.Sequential, depth: int, planes: int, seed: int) -> None:
    with_integers(decoder, seed).double()
    volume = integers((2, depth, 2, 2), seed).double()
    with torch.no_grad():
        expected = decoder(volume[None])[0]
    assert torch.equal(in_slabs(stages_of(decoder), volume, planes), expected)


def test_what_lies_in_the_padding_alone_is_made_of_zeros() -> None:
    layer = with_integers(nn.Conv3d(1, 1, 1, padding=(3, 0, 0)), 0)
    volume = integers((1, 2, 2, 2), 1)
    with torch.no_grad():
        assert torch.equal(in_slabs(stages_of(layer), volume, 1), layer(volume[None])[0])


@pytest.mark.parametrize("limit", [1, 500, 2000, 10**9])
def test_slabs_are_as_thick_as_the_limit_allows(limit: int) -> None:
    stages = stages_of(nn.Sequential(nn.ConvTranspose3d(2, 4, 4, 2, 1), nn.Conv3d(4, 1, 3, padding=1)))
    shapes = shapes_of(stages, (2, 9, 4, 4))
    planes = thickness(stages, shapes, limit)

    def largest(planes: int) -> int:
        """The most numbers that a layer reads and makes: 2 and 4 channels of 4 x 4 and 8 x 8 voxels, and 4 and 1."""
        numbers = []
        for found in steps(stages, shapes, slabs_of(18, planes)):
            for step, before, after in zip(found, (32, 256), (256, 64), strict=True):
                assert step is not None
                numbers.append((step.read[1] - step.read[0]) * before + (step.wanted[1] - step.wanted[0]) * after)
        return max(numbers)

    assert planes == 1 or largest(planes) <= limit
    assert planes == 18 or largest(planes + 1) > limit


@effort
@given(decoder=decoders(), depth=st.integers(3, 9), planes=st.integers(1, 9))
def test_no_plane_is_made_twice(decoder: nn.Sequential, depth: int, planes: int) -> None:
    stages = stages_of(decoder.eval())
    shapes = shapes_of(stages, (2, depth, 2, 2))
    for found in zip(*steps(stages, shapes, slabs_of(shapes[-1][1], planes)), strict=True):
        made = [span for step in found if step is not None for span in (step.wanted,)]
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(made))


def test_what_two_slabs_share_is_kept() -> None:
    stages = stages_of(nn.Sequential(nn.ConvTranspose3d(1, 1, 4, 2, 1), nn.Conv3d(1, 1, 3, padding=1)))
    first, second, *_ = steps(stages, shapes_of(stages, (1, 4, 4, 4)), slabs_of(8, 2))
    # the planes under kernels of 4 and stride 2, and of 3
    assert first == [Step((0, 2), (0, 2), (1, 2), (0, 3)), Step((0, 3), (0, 3), (1, 3), (0, 2))]
    assert second == [Step((1, 3), (2, 3), (2, 3), (3, 5)), Step((1, 5), (3, 5), (3, 5), (2, 4))]
