"""The transposed convolution of `paddle.fluid.dygraph`, as its documentation describes it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from .convolution import TransposedConvolution3D

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

__all__ = ["Conv3DTranspose"]

P = ParamSpec("P")


def _keywords_after_scope(
    init: Callable[Concatenate[Conv3DTranspose, P], None],
) -> Callable[Concatenate[Conv3DTranspose, P], None]:
    """Refuse positional arguments whose meaning depends on which class the caller had in mind."""

    def checked(self: Conv3DTranspose, /, *args: P.args, **kwargs: P.kwargs) -> None:
        if len(args) > 2 and isinstance(args[0], str):
            msg = (
                f"Conv3DTranspose({args[0]!r}, {args[1]!r}, {args[2]!r}, ...): after a name scope only num_filters may "
                f"be positional; the class that took a scope had output_size third, the documented one filter_size. "
                f"Write filter_size={args[2]!r} or output_size={args[2]!r}, and the rest by keyword."
            )
            raise TypeError(msg)
        init(self, *args, **kwargs)

    functools.update_wrapper(checked, init)
    return checked


class Conv3DTranspose(TransposedConvolution3D):
    """3-D transposed convolution, with the arguments that the documentation of `paddle.fluid.dygraph` gives it.

    Args:
        num_channels: channels of the input. A str is the layer's name scope instead: the channels are then those of
            the first input, and all arguments after num_filters go by keyword.
        num_filters: channels of the output.
        filter_size: one int or three, (depth, height, width). None: the size that makes the first input give
            `output_size`.
        output_size: one int or three: the size wanted of every output, from the size without it to `stride - 1`
            more per axis. Default: None, that size.
        padding: one int or three, cut from both sides of the output: `dilation * (filter_size - 1) - padding` zeros
            are added to both sides of the input. A negative one adds zeros to the output. Default: 0.
        stride: one int or three, 1 and above. Default: 1.
        dilation: one int or three, 1 and above. Default: 1.
        groups: a divisor of both channel counts. Default: None, 1.
        param_attr: of the weight: a ParamAttr, an initializer, a regularizer, a name, True or None. Default: None,
            Xavier uniform.
        bias_attr: likewise of the bias; False for no bias. Default: None, zero.
        use_cudnn: False turns cuDNN off while `forward` runs on CUDA. Default: True.
        act: name of an activation (`fluid.activations.ACTIVATIONS`), applied after the bias. Default: None.
        name: the layer's `full_name()`, and prefix of its parameters' names. Default: None, made of the scope or the
            class name and a number.
        dtype: of the parameters, 'float32' or 'float64'. Default: 'float32'.

    Shape:
        - input: `(N, num_channels, D, H, W)`
        - output: `(N, num_filters, D_out, H_out, W_out)`, where without output_size
          `D_out = (D - 1) * stride - 2 * padding + dilation * (filter_size - 1) + 1`

    Attributes:
        weight: `(num_channels, num_filters / groups, kD, kH, kW)`. With a name scope or `filter_size=None` it is None
            until the first call or `set_dict` creates it: make the optimizer after that.
        bias: `(num_filters,)`, or None; created with the weight.

    Raises:
        ValueError: an argument is out of range, of the wrong length, or a float where an int belongs.
        TypeError: an attribute or dtype is of no known kind, or positional arguments follow a name scope.
        AssertionError: `param_attr` is False.

    Example:
        >>> import numpy
        >>> from fourfold.frontends.paddle import fluid
        >>> with fluid.dygraph.guard():
        ...     layer = fluid.dygraph.Conv3DTranspose(3, 12, 4, stride=2, padding=1, act="leaky_relu")
        ...     layer(fluid.dygraph.to_variable(numpy.ones((2, 3, 8, 8, 8), "float32"))).shape
        [2, 12, 16, 16, 16]
    """

    dtypes = ("float32", "float64")

    @_keywords_after_scope
    def __init__(
        self,
        num_channels: int | str,
        num_filters: int,
        filter_size: Any,
        output_size: Any = None,
        padding: Any = 0,
        stride: Any = 1,
        dilation: Any = 1,
        groups: int | None = None,
        param_attr: Any = None,
        bias_attr: Any = None,
        use_cudnn: bool = True,
        act: str | None = None,
        name: str | None = None,
        dtype: str = "float32",
    ) -> None:
        scope = num_channels if isinstance(num_channels, str) else None
        super().__init__(scope, dtype, name)
        self._configure(
            num_channels=None if isinstance(num_channels, str) else num_channels,
            num_filters=num_filters,
            filter_size=filter_size,
            output_size=output_size,
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
        bias: torch.Tensor | None = self.bias
        return bias
