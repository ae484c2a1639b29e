"""Deformable convolutions, by their definition."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from fourfold.backend import OperatorError
from fourfold.frontends.deformable import deformed


def whole(*shape: int) -> torch.Tensor:
    return torch.randint(-4, 5, shape, generator=torch.Generator().manual_seed(0)).double()


def test_taps_that_are_not_moved_make_a_convolution() -> None:
    x, weight = whole(2, 4, 7, 6), whole(6, 2, 3, 2)
    found = deformed(x, torch.zeros(2, 24, 4, 4).double(), weight, None, (2, 1), (1, 0), (1, 2))
    expected = functional.conv2d(x, weight, None, (2, 1), (1, 0), (1, 2), groups=2)
    assert torch.equal(found, expected)


def test_whole_offsets_move_the_input() -> None:
    x, weight = whole(1, 1, 6, 6), whole(1, 1, 1, 1)
    offset = torch.tensor([2.0, -1.0]).double().reshape(1, 2, 1, 1).expand(1, 2, 6, 6)
    found = deformed(x, offset, weight, None, (1, 1), (0, 0), (1, 1))
    assert torch.equal(found[0, 0, :4, 1:], x[0, 0, 2:, :-1] * weight.item())
    assert not found[0, 0, 4:].any()
    assert not found[0, 0, :, 0].any()


def test_gradients_are_those_of_the_values() -> None:
    torch.manual_seed(0)
    x, offset = torch.randn(1, 2, 4, 4).double(), torch.rand(1, 16, 3, 3).double() * 0.8 + 0.1
    mask, weight = torch.rand(1, 8, 3, 3).double(), torch.randn(2, 2, 2, 2).double()
    given = [each.requires_grad_() for each in (x, offset, weight, mask)]

    def applied(x: torch.Tensor, offset: torch.Tensor, weight: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return deformed(x, offset, weight, mask, (1, 1), (0, 0), (1, 1))

    assert torch.autograd.gradcheck(applied, given)


def test_at_a_pixel_the_gradient_of_an_offset_is_towards_the_next() -> None:
    x = torch.arange(9.0).reshape(1, 1, 3, 3) ** 2
    offset = torch.zeros(1, 2, 3, 3, requires_grad=True)
    deformed(x, offset, torch.ones(1, 1, 1, 1), None, (1, 1), (0, 0), (1, 1)).sum().backward()  # type: ignore[no-untyped-call]
    assert offset.grad is not None
    assert torch.equal(offset.grad[0, 1, :, :2], x[0, 0, :, 1:] - x[0, 0, :, :2])


def test_offsets_that_do_not_fit_are_named() -> None:
    with pytest.raises(OperatorError, match=r"offset has shape \(1, 17, 3, 3\)"):
        deformed(whole(1, 1, 5, 5), whole(1, 17, 3, 3), whole(1, 1, 3, 3), None, (1, 1), (0, 0), (1, 1))
