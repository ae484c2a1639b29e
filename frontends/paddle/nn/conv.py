"""Mirrors `paddle.nn.Conv3DTranspose`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....backend.arguments import integer
from ...module import TransposedConvolution
from ..attributes import check_weight_attr
from . import functional
from .layer import Layer
from .padding import check_data_format, pads_of, triple_of

if TYPE_CHECKING:
    import torch

    from ..tensor import Parameter
    from .padding import DataFormat

__all__ = ["Conv3DTranspose"]


class Conv3DTranspose(Layer, TransposedConvolution):
    """A 3-D transposed convolution with Paddle's arguments; a `torch.nn.Module`.

    Args:
        in_channels: channels of the input, 1 and above.
        out_channels: channels of the output, 1 and above.
        kernel_size: one int or (depth, height, width), 1 and above.
        stride: one int or three, 1 and above. Default: 1.
        padding: one int, three, six (low and high per axis), five pairs in the order of `data_format`, 0 and above,
            or 'SAME' or 'VALID' in any case. Default: 0.
        output_padding: one int or three, 0..max(stride, dilation) - 1, added to the high side. Default: 0.
        dilation: one int or three, 1 and above; 'SAME' resets it to 1. Default: 1.
        groups: a divisor of both channel counts. Default: 1.
        weight_attr: a ParamAttr, or what stands for one: an initializer, a regularizer, a name, True or None.
            Default: None.
        bias_attr: likewise; False for no bias. Default: None, a bias of zeros.
        data_format: 'NCDHW' or 'NDHWC', of input and output. Default: 'NCDHW'.

    Shape:
        - x: `(N, C_in, D, H, W)` or `(N, D, H, W, C_in)`
        - output: `(N, C_out, D_out, H_out, W_out)` or `(N, D_out, H_out, W_out, C_out)`, where
          `D_out = (D - 1) * stride - pad_low - pad_high + dilation * (kernel_size - 1) + 1 + output_padding`

    Attributes:
        weight: `(in_channels, out_channels / groups, kD, kH, kW)` for both data formats, drawn from U(-limit, limit)
            with `limit = sqrt(6 / (fan_in + fan_out))`: fan_in counts `out_channels / groups` and fan_out
            `in_channels`, each times the taps of the kernel.
        bias: `(out_channels,)`, zeros, or None.

    Raises:
        ValueError: an argument is out of range.
        TypeError: an argument is of the wrong type.
        AssertionError: `weight_attr` is False, or a list of attributes.

    Example:
        >>> import torch
        >>> from fourfold.frontends import paddle
        >>> layer = paddle.nn.Conv3DTranspose(4, 6, (3, 3, 3), stride=2, padding="SAME")
        >>> layer
        Conv3DTranspose(4, 6, kernel_size=[3, 3, 3], stride=[2, 2, 2], padding=SAME, data_format=NCDHW)
        >>> layer(torch.randn(2, 4, 8, 8, 8)).shape
        torch.Size([2, 6, 16, 16, 16])
    """

    _padding_mode = "zeros"
    _op_type = "conv3d"
    _use_cudnn = False

    weight: Parameter
    bias: Parameter | None
    _padding: Any
    output_padding: Any

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        weight_attr: Any = None,
        bias_attr: Any = None,
        data_format: DataFormat = "NCDHW",
    ) -> None:
        super().__init__()
        check_weight_attr(weight_attr)
        check_data_format(data_format)
        self._param_attr = weight_attr
        self._bias_attr = bias_attr
        self._in_channels = integer(in_channels, "in_channels")
        self._out_channels = integer(out_channels, "out_channels")
        self._kernel_size = triple_of(kernel_size, "kernel_size")
        self._stride = triple_of(stride, "stride")
        self._padding = padding
        self.output_padding = output_padding
        self._dilation = triple_of(dilation, "dilation")
        self._groups = integer(groups, "groups")
        self._data_format = data_format
        spec = functional.spec_of(
            self._in_channels,
            self._out_channels,
            self._kernel_size,
            self._stride,
            padding,
            output_padding,
            self._dilation,
            self._groups,
            data_format,
        )
        self.add_parameter("weight", self.create_parameter(spec.weight_shape, weight_attr))
        self.add_parameter("bias", self.create_parameter([spec.out_channels], bias_attr, is_bias=True))

    def forward(self, x: torch.Tensor, output_size: Any = None) -> torch.Tensor:
        """Apply the layer.

        Args:
            x: five-dimensional, in the order of the layer's data format. A plain torch tensor gives one back.
            output_size: the spatial size wanted, one int or three; it takes the place of `output_padding`. Legal are
                the size without output padding and up to `stride - 1` voxels more per axis. Default: None.

        Raises:
            ValueError: `x` or `output_size` does not fit the layer.

        >>> import torch
        >>> layer = Conv3DTranspose(2, 2, 3, stride=2)
        >>> layer(torch.randn(1, 2, 4, 4, 4), output_size=[9, 10, 10]).shape
        torch.Size([1, 2, 9, 10, 10])
        """
        return functional.conv3d_transpose(
            x,
            self.weight,
            self.bias,
            stride=self._stride,
            padding=self._padding,
            output_padding=self.output_padding if output_size is None else 0,
            groups=self._groups,
            dilation=self._dilation,
            output_size=output_size,
            data_format=self._data_format,
        )

    @property
    def _channel_dim(self) -> int:
        return 1 if self._data_format == "NCDHW" else 4

    @property
    def _padding_algorithm(self) -> str:
        return self._padding.upper() if isinstance(self._padding, str) else "EXPLICIT"

    @property
    def _updated_padding(self) -> list[int]:
        pads = pads_of(self._padding, self._data_format)
        if pads is None:
            return [0, 0, 0]
        if all(low == high for low, high in pads):
            return [low for low, _ in pads]
        return [pad for pair in pads for pad in pair]

    def extra_repr(self) -> str:
        """Return the arguments, those at their defaults left out."""
        options: list[tuple[str, Any, bool]] = [
            ("kernel_size", self._kernel_size, True),
            ("stride", self._stride, self._stride != [1, 1, 1]),
            ("padding", self._padding, not _is_zero(self._padding)),
            ("output_padding", self.output_padding, not _is_zero(self.output_padding)),
            ("dilation", self._dilation, self._dilation != [1, 1, 1]),
            ("groups", self._groups, self._groups != 1),
            ("data_format", self._data_format, True),
        ]
        shown = ", ".join(f"{name}={value}" for name, value, show in options if show)
        return f"{self._in_channels}, {self._out_channels}, {shown}"


def _is_zero(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and value == 0
