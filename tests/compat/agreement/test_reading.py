"""What a layer cuts from its full result is read as pads and an output padding, in whatever words its class says it."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from fourfold.compat.agreement.reading import read
from fourfold.frontends import oneflow, paddle
from fourfold.frontends.paddle import fluid

CUTS = [
    pytest.param(nn.ConvTranspose3d(2, 2, 3, 2, 1, 1), [(1, 1)] * 3, [1, 1, 1], id="torch"),
    # more than stride and dilation: the high side has no pad to take it from
    pytest.param(oneflow.nn.ConvTranspose3d(2, 2, 3, output_padding=5), [(0, 0)] * 3, [5, 5, 5], id="oneflow-large"),
    pytest.param(
        paddle.nn.Conv3DTranspose(2, 2, 3, padding=[0, 1, 2, 0, 1, 1]), [(0, 1), (2, 0), (1, 1)], [0, 0, 0], id="pairs"
    ),
    # one less on the high side is an output padding of one, where a stride of two permits it
    pytest.param(
        paddle.nn.Conv3DTranspose(2, 2, 3, stride=2, padding=[2, 1, 1, 1, 0, 0]),
        [(2, 2), (1, 1), (0, 0)],
        [1, 0, 0],
        id="pair-with-stride",
    ),
]


@pytest.mark.parametrize(("layer", "padding", "output_padding"), CUTS)
def test_pads_and_output_paddings_are_read(layer: nn.Module, padding: Any, output_padding: Any) -> None:
    found = read(layer).arguments
    assert (found["padding"], found["output_padding"]) == (padding, output_padding)


def test_same_stays_a_word_where_it_depends_on_the_input() -> None:
    found = read(paddle.nn.Conv3DTranspose(2, 2, 3, stride=2, padding="SAME", data_format="NDHWC")).arguments
    assert (found["padding"], found["data_format"]) == ("SAME", "NDHWC")


def test_an_output_size_is_read_where_there_is_one() -> None:
    layers = [fluid.dygraph.Conv3DTranspose(2, 2, 3, output_size=size) for size in (None, 5)]
    assert ["output_size" in read(layer).arguments for layer in layers] == [False, True]
