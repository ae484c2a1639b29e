"""The ordinary 3-D convolutions that oneDNN wastes most of its work on, rewritten: few output channels, kernel size 1.

oneDNN computes sixteen output channels at a time, however few there are. As many as fit are those of the kernel's
columns: a convolution with kernel `(kD, kH, 1)` and `kW * C_out` output channels, whose outputs are then added, each
shifted by its place in the kernel. A kernel of one voxel is a product of matrices, for which a contiguous volume is
used as it is; oneDNN has it copied into blocks of channels and back.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import torch

from . import small_convolution
from .execution.layout import is_channels_last_3d

if TYPE_CHECKING:
    from collections.abc import Sequence

# Output channels that oneDNN computes at a time (AVX-512).
BLOCK = 16
# With fewer input channels or products, the calls in the place of one cost more than they save.
LEAST_CHANNELS = 16
LEAST_PRODUCTS = 2**23


def convolution(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> torch.Tensor | None:
    """Compute a convolution without groups that is narrow in this sense, or return None.

    Shape:
        - input: `(N, C_in, D, H, W)`, contiguous or channels-last, which the output is then too
        - weight: `(C_out, C_in, kD, kH, kW)`
        - output: `(N, C_out, D_out, H_out, W_out)`

    Example:
        >>> volume, weight = torch.ones(1, 32, 16, 16, 20), torch.ones(2, 32, 3, 3, 3)
        >>> convolution(volume, weight, None, (1, 1, 1), (1, 1, 1), (1, 1, 1))[0, 0, 0, 0, :3]
        tensor([256., 384., 384.])
    """
    if not small_convolution.is_plain(input, weight, bias) or not input.numel():
        return None
    arguments = (stride, padding, dilation)
    if tuple(weight.shape[2:]) == (1, 1, 1):
        is_product = tuple(stride) == (1, 1, 1) and not any(padding) and input.is_contiguous()
        takes = is_product and not small_convolution.is_looped(input, weight, bias, *arguments)  # the loop is a product
        return _product(input, weight, bias) if takes else None
    columns = weight.size(4)
    if (
        stride[2] == dilation[2] == 1
        and padding[2] < columns
        and columns > 1
        and columns * weight.size(0) <= BLOCK
        and input.size(1) >= LEAST_CHANNELS
        and input[0, 0].numel() * weight.numel() >= LEAST_PRODUCTS
        and input.size(4) + 2 * padding[2] >= columns  # else torch says what is wrong
    ):
        return _by_columns(input, weight, bias, *arguments)
    return None


def _product(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    matrix = weight.flatten(1).expand(input.size(0), -1, -1)
    if bias is None:
        output = torch.bmm(matrix, input.flatten(2))
    else:
        output = torch.baddbmm(bias.unsqueeze(1), matrix, input.flatten(2))
    return output.view(input.size(0), -1, *input.shape[2:])


def _by_columns(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> torch.Tensor:
    columns = weight.size(4)
    is_last = is_channels_last_3d(input) or is_channels_last_3d(weight)  # as torch decides
    layout = torch.channels_last_3d if is_last else torch.contiguous_format
    kernel = weight.permute(4, 0, 1, 2, 3).flatten(0, 1).unsqueeze(4).contiguous(memory_format=layout)
    operands = (input, kernel, None, stride, (*padding[:2], 0), dilation)
    partial = small_convolution.convolution(*operands)
    if partial is None:
        partial = torch.nn.functional.conv3d(*operands)
    # output[w] is the sum over columns of partial[column][w + column - padding]
    shifted = (
        torch.nn.functional.pad(part, (padding[2] - column, padding[2] + column + 1 - columns))
        for column, part in enumerate(partial.chunk(columns, 1))
    )
    output = functools.reduce(torch.add, shifted)
    if bias is not None:
        output = output + bias.view(-1, 1, 1, 1)
    return output.contiguous(memory_format=layout)
