"""Mirrors the convolutions of `oneflow.nn`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from .....backend import convolution
from .....backend.arguments import integer, triple
from ....module import TransposedConvolution
from ....tensor import like, plain
from .. import transposed
from ..parameter import Parameter
from .layer import Layer
from .module import Module

if TYPE_CHECKING:
    from .....backend.arguments import IntOrTriple

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


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
        _only_zeros(padding_mode)
        self.groups = _divisor(groups, in_channels=in_channels, out_channels=out_channels)
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


class _Conv(Layer):
    """OneFlow's convolution layers; torch computes them.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: one int, or one for each axis.
        stride: one int, or one for each axis. Default: 1.
        padding: one int, or one for each axis: zeros on both sides; or 'valid', none; or 'same', which with an odd
            window keeps the size. Default: 0.
        dilation: one int, or one for each axis. Default: 1.
        groups: a divisor of both channel counts. Default: 1.
        bias: whether to add a learnable bias. Default: True.
        padding_mode: `'zeros'` is the only mode. Default: `'zeros'`.

    Attributes:
        weight: `(out_channels, in_channels / groups, ...)`, drawn as torch's.
        bias: `(out_channels,)`, or None.

    Raises:
        AssertionError: `padding_mode` is not `'zeros'`, or `groups` does not divide the channels.
        NotImplementedError: `padding` is 'same' and the axes are unlike: OneFlow 0.9 pads them in reverse.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> Conv3d(4, 6, 3, stride=2, padding=1)(flow.randn(1, 4, 5, 5, 5)).shape
        oneflow.Size([1, 6, 3, 3, 3])
    """

    _axes: int
    in_channels: Any
    padding: Any

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrTriple,
        stride: IntOrTriple = 1,
        padding: IntOrTriple | str = 0,
        dilation: IntOrTriple = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
    ) -> None:
        _only_zeros(padding_mode)
        groups = _divisor(groups, in_channels=in_channels, out_channels=out_channels)
        sizes = (kernel_size, "kernel_size"), (stride, "stride"), (dilation, "dilation")
        window, step, spread = (self._numbers(*size) for size in sizes)
        pads: Any = _said(padding, window, step, spread) if isinstance(padding, str) else padding
        super().__init__(in_channels, out_channels, window, step, self._numbers(pads, "padding"), spread, groups, bias)
        if isinstance(padding, str):
            self.padding = list(self.padding)  # as it prints in the release

    def _numbers(self, value: Any, name: str) -> tuple[int, ...]:
        return tuple(value) if hasattr(value, "__iter__") else (integer(value, name),) * self._axes

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer.

        Raises:
            ValueError: the input has other channels.
        """
        if self._axes > 1 and x.dim() > 1 and x.shape[1] != self.in_channels:
            msg = f"The input channels {x.shape[1]} should be equal to self.in_channels {self.in_channels}."
            raise ValueError(msg)
        return super().forward(x)


class Conv1d(_Conv, torch.nn.Conv1d):
    """A convolution of lines; arguments as in `Conv3d`."""

    _axes = 1


class Conv2d(_Conv, torch.nn.Conv2d):
    """A convolution of planes; arguments as in `Conv3d`."""

    _axes = 2


class Conv3d(_Conv, torch.nn.Conv3d):
    """A convolution of volumes; arguments in OneFlow's order, `padding_mode` only 'zeros'."""

    _axes = 3

    def _conv_forward(self, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        stride: Any = self.stride
        kept = None if bias is None else plain(bias)
        operands = plain(input), plain(weight), kept
        return like(convolution.conv3d(*operands, stride, self.padding, self.dilation, self.groups), input)


class _PlaneTransposed(Layer):
    """OneFlow's transposed convolutions of lines and planes; torch computes them.

    Arguments, their order and their errors are those of `ConvTranspose3d`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
    ) -> None:
        _only_zeros(padding_mode)
        groups = _divisor(groups, in_channels=in_channels, out_channels=out_channels)
        sizes = kernel_size, stride, padding, output_padding
        super().__init__(in_channels, out_channels, *sizes, groups, bias, dilation)
        self.filters = out_channels

    def extra_repr(self) -> str:
        """Return OneFlow's text: none."""
        return ""


class ConvTranspose1d(_PlaneTransposed, torch.nn.ConvTranspose1d):  # type: ignore[misc]  # torch's has output_size
    """A transposed convolution of lines; arguments as in `ConvTranspose3d`."""


class ConvTranspose2d(_PlaneTransposed, torch.nn.ConvTranspose2d):  # type: ignore[misc]  # torch's has output_size
    """A transposed convolution of planes; arguments as in `ConvTranspose3d`."""


def _said(padding: str, window: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> list[int]:
    """Return the padding that a word says.

    Raises:
        ValueError: there is no such word, or 'same' has a stride.
        NotImplementedError: 'same' of unlike axes, which OneFlow 0.9 pads in reverse.
    """
    if padding not in ("same", "valid"):
        msg = f"Invalid padding string {padding!r}, should be one of 'same', 'valid'."
        raise ValueError(msg)
    if padding == "valid":
        return [0] * len(window)
    if any(step != 1 for step in stride):
        msg = f"padding='same' is not supported for strided convolutions; stride={stride}. Give numbers."
        raise ValueError(msg)
    pads = [spread * (size - 1) // 2 for size, spread in zip(window, dilation, strict=True)]
    if len(set(pads)) > 1:
        msg = f"padding='same' of kernel_size={window}: OneFlow 0.9 pads the axes in reverse. Give {pads} in numbers."
        raise NotImplementedError(msg)
    return pads


def _only_zeros(padding_mode: str) -> None:
    if padding_mode != "zeros":
        msg = f"padding_mode={padding_mode!r} is not legal. Only `zeros` padding mode is supported; use 'zeros'."
        raise AssertionError(msg)


def _divisor(groups: Any, **channels: Any) -> int:
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
