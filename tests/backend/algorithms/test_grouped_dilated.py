"""Groups, dilation and channels-last together: torch 2.13's own weight gradient writes beyond its memory there."""

from __future__ import annotations

import pytest
import torch
from tests.operands import integers, operands

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d

SPEC = ConvTranspose3dSpec(
    in_channels=15,
    out_channels=3,
    kernel_size=(4, 2, 3),
    stride=(2, 1, 4),
    padding=(3, 0, 3),
    output_padding=(1, 0, 2),
    dilation=(1, 2, 2),
    groups=3,
)


@pytest.mark.parametrize("stored", [torch.contiguous_format, torch.channels_last_3d], ids=["gradient", "gradient-last"])
@pytest.mark.parametrize("repeat", range(3))
def test_the_gradients_are_those_of_contiguous_volumes(stored: torch.memory_format, repeat: int) -> None:
    input, weight, bias = (tensor.requires_grad_() for tensor in operands(SPEC, (3, 6, 2), seed=repeat))
    expected = torch.nn.functional.conv_transpose3d(
        input, weight, bias, SPEC.stride, (3, 0, 3), SPEC.output_padding, SPEC.groups, SPEC.dilation
    )
    upstream = integers(tuple(expected.shape), seed=9)
    wanted = torch.autograd.grad(expected, (input, weight, bias), upstream)
    last = input.detach().contiguous(memory_format=torch.channels_last_3d).requires_grad_()
    output = conv_transpose3d(last, weight, bias, SPEC)
    found = torch.autograd.grad(output, (last, weight, bias), upstream.contiguous(memory_format=stored))
    assert torch.equal(output, expected)
    assert [torch.equal(one, other) for one, other in zip(found, wanted, strict=True)] == [True] * 3


def test_so_are_the_second_derivatives() -> None:
    found = []
    for stored in (torch.contiguous_format, torch.channels_last_3d):
        input, weight, bias = operands(SPEC, (3, 6, 2))
        leaves = (input.contiguous(memory_format=stored).requires_grad_(), weight.requires_grad_())
        output = conv_transpose3d(leaves[0], leaves[1], bias, SPEC)
        first = torch.autograd.grad(output.square().sum(), leaves, create_graph=True)
        found.append(torch.autograd.grad(first[0].sum() + first[1].sum(), leaves))
    assert [torch.equal(one, other) for one, other in zip(*found, strict=True)] == [True, True]
