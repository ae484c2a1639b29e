"""An output of more than 2^31 elements: every index in it needs 64 bits."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch

from fourfold.frontends.torch import nn

EDGE = 650  # doubled, 1300^3 is just above 2^31


@pytest.fixture(scope="module", params=[torch.float16], ids=str)
def volumes(request: pytest.FixtureRequest) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return an input of ones, twos and threes, a weight of eight different values, and the output."""
    layer = nn.ConvTranspose3d(1, 1, 2, stride=2, bias=False, dtype=request.param)
    with torch.no_grad():
        layer.weight.copy_(torch.arange(1, 9).reshape(layer.weight.shape))
        input = torch.arange(EDGE**3, dtype=torch.int32).remainder_(3).add_(1).to(request.param)
        input = input.reshape(1, 1, EDGE, EDGE, EDGE)
        return input, layer.weight.detach(), layer(input)


@pytest.mark.slow
def test_it_has_more_elements_than_32_bits_count(volumes: tuple[torch.Tensor, ...]) -> None:
    _, _, output = volumes
    assert output.shape == (1, 1, 2 * EDGE, 2 * EDGE, 2 * EDGE)
    assert math.prod(output.shape) > 2**31


@pytest.mark.slow
@pytest.mark.parametrize("tap", list(product((0, 1), repeat=3)), ids=str)
def test_every_tap_lands_where_the_definition_says(
    volumes: tuple[torch.Tensor, ...], tap: tuple[int, int, int]
) -> None:
    input, weight, output = volumes
    depth, height, width = tap
    # where kernel size and stride are equal, every output voxel is one product
    got = output[0, 0, depth::2, height::2, width::2]
    assert torch.equal(got, input[0, 0] * weight[0, 0, depth, height, width])
