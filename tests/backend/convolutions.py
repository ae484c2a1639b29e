"""Ordinary convolutions of small integers, and their exact results."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from tests.operands import integers

LAYOUTS = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last_3d}


class Layer(NamedTuple):
    """A convolution of one sample."""

    channels: tuple[int, int]
    size: tuple[int, int, int]
    kernel_size: tuple[int, int, int] = (3, 3, 3)
    stride: tuple[int, int, int] = (1, 1, 1)
    padding: tuple[int, int, int] = (1, 1, 1)
    dilation: tuple[int, int, int] = (1, 1, 1)

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.stride, self.padding, self.dilation

    def operands(self, dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        inside, outside = self.channels
        return (
            integers((1, inside, *self.size), 0, dtype),
            integers((outside, inside, *self.kernel_size), 1, dtype),
            integers((outside,), 2, dtype),
        )


def exact(layer: Layer) -> tuple[torch.Tensor, ...]:
    """Return output and gradients in float64, where torch multiplies matrices and oneDNN has no part."""
    operands: Any = [each.requires_grad_() for each in layer.operands(torch.float64)]
    output = torch.conv3d(*operands, *layer.arguments)
    gradient = integers(tuple(output.shape), 3, torch.float64)
    return output, *torch.autograd.grad(output, operands, gradient)
