"""Mirrors the layers of `paddle.fluid.dygraph` that stand beside transposed convolution; torch computes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .....backend.arguments import integer
from ...attributes import check_weight_attr
from ...nn.convolution import conv3d
from ...nn.initializer import Constant, Normal
from ...nn.padding import pads_of, triple_of
from ...rows.activations import prelu
from ...rows.basics import dropout, embedding, linear
from ..activations import activation
from .layers import Layer

if TYPE_CHECKING:
    from torch import Tensor

    from ...tensor import Parameter

__all__ = ["Conv3D", "Dropout", "Embedding", "Linear", "PRelu"]


class Conv3D(Layer):
    """A 3-D convolution; the weight is `(num_filters, num_channels / groups, kD, kH, kW)`.

    Args:
        num_channels: channels of the input, 1 and above.
        num_filters: channels of the output, 1 and above.
        filter_size: one int or three.
        stride: one int or three. Default: 1.
        padding: zeros on both sides: one int or three. Default: 0.
        dilation: one int or three. Default: 1.
        groups: a divisor of both channel counts. Default: None, 1.
        param_attr: of the weight. Default: None, N(0, 2 / (num_channels * taps)).
        bias_attr: of the bias; False for none. Default: None, zeros.
        act: name of an activation, applied after the bias. Default: None.
        dtype: of the parameters. Default: 'float32'.

    Raises:
        ValueError: an argument is illegal.
        AssertionError: `param_attr` is False.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        num_channels: int,
        num_filters: int,
        filter_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int | None = None,
        param_attr: Any = None,
        bias_attr: Any = None,
        *,
        act: str | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__(None, dtype)
        check_weight_attr(param_attr, "param_attr", "here")
        channels, filters = integer(num_channels, "num_channels"), integer(num_filters, "num_filters")
        self._groups = 1 if groups is None else integer(groups, "groups")
        if self._groups < 1 or channels % self._groups or filters % self._groups:
            msg = (
                f"num_channels must be divisible by groups, and so must num_filters; they are {channels} and "
                f"{filters}, groups={groups}. Choose a divisor of both."
            )
            raise ValueError(msg)
        pads_of(padding, "NCDHW")
        self._stride, self._padding, self._dilation, self._act = stride, padding, dilation, act
        kernel = triple_of(filter_size, "filter_size")
        initial = Normal(0.0, math.sqrt(2 / (math.prod(kernel) * channels)))
        shape = [filters, channels // self._groups, *kernel]
        self.add_parameter("weight", self.create_parameter(shape, param_attr, default_initializer=initial))
        self.add_parameter("bias", self.create_parameter([filters], bias_attr, is_bias=True))

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer to `(N, num_channels, D, H, W)`."""
        arguments = (self._stride, self._padding, self._dilation, self._groups)
        return activated(conv3d(input, self.weight, self.bias, *arguments), self._act)


class Linear(Layer):
    """A fully connected layer; the weight is `(input_dim, output_dim)`.

    Args:
        input_dim: size of the last axis of the input, 1 and above.
        output_dim: size of the last axis of the output, 1 and above.
        param_attr: of the weight. Default: None, Xavier uniform.
        bias_attr: of the bias; False for none. Default: None, zeros.
        act: name of an activation, applied after the bias. Default: None.
        dtype: of the parameters. Default: 'float32'.

    Example:
        >>> from fourfold.frontends.paddle import fluid
        >>> fluid.dygraph.Linear(3, 4).weight.shape
        paddle.Size([3, 4])
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        param_attr: Any = None,
        bias_attr: Any = None,
        act: str | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__(None, dtype)
        sizes = [integer(input_dim, "input_dim"), integer(output_dim, "output_dim")]
        self._act = act
        self.add_parameter("weight", self.create_parameter(sizes, param_attr))
        self.add_parameter("bias", self.create_parameter(sizes[1:], bias_attr, is_bias=True))

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer."""
        return activated(linear(input, self.weight, self.bias), self._act)


class PRelu(Layer):
    """Multiplies what is below zero by factors that are learned, ones at first.

    Args:
        mode: 'all': one factor; 'channel': one per channel.
        channel: the channels, for 'channel'. Default: None.
        param_attr: of the factors. Default: None, ones.
        dtype: of the factors. Default: 'float32'.

    Attributes:
        weight: `(1,)`, or `(1, channel, 1, 1)`.

    Raises:
        ValueError: there is no such mode.
        AssertionError: `channel` is missing.
        NotImplementedError: `mode='element'`.
    """

    weight: Parameter

    def __init__(
        self, mode: str, channel: int | None = None, *, param_attr: Any = None, dtype: str = "float32"
    ) -> None:
        super().__init__("prelu", dtype)
        if mode == "element":
            msg = "mode='element' is not supported here; legal are 'all' and 'channel'."
            raise NotImplementedError(msg)
        if mode not in ("all", "channel"):
            msg = f"mode={mode!r} should be one of all, channel, element."
            raise ValueError(msg)
        if mode == "channel" and not isinstance(channel, int):
            msg = f"channel={channel!r}: channel argument is required when mode is 'channel'. Give the channels."
            raise AssertionError(msg)
        shape = [1] if mode == "all" else [1, channel, 1, 1]
        self.add_parameter("weight", self.create_parameter(shape, param_attr, default_initializer=Constant(1.0)))

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer to `(N, C, ...)`."""
        return prelu(input, self.weight.reshape([-1]))


class Dropout(Layer):
    """Sets values to zero at random while training.

    Args:
        p: how likely each is set to zero, 0 to 1. Default: 0.5.
        dropout_implementation: 'downgrade_in_infer' multiplies by `1 - p` in `eval()`; 'upscale_in_train' divides by it
            while training. Default: 'downgrade_in_infer'.

    Raises:
        AssertionError: an argument is illegal.
    """

    def __init__(self, p: float = 0.5, *, dropout_implementation: str = "downgrade_in_infer") -> None:
        super().__init__()
        if dropout_implementation not in ("downgrade_in_infer", "upscale_in_train") or not 0 <= p <= 1:
            msg = (
                f"p={p!r}, dropout_implementation={dropout_implementation!r}: p must be 0 to 1, and "
                f"dropout_implementation should be 'downgrade_in_infer' or 'upscale_in_train'."
            )
            raise AssertionError(msg)
        self._dropout_prob = p
        self._mode = dropout_implementation.replace("downgrade", "downscale")

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer."""
        return dropout(input, self._dropout_prob, training=self.training, mode=self._mode)


class Embedding(Layer):
    """A table of vectors.

    Args:
        size: how many vectors, and their size.
        param_attr: of the table. Default: None, Xavier uniform.
        dtype: of the table. Default: 'float32'.

    Attributes:
        weight: of shape `size`.
    """

    weight: Parameter

    def __init__(self, size: Any, *, param_attr: Any = None, dtype: str = "float32") -> None:
        super().__init__(None, dtype)
        self.add_parameter("weight", self.create_parameter(list(size), param_attr))

    def forward(self, input: Tensor) -> Tensor:
        """Return the vectors that the integers in `input` name."""
        return embedding(input, self.weight)


def activated(output: Tensor, act: str | None) -> Tensor:
    """Apply the activation of that name, or none.

    Raises:
        EnforceNotMet: there is no such activation.
    """
    apply = activation(act)
    return output if apply is None else apply(output)
