"""Mirrors the normalisations of `paddle.fluid.dygraph`; torch computes them.

GroupNorm is not among them: Paddle 1.8 takes the third and fourth axis of a volume for all of it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .....backend.arguments import integer
from ...attributes import ParamAttr
from ...nn.initializer import Constant
from ...rows.norms import batch_norm, instance_norm, layer_norm
from .common import activated
from .layers import Layer

if TYPE_CHECKING:
    from torch import Tensor

    from ...tensor import Parameter

__all__ = ["BatchNorm", "InstanceNorm", "LayerNorm"]


class BatchNorm(Layer):
    """Normalises every channel, by the batch while training and by running statistics in `eval()`.

    Args:
        num_channels: channels, 1 and above.
        act: name of an activation, applied last. Default: None.
        momentum: how much of the running statistics a step keeps, 1 minus torch's. Default: 0.9.
        epsilon: added to the variance. Default: 1e-5.
        param_attr: of the factor. Default: None, ones.
        bias_attr: of the bias. Default: None, zeros.
        dtype: of the parameters. Default: 'float32'.
        data_layout: 'NCHW' or 'NHWC', for any number of spatial axes. Default: 'NCHW'.
        use_global_stats: whether never to use the batch. Default: False.

    Attributes:
        weight: `(num_channels,)`.
        bias: `(num_channels,)`.
        _mean: the running mean; a parameter that is not learned, as in Paddle.
        _variance: the running variance, of the batch's values themselves.

    Example:
        >>> from fourfold.frontends.paddle import fluid
        >>> list(fluid.dygraph.BatchNorm(4).state_dict())
        ['weight', 'bias', '_mean', '_variance']
    """

    weight: Parameter
    bias: Parameter
    _mean: Parameter
    _variance: Parameter

    def __init__(
        self,
        num_channels: int,
        act: str | None = None,
        *,
        momentum: float = 0.9,
        epsilon: float = 1e-05,
        param_attr: Any = None,
        bias_attr: Any = None,
        dtype: str = "float32",
        data_layout: str = "NCHW",
        use_global_stats: bool = False,
    ) -> None:
        super().__init__(None, dtype)
        if data_layout not in ("NCHW", "NHWC"):
            msg = f"data_layout={data_layout!r}; legal are 'NCHW' and 'NHWC', for volumes too."
            raise ValueError(msg)
        if bias_attr is False:
            msg = "bias_attr should not be False in batch_norm. Leave it out for the default bias."
            raise AssertionError(msg)
        size = [integer(num_channels, "num_channels")]
        self._act, self._momentum, self._epsilon = act, momentum, epsilon
        self._data_layout, self._use_global_stats = data_layout, use_global_stats
        self.add_parameter("weight", self.create_parameter(size, param_attr, default_initializer=Constant(1.0)))
        self.add_parameter("bias", self.create_parameter(size, bias_attr, is_bias=True))
        for name, value in (("_mean", 0.0), ("_variance", 1.0)):
            attr = ParamAttr(initializer=Constant(value), trainable=False)
            self.add_parameter(name, self.create_parameter(size, attr))

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer."""
        output = batch_norm(
            input,
            self._mean,
            self._variance,
            self.weight,
            self.bias,
            self.training,
            self._momentum,
            self._epsilon,
            self._data_layout,
            self._use_global_stats or None,
        )
        return activated(output, self._act)


class InstanceNorm(Layer):
    """Normalises every channel of every sample.

    Args:
        num_channels: channels, 1 and above.
        epsilon: added to the variance. Default: 1e-5.
        param_attr: of the factor. Default: None, ones.
        bias_attr: of the bias. Default: None, zeros.
        dtype: of the parameters. Default: 'float32'.

    Attributes:
        scale: `(num_channels,)`.
        bias: `(num_channels,)`.
    """

    scale: Parameter
    bias: Parameter

    def __init__(
        self,
        num_channels: int,
        epsilon: float = 1e-5,
        param_attr: Any = None,
        bias_attr: Any = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__(None, dtype)
        if bias_attr is False:
            msg = "bias_attr should not be False in instance_norm. Leave it out for the default bias."
            raise AssertionError(msg)
        size = [integer(num_channels, "num_channels")]
        self._epsilon = epsilon
        self.add_parameter("scale", self.create_parameter(size, param_attr, default_initializer=Constant(1.0)))
        self.add_parameter("bias", self.create_parameter(size, bias_attr, is_bias=True))

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer to `(N, C, ...)`."""
        return instance_norm(input, weight=self.scale, bias=self.bias, eps=self._epsilon)


class LayerNorm(Layer):
    """Normalises over the last axes.

    Args:
        normalized_shape: their sizes, or the size of the last.
        scale: whether there is a factor. Default: True.
        shift: whether there is a bias. Default: True.
        epsilon: added to the variance. Default: 1e-5.
        param_attr: of the factor. Default: None, ones.
        bias_attr: of the bias. Default: None, zeros.
        act: name of an activation, applied last. Default: None.
        dtype: of the parameters. Default: 'float32'.

    Attributes:
        weight: flat, or None.
        bias: flat, or None.
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: Any,
        scale: bool = True,
        shift: bool = True,
        epsilon: float = 1e-05,
        param_attr: Any = None,
        bias_attr: Any = None,
        act: str | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__(None, dtype)
        self._shape = [normalized_shape] if isinstance(normalized_shape, int) else list(normalized_shape)
        self._epsilon, self._act = epsilon, act
        size, one = [math.prod(self._shape)], Constant(1.0)
        weight = self.create_parameter(size, param_attr, default_initializer=one) if scale else None
        self.add_parameter("weight", weight)
        self.add_parameter("bias", self.create_parameter(size, bias_attr, is_bias=True) if shift else None)

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer."""
        output = layer_norm(input, self._shape, self.weight, self.bias, self._epsilon)
        return activated(output, self._act)
