"""Mirrors the convolutions of lines and planes in `megengine.module.conv`, and the transposed one of planes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from ..arguments import ArgumentError, numbers
from ..names import NAMES
from ..tensor import Parameter
from .module import Module

if TYPE_CHECKING:
    from ..arguments import Size

__all__ = ["Conv1d", "Conv2d", "ConvTranspose2d"]

conv1d, conv2d = NAMES.get("functional.conv1d"), NAMES.get("functional.conv2d")
conv_transpose2d, pad = NAMES.get("functional.conv_transpose2d"), NAMES.get("functional.pad")
PADDING_MODES = ("zeros", "reflect", "replicate")


class _Convolution(Module):
    """What they share: arguments, one value in 1-D and two in 2-D, initial values and text."""

    _rank: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        conv_mode: str = "cross_correlation",
        compute_mode: str = "default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if in_channels % groups or out_channels % groups:
            msg = (
                f"in_channels={in_channels} and out_channels={out_channels} must be divisible by groups={groups}. "
                f"Choose a common divisor."
            )
            raise ArgumentError(msg)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = self._sizes(kernel_size, "kernel_size", 1)
        self.stride = self._sizes(stride, "stride", 1)
        self.padding = self._sizes(padding, "padding", 0)
        self.dilation = self._sizes(dilation, "dilation", 1)
        self.groups = groups
        self.conv_mode = conv_mode
        self.compute_mode = compute_mode
        shape = (1, out_channels, *[1] * self._rank)
        # sorted by name, which is MegEngine's order
        self.bias = Parameter(torch.zeros(shape)) if bias else None
        self.weight = Parameter(torch.empty(self._weight_shape()))
        self.reset_parameters()

    def _sizes(self, value: Any, name: str, least: int) -> Any:
        sizes = numbers(value, name, least, self._rank)
        return sizes if self._rank > 1 else sizes[0]

    def reset_parameters(self) -> None:
        """Draw the weight anew and set the bias to zero."""
        taps = math.prod(self.kernel_size) if self._rank > 1 else self.kernel_size
        torch.nn.init.normal_(self.weight, 0.0, math.sqrt(1 / (self.in_channels * taps)))
        if self.bias is not None:
            torch.nn.init.zeros_(self.bias)

    def _weight_shape(self) -> tuple[int, ...]:
        kernel = self.kernel_size if self._rank > 1 else (self.kernel_size,)
        inner, outer = self.in_channels // self.groups, self.out_channels // self.groups
        return (*(() if self.groups == 1 else (self.groups,)), outer, inner, *kernel)

    def _module_info_string(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        for name, usual in (("stride", 1), ("padding", 0), ("dilation", 1)):
            value = getattr(self, name)
            # in 1-D the release cannot say them
            if self._rank > 1 and value != (usual,) * self._rank:
                text += f", {name}={value}"
        text += f", groups={self.groups}" if self.groups != 1 else ""
        return text if self.bias is not None else text + ", bias=False"


class _Padded(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        conv_mode: str = "cross_correlation",
        compute_mode: str = "default",
        padding_mode: str = "zeros",
        **kwargs: Any,
    ) -> None:
        if padding_mode not in PADDING_MODES:
            msg = f"padding_mode={padding_mode!r}; legal are {', '.join(map(repr, PADDING_MODES))}."
            raise ArgumentError(msg)
        options = (stride, padding, dilation, groups, bias, conv_mode, compute_mode)
        super().__init__(in_channels, out_channels, kernel_size, *options, **kwargs)
        self.padding_mode = padding_mode

    def _input(self, inp: torch.Tensor) -> tuple[torch.Tensor, Any]:
        """Return the input, padded if it is not with zeros, and the padding that is left."""
        if self.padding_mode == "zeros":
            return inp, self.padding
        sides = self.padding if self._rank > 1 else (self.padding,)
        widths = ((0, 0), (0, 0), *((side, side) for side in sides))
        return pad(inp, widths, self.padding_mode), 0


class Conv1d(_Padded):
    """Convolution of `(N, C, W)`; arguments as in `Conv2d`, one value each, and one group for a weight of 3 axes."""

    _rank = 1

    def forward(self, inp: torch.Tensor) -> torch.Tensor:
        """Apply the layer."""
        values, padding = self._input(inp)
        operands = (values, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
        return conv1d(*operands, self.conv_mode, self.compute_mode)  # type: ignore[no-any-return]


class Conv2d(_Padded):
    """Convolution of planes.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: one number or (height, width), 1 and above.
        stride: one number or two, 1 and above. Default: 1.
        padding: one number or two, 0 and above, on both sides. Default: 0.
        dilation: one number or two, 1 and above. Default: 1.
        groups: a divisor of both channel counts. Default: 1.
        bias: whether to add a learnable bias. Default: True.
        conv_mode: only 'cross_correlation'.
        compute_mode: without effect: how wide the sums of float16 are is torch's choice.
        padding_mode: 'zeros', 'reflect' or 'replicate'. Default: 'zeros'.
        kwargs: `name`, kept as `.name`.

    Shape:
        - inp: `(N, C_in, H, W)`

    Attributes:
        weight: `(out_channels, in_channels, kH, kW)`, or with groups above 1
            `(groups, out_channels / groups, in_channels / groups, kH, kW)`; drawn from the normal distribution of
            variance `1 / (in_channels * kH * kW)`.
        bias: `(1, out_channels, 1, 1)`, zeros, or None.

    Example:
        >>> layer = Conv2d(4, 6, 3, padding=1, groups=2)
        >>> layer.weight.shape, layer(torch.ones(1, 4, 5, 5)).shape
        ((2, 3, 2, 3, 3), torch.Size([1, 6, 5, 5]))
    """

    _rank = 2

    def forward(self, inp: torch.Tensor) -> torch.Tensor:
        """Apply the layer."""
        values, padding = self._input(inp)
        operands = (values, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
        return conv2d(*operands, self.conv_mode, self.compute_mode)  # type: ignore[no-any-return]


class ConvTranspose2d(_Convolution):
    """Transposed convolution of planes; arguments as in `Conv2d`, and `output_padding` behind `padding`.

    Attributes:
        weight: `(in_channels, out_channels, kH, kW)`, or with groups above 1
            `(groups, in_channels / groups, out_channels / groups, kH, kW)`.
        bias: `(1, out_channels, 1, 1)`, zeros, or None.
    """

    _rank = 2

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
        conv_mode: str = "cross_correlation",
        compute_mode: str = "default",
        **kwargs: Any,
    ) -> None:
        options = (stride, padding, dilation, groups, bias, conv_mode, compute_mode)
        super().__init__(in_channels, out_channels, kernel_size, *options, **kwargs)
        self.output_padding = numbers(output_padding, "output_padding", 0, 2)

    def _weight_shape(self) -> tuple[int, ...]:
        groups, outer, inner, *kernel = (1, *super()._weight_shape())[-5:]
        return (*(() if self.groups == 1 else (groups,)), inner, outer, *kernel)

    def forward(self, inp: torch.Tensor) -> torch.Tensor:
        """Apply the layer."""
        sizes = (self.stride, self.padding, self.output_padding, self.dilation, self.groups)
        return conv_transpose2d(inp, self.weight, self.bias, *sizes, self.conv_mode, self.compute_mode)  # type: ignore[no-any-return]
