"""Mirrors the transposed convolution of volumes of `oneflow.nn`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from .....backend.arguments import integer, triple
from ....module import TransposedConvolution
from .. import transposed
from ..parameter import Parameter
from .module import Module

if TYPE_CHECKING:
    from .....backend.arguments import IntOrTriple

__all__ = ["ConvTranspose3d"]


class ConvTranspose3d(Module, TransposedConvolution):
    """OneFlow's 3-D transposed convolution layer.

    Args:
        in_channels: channels of the input, 1 and above.
        out_channels: channels of the output, 1 and above.
        kernel_size: one int or (depth, height, width), 1 and above.
        stride: one int or three, 1 and above. Default: 1.
        padding: one int or three: `dilation * (kernel_size - 1) - padding` zeros are added to both sides of the
            input; a negative one adds zeros around the output. Default: 0.
        output_padding: one int or three, of any size: voxels added to the high side of the output. They continue
            the full result and are zero, then bias, past its end; a negative one crops. Default: 0.
        groups: a divisor of both channel counts. Default: 1.
        bias: whether to add a learnable bias. Default: True.
        dilation: one int or three, 1 and above. Default: 1.
        padding_mode: `'zeros'` is the only mode. Default: `'zeros'`.

    Shape:
        - x: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`
        - output: `(N, C_out, D_out, H_out, W_out)` or `(C_out, D_out, H_out, W_out)`, where
          `D_out = (D - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1`

    Attributes:
        weight: `(in_channels, out_channels / groups, kD, kH, kW)`, drawn from U(-sqrt(k), sqrt(k)) with
            `k = groups / (out_channels * kD * kH * kW)`; the default dtype, float32.
        bias: `(out_channels,)`, drawn likewise, or None.
        kernel_size, stride, padding, output_padding, dilation: three ints each.
        groups: as given.
        filters: `out_channels`. There is no attribute `in_channels`, `out_channels` or `padding_mode`.

    Raises:
        AssertionError: `padding_mode` is not `'zeros'`, or `groups` does not divide the channels.
        ZeroDivisionError: `groups` is 0.
        ValueError: another argument is out of range (a RuntimeError too).
        TypeError: an argument is not an integer (a ValueError too).

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> layer = ConvTranspose3d(16, 33, (3, 5, 2), stride=(2, 1, 1), padding=(0, 4, 2))
        >>> layer(flow.randn(2, 16, 10, 20, 30)).shape
        oneflow.Size([2, 33, 21, 16, 27])
    """

    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrTriple,
        stride: IntOrTriple = 1,
        padding: IntOrTriple = 0,
        output_padding: IntOrTriple = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: IntOrTriple = 1,
        padding_mode: str = "zeros",
    ) -> None:
        super().__init__()
        only_zeros(padding_mode)
        self.groups = divisor(groups, in_channels=in_channels, out_channels=out_channels)
        self.kernel_size = triple(kernel_size, "kernel_size")
        self.stride = triple(stride, "stride")
        self.padding = triple(padding, "padding")
        self.dilation = triple(dilation, "dilation")
        self.output_padding = triple(output_padding, "output_padding")
        spec = transposed.specify(
            in_channels,
            out_channels,
            self.kernel_size,
            self.stride,
            self.padding,
            self.output_padding,
            self.groups,
            self.dilation,
        )
        self.weight = Parameter(torch.empty(spec.weight_shape))
        self.filters = spec.out_channels
        self.bias = Parameter(torch.empty(spec.out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew from U(-sqrt(k), sqrt(k)); seeded alike, they are torch's layer's values."""
        torch.nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
            torch.nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply the layer to `x` of shape `(N, C_in, D, H, W)` or `(C_in, D, H, W)`.

        Raises:
            RuntimeError: the shape, dtype or device does not fit the layer (a ValueError too).
            TypeError: `x` is not a tensor, or its dtype is not the parameters'.
        """
        return transposed.conv_transpose3d(
            x,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding,
            self.groups,
            self.dilation,
        )


def only_zeros(padding_mode: str) -> None:
    """Raise where the padding mode is not the one that there is.

    Raises:
        AssertionError: it is another.
    """
    if padding_mode != "zeros":
        msg = f"padding_mode={padding_mode!r} is not legal. Only `zeros` padding mode is supported; use 'zeros'."
        raise AssertionError(msg)


def divisor(groups: Any, **channels: Any) -> int:
    """Return a number of groups.

    Raises:
        ZeroDivisionError: it is 0.
        AssertionError: it does not divide the channels.
    """
    number = integer(groups, "groups")
    if number == 0:
        msg = "groups=0 would be an integer division or modulo by zero; it must be 1 and above. Use 1."
        raise ZeroDivisionError(msg)
    for name, value in channels.items():
        if integer(value, name) % number:
            msg = (
                f"{name}={value} must be divisible by groups={number}. Choose a common divisor of both channel counts."
            )
            raise AssertionError(msg)
    return number
