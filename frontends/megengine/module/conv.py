"""Mirrors `megengine.module.conv` by hand: the base class of convolutions, and the transposed one of volumes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....backend import ConvTranspose3dSpec, OperatorTypeError
from ....backend.arguments import integer
from ...module import TransposedConvolution, check_spectral_norm
from ..arguments import check_output_padding, triple
from ..functional.nn import conv_transpose3d
from ..tensor import Parameter
from .module import Module

if TYPE_CHECKING:
    from ..arguments import Size

__all__ = ["ConvTranspose3d"]


class _ConvNd(Module):
    """Base class of the convolutions: their initial values and their text; rows make all but that of volumes below."""

    weight: Parameter
    bias: Parameter | None
    if TYPE_CHECKING:
        in_channels: int
        out_channels: int
        kernel_size: Any
        groups: int

    def reset_parameters(self) -> None:
        """Draw the weight anew and set the bias to zero."""
        torch.nn.init.normal_(self.weight, 0.0, math.sqrt(1 / self._get_fanin()))
        if self.bias is not None:
            torch.nn.init.zeros_(self.bias)

    def _get_fanin(self) -> int:
        kernel = self.kernel_size
        return int(self.in_channels * (kernel if isinstance(kernel, int) else math.prod(kernel)))

    def _module_info_string(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        for name, usual in (("stride", 1), ("padding", 0), ("dilation", 1)):
            value = getattr(self, name)
            # of lines the release cannot say them
            if isinstance(value, tuple) and value != (usual,) * len(value):
                text += f", {name}={value}"
        text += f", groups={self.groups}" if self.groups != 1 else ""
        return text if self.bias is not None else text + ", bias=False"


def check_channels(in_channels: Any, groups: Any, bias: Any) -> None:
    """Check what is divided by, and that `bias` is no tensor.

    Raises:
        ZeroDivisionError: `groups` or `in_channels` is 0.
        TypeError: `bias` is no bool, or a count no whole number.
    """
    for name, value in (("groups", groups), ("in_channels", in_channels)):
        if integer(value, name) == 0:
            msg = f"{name}=0: integer division or modulo by zero; {name} must be 1 and above."
            raise ZeroDivisionError(msg)
    if bias is not None and not isinstance(bias, (bool, int, np.bool_)):
        msg = f"bias={bias!r} is a {type(bias).__name__}; it must be True or False: whether to have a bias."
        raise OperatorTypeError(msg)


class ConvTranspose3d(_ConvNd, TransposedConvolution):
    """MegEngine's 3-D transposed convolution layer, as documented, on the fourfold engine.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: one number or (depth, height, width), 1 and above.
        stride: one number or three, 1 and above. Default: 1.
        padding: one number or three, 0 and above: voxels cut from both sides of the output. Default: 0.
        output_padding: one number or three, 0..stride - 1: voxels added to the high side of the output. Default: 0.
        dilation: one number or three, 1 and above. Default: 1.
        groups: a divisor of both channel counts. Default: 1.
        bias: whether to add a learnable bias. Default: True.

    Shape:
        - inp: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`
        - output: `(N, C_out, D_out, H_out, W_out)` or `(C_out, D_out, H_out, W_out)`, where
          `D_out = (D - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1`

    Attributes:
        weight: `(in_channels, out_channels, kD, kH, kW)`, or with groups above 1
            `(groups, in_channels / groups, out_channels / groups, kD, kH, kW)`; drawn from the normal distribution
            of variance `1 / (in_channels * kD * kH * kW)`, in_channels undivided.
        bias: `(1, out_channels, 1, 1, 1)`, zeros, or None.

    Raises:
        AssertionError: a size is out of range or not three numbers (a ValueError and RuntimeError too).
        ValueError: the channels do not divide into the groups, or are not positive.
        ZeroDivisionError: `groups` or `in_channels` is 0.
        TypeError: an argument is not a number, or not a whole one.

    Example:
        >>> import torch
        >>> layer = ConvTranspose3d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)
        >>> layer.weight.shape, layer.bias.shape
        ((2, 2, 3, 3, 3, 3), (1, 6, 1, 1, 1))
        >>> layer(torch.randn(4, 5, 5, 5)).shape
        torch.Size([6, 10, 10, 10])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        check_channels(in_channels, groups, bias)
        self.in_channels = integer(in_channels, "in_channels")
        self.out_channels = integer(out_channels, "out_channels")
        self.kernel_size = triple(kernel_size, "kernel_size", 1)
        self.stride = triple(stride, "stride", 1)
        self.padding = triple(padding, "padding", 0)
        self.output_padding = output_padding
        self.dilation = triple(dilation, "dilation", 1)
        self.groups = integer(groups, "groups")
        check_output_padding(triple(output_padding, "output_padding", -1), self.stride)
        shape = self._weight_shape()  # refuses what no weight can have
        # the attribute names in sorted order, which is MegEngine's order everywhere
        self.bias = Parameter(torch.empty(1, self.out_channels, 1, 1, 1, dtype=torch.float32)) if bias else None
        self.weight = Parameter(torch.empty(shape, dtype=torch.float32))
        self.reset_parameters()

    def forward(self, inp: torch.Tensor) -> torch.Tensor:
        """Apply the layer; it follows changes of its attributes.

        Args:
            inp: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`.

        Raises:
            RuntimeError: the input does not fit the layer (a ValueError too).
            AssertionError: an attribute was set to an illegal value.
        """
        if self.groups != 1:
            check_spectral_norm(self, 2, "(groups, in_channels / groups, out_channels / groups, kD, kH, kW)")
        return conv_transpose3d(
            inp,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding,
            self.dilation,
            self.groups,
        )

    def _weight_shape(self) -> tuple[int, ...]:
        spec = ConvTranspose3dSpec(
            in_channels=self.in_channels,
            out_channels=self.out_channels,
            kernel_size=self.kernel_size,
            groups=self.groups,
        )
        if spec.groups == 1:
            return spec.weight_shape
        return (spec.groups, spec.in_channels // spec.groups, *spec.weight_shape[1:])
