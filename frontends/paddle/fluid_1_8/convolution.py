"""The transposed convolution of `paddle.fluid.dygraph` as Paddle 1.8.5 released it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..fluid.dygraph.convolution import TransposedConvolution3D

if TYPE_CHECKING:
    import torch

__all__ = ["Conv3DTranspose"]


class Conv3DTranspose(TransposedConvolution3D):
    """3-D transposed convolution, as Paddle 1.8.5 has it.

    Args:
        num_channels: channels of the input.
        num_filters: channels of the output.
        filter_size: one int or three, (depth, height, width).
        padding: one int or three, cut from both sides of the output; a negative one adds zeros. Default: 0.
        stride: one int or three, 1 and above. Default: 1.
        dilation: one int or three, 1 and above. Default: 1.
        groups: a divisor of both channel counts. Default: None, 1.
        param_attr: of the weight: a ParamAttr, an initializer, a regularizer, a name, True or None. Default: None,
            Xavier uniform.
        bias_attr: likewise of the bias. False: there is none. None (the default) and '': it exists but is not added,
            so that it gets no gradient either. Anything else: it is added.
        use_cudnn: False turns cuDNN off while `forward` runs on CUDA. Default: True.
        act: name of an activation (`fluid.activations.ACTIVATIONS`), applied after the bias. Default: None.
        dtype: of the parameters, 'float16', 'float32', 'float64' or 'double'. Default: 'float32'.

    Shape:
        - input: `(N, num_channels, D, H, W)`
        - output: `(N, num_filters, D_out, H_out, W_out)`, where
          `D_out = (D - 1) * stride - 2 * padding + dilation * (filter_size - 1) + 1`

    Attributes:
        weight: `(num_channels, num_filters / groups, kD, kH, kW)`.
        bias: `(num_filters,)`, or None.

    Raises:
        ValueError: an argument is out of range, of the wrong length, or a float where an int belongs.
        TypeError: an attribute or dtype is of no known kind.
        AssertionError: `param_attr` is False.

    Example:
        >>> import numpy
        >>> from fourfold.frontends.paddle import fluid_1_8 as fluid
        >>> one = fluid.initializer.Constant(1.0)
        >>> x = fluid.dygraph.to_variable(numpy.ones((1, 1, 1, 1, 2), "float32"))
        >>> fluid.dygraph.Conv3DTranspose(1, 1, 1, param_attr=one, bias_attr=one)(x).numpy().ravel()
        array([2., 2.], dtype=float32)
        >>> layer = fluid.dygraph.Conv3DTranspose(1, 1, 1, param_attr=one)
        >>> layer.bias.set_value(numpy.ones(1, "float32"))
        >>> layer(x).numpy().ravel()
        array([1., 1.], dtype=float32)
    """

    dtypes = ("float16", "float32", "float64", "double")

    def __init__(
        self,
        num_channels: int,
        num_filters: int,
        filter_size: Any,
        padding: Any = 0,
        stride: Any = 1,
        dilation: Any = 1,
        groups: int | None = None,
        param_attr: Any = None,
        bias_attr: Any = None,
        use_cudnn: bool = True,
        act: str | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__(None, "float64" if dtype == "double" else dtype, None)
        # None is how the shared code spells "from the first call", which this class does not have
        if num_channels is None:
            msg = "num_channels=None must be an int; give the channels of the input."
            raise TypeError(msg)
        if filter_size is None:
            msg = (
                "The conv3d_transpose.filter_size's type must be list or tuple. Received: None. Give one or three ints."
            )
            raise ValueError(msg)
        self._configure(
            num_channels=num_channels,
            num_filters=num_filters,
            filter_size=filter_size,
            output_size=None,
            padding=padding,
            stride=stride,
            dilation=dilation,
            groups=groups,
            param_attr=param_attr,
            bias_attr=bias_attr,
            use_cudnn=use_cudnn,
            act=act,
        )

    def _added_bias(self) -> torch.Tensor | None:
        return self.bias if self._bias_attr else None
