"""Mirrors `paddle.nn.Conv3D` and `paddle.nn.functional.conv3d`; torch computes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import torch
import torch.nn.functional as F

from ....backend import convolution
from ....backend.arguments import integer, is_free
from ...calls import explain_calls
from ..attributes import check_weight_attr
from .initializer import Normal
from .layer import Layer
from .mapped import mapped
from .padding import check_data_format, pads_of, same_pads, triple_of

if TYPE_CHECKING:
    from torch import Tensor

    from ....backend.arguments import Triple
    from ..tensor import Parameter

__all__ = ["Conv3D"]


def conv3d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    data_format: str = "NCDHW",
) -> Tensor:
    """Apply a 3-D convolution.

    Args:
        x: `(N, C_in, D, H, W)`, or the channels last.
        weight: `(C_out, C_in / groups, kD, kH, kW)`, for both data formats.
        bias: `(C_out,)`, or None. Default: None.
        stride: one int or three, 1 and above. Default: 1.
        padding: one int, three, six (low and high per axis), or five pairs in the order of `data_format`, 0 and above;
            'VALID': none; 'SAME': what gives `ceil(D / stride)`, and dilation 1. Default: 0.
        dilation: one int or three, 1 and above. Default: 1.
        groups: a divisor of both channel counts. Default: 1.
        data_format: 'NCDHW' or 'NDHWC', of input and output. Default: 'NCDHW'.

    Raises:
        ValueError: a form of padding, or the data format, is illegal.

    >>> conv3d(torch.ones(1, 1, 5, 5, 5), torch.ones(1, 1, 3, 3, 3), stride=2, padding="SAME").shape
    torch.Size([1, 1, 3, 3, 3])
    """
    check_data_format(data_format)
    strides, dilations = triple_of(stride, "stride"), triple_of(dilation, "dilation")
    pads = pads_of(padding, data_format)
    if pads is None:
        sizes = x.shape[2:] if data_format == "NCDHW" else x.shape[1:4]
        depth, height, width = weight.shape[2:]
        pads = same_pads(cast("Triple", tuple(sizes)), (depth, height, width), cast("Triple", tuple(strides)))
        dilations = [1, 1, 1]
    starts, ends = [low for low, _ in pads], [high for _, high in pads]

    def convolve(volume: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if not any(map(is_free, (*starts, *ends))) and starts == ends:
            return convolution.conv3d(volume, weight, bias, strides, starts, dilations, groups)
        sides = [pad for pair in reversed(pads) for pad in pair]
        return convolution.conv3d(F.pad(volume, sides), weight, bias, strides, (0, 0, 0), dilations, groups)

    return mapped(convolve, x, weight, bias, channel_last=data_format == "NDHWC")


def check_sizes(**sizes: list[int]) -> None:
    """Raise unless the sizes that a convolution divides by, by their names, are 1 and above.

    Raises:
        ValueError: one is not.
    """
    for name, values in sizes.items():
        if min(values) < 1:
            shown = values[0] if len(values) == 1 else values
            msg = f"{name}={shown} is not legal; it must be 1 and above. Correct the argument."
            raise ValueError(msg)


class Conv3D(Layer):
    """A 3-D convolution with Paddle's arguments.

    Args:
        in_channels: channels of the input, 1 and above.
        out_channels: channels of the output, 1 and above.
        kernel_size: one int or three, 1 and above.
        stride: as in `conv3d`.
        padding: as in `conv3d`.
        dilation: as in `conv3d`.
        groups: as in `conv3d`.
        bias: whether there is one. Default: True.
        padding_mode: what is added at the sides: 'zeros', 'reflect', 'replicate' or 'circular'. Default: 'zeros'.
        device: where the parameters are. Default: None.
        dtype: of the parameters. Default: None, the default dtype.
        weight_attr: a ParamAttr, or what stands for one. Default: None, N(0, 2 / (in_channels * taps)).
        bias_attr: likewise; False for no bias. Default: None, zeros.
        data_format: 'NCDHW' or 'NDHWC'. Default: 'NCDHW'.

    Attributes:
        weight: `(out_channels, in_channels / groups, kD, kH, kW)`.
        bias: `(out_channels,)`, or None.

    Raises:
        ValueError: an argument is illegal.

    Example:
        >>> from fourfold.frontends import paddle
        >>> layer = paddle.nn.Conv3D(4, 6, 3, padding=1, groups=2)
        >>> layer
        Conv3D(4, 6, kernel_size=[3, 3, 3], padding=1, groups=2, data_format=NCDHW)
        >>> layer(paddle.ones([1, 4, 5, 5, 5])).shape
        paddle.Size([1, 6, 5, 5, 5])
    """

    weight: Parameter
    bias: Parameter | None
    _padding: Any

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        *,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
        weight_attr: Any = None,
        bias_attr: Any = None,
        data_format: str = "NCDHW",
    ) -> None:
        super().__init__(dtype="float32" if dtype is None else dtype)
        check_weight_attr(weight_attr)
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            msg = (
                f"padding_mode must be one of ['zeros', 'reflect', 'replicate', 'circular'], but got "
                f"padding_mode={padding_mode!r}"
            )
            raise ValueError(msg)
        if not bias:
            bias_attr = False
        check_data_format(data_format)
        pads_of(padding, data_format)
        self._in_channels, self._out_channels = (
            integer(in_channels, "in_channels"),
            integer(out_channels, "out_channels"),
        )
        self._kernel_size, self._stride = triple_of(kernel_size, "kernel_size"), triple_of(stride, "stride")
        self._dilation, self._groups = triple_of(dilation, "dilation"), integer(groups, "groups")
        check_sizes(kernel_size=self._kernel_size, in_channels=[self._in_channels])
        self._padding, self._data_format, self._padding_mode = padding, data_format, padding_mode
        if padding_mode != "zeros" and not isinstance(padding, int):
            msg = (
                f"with padding_mode={padding_mode!r}, type of padding must be int, but it is {type(padding).__name__}."
            )
            raise TypeError(msg)
        if self._groups < 1 or self._in_channels % self._groups or self._out_channels % self._groups:
            msg = (
                f"in_channels must be divisible by groups, and so must out_channels; they are {in_channels} and "
                f"{out_channels}, groups={groups}. Choose a divisor of both."
            )
            raise ValueError(msg)
        shape = [self._out_channels, self._in_channels // self._groups, *self._kernel_size]
        deviation = math.sqrt(2 / (math.prod(self._kernel_size) * self._in_channels))
        weight = self.create_parameter(shape, weight_attr, default_initializer=Normal(0.0, deviation))
        self.add_parameter("weight", weight)
        self.add_parameter("bias", self.create_parameter(shape[:1], bias_attr, is_bias=True))
        if device is not None:
            self.to(device)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply the layer."""
        padding = self._padding
        pads = None if self._padding_mode == "zeros" else pads_of(padding, self._data_format)
        if pads is not None:
            around = [side for pair in reversed(pads) for side in pair]
            last = self._data_format == "NDHWC"
            x, padding = mapped(F.pad, x, around, channel_last=last, mode=self._padding_mode), 0
        return conv3d(x, self.weight, self.bias, self._stride, padding, self._dilation, self._groups, self._data_format)

    def extra_repr(self) -> str:
        """Return the arguments, those at their defaults left out."""
        options = [
            ("stride", self._stride, [1, 1, 1]),
            ("padding", self._padding, 0),
            ("padding_mode", self._padding_mode, "zeros"),
            ("dilation", self._dilation, [1, 1, 1]),
            ("groups", self._groups, 1),
        ]
        shown = "".join(f", {name}={value}" for name, value, default in options if value != default)
        return (
            f"{self._in_channels}, {self._out_channels}, kernel_size={self._kernel_size}{shown}, "
            f"data_format={self._data_format}"
        )


explain_calls(globals())
