"""Mirrors the normalisations of `paddle.nn`; torch computes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ....backend.arguments import integer
from ... import names
from ...calls import explain_calls
from ..attributes import ParamAttr
from ..rows.norms import batch_norm, group_norm, instance_norm, layer_norm
from ..rows.operands import integers
from .initializer import Constant
from .layer import Layer
from .mapped import is_channel_last

if TYPE_CHECKING:
    from torch import Tensor

    from ..tensor import Parameter

__all__ = ["BatchNorm", "BatchNorm3D", "GroupNorm", "InstanceNorm3D", "LayerNorm"]


class _Normalisation(Layer):
    """What the layers share: a factor that starts at one, and a bias."""

    weight: Parameter | None
    bias: Parameter | None
    _epsilon: float

    def _create(self, size: int, weight_attr: Any, bias_attr: Any, name: str = "weight") -> None:
        factor = self.create_parameter([size], weight_attr, default_initializer=Constant(1.0))
        self.add_parameter(name, factor)
        self.add_parameter("bias", self.create_parameter([size], bias_attr, is_bias=True))


class BatchNorm3D(_Normalisation):
    """Normalises every channel, by the batch while training and by running statistics in `eval()`.

    Args:
        num_features: channels, 1 and above.
        momentum: how much of the running statistics a step keeps, 1 minus torch's. Default: 0.9.
        epsilon: added to the variance. Default: 1e-5.
        weight_attr: a ParamAttr, or what stands for one; False for no factor. Default: None, ones.
        bias_attr: likewise. Default: None, zeros.
        data_format: 'NCDHW' or 'NDHWC'. Default: 'NCDHW'.
        use_global_stats: True: never by the batch; False: always. Default: None.

    Shape:
        - x: `(N, C, D, H, W)` or `(N, D, H, W, C)`; so is the output

    Attributes:
        weight: `(C,)`, or None.
        bias: `(C,)`, or None.
        _mean: `(C,)`, the running mean; a parameter that is not learned, as in Paddle.
        _variance: `(C,)`, the running variance, of the batch's values themselves (torch's divides by one less).

    Example:
        >>> from fourfold.frontends import paddle
        >>> layer = paddle.nn.BatchNorm3D(2)
        >>> layer(paddle.ones([1, 2, 2, 2, 2])).shape, layer._mean.tolist()
        (paddle.Size([1, 2, 2, 2, 2]), [0.10000000149011612, 0.10000000149011612])
        >>> list(layer.state_dict())
        ['weight', 'bias', '_mean', '_variance']
    """

    formats = ("NCDHW", "NDHWC")
    _mean: Parameter
    _variance: Parameter

    def __init__(
        self,
        num_features: int,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        weight_attr: Any = None,
        bias_attr: Any = None,
        data_format: str = "NCDHW",
        use_global_stats: bool | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        self._configure(num_features, momentum, epsilon, weight_attr, bias_attr, data_format, use_global_stats)

    def _configure(
        self,
        num_features: int,
        momentum: float,
        epsilon: float,
        weight_attr: Any,
        bias_attr: Any,
        data_format: str,
        use_global_stats: bool | None,
    ) -> None:
        if data_format not in self.formats:
            msg = f"data_format={data_format!r}; expected one of {', '.join(self.formats)} input."
            raise ValueError(msg)
        self._num_features = integer(num_features, "num_features")
        self._momentum, self._epsilon = momentum, epsilon
        self._data_format, self._use_global_stats = data_format, use_global_stats
        self._create(self._num_features, weight_attr, bias_attr)
        for name, value in (("_mean", 0.0), ("_variance", 1.0)):
            attr = ParamAttr(initializer=Constant(value), trainable=False)
            self.add_parameter(name, self.create_parameter([self._num_features], attr))

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer.

        Raises:
            ValueError: `input` has not five axes.
        """
        if input.dim() != 5:
            msg = f"expected 5D input (got {input.dim()}D input). Reshape it to {self._data_format}."
            raise ValueError(msg)
        return self._normalise(input)

    def _normalise(self, x: Tensor) -> Tensor:
        return batch_norm(
            x,
            self._mean,
            self._variance,
            self.weight,
            self.bias,
            self.training,
            self._momentum,
            self._epsilon,
            self._data_format,
            self._use_global_stats,
        )

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"num_features={self._num_features}, momentum={self._momentum}, epsilon={self._epsilon}, "
            f"data_format={self._data_format}"
        )


class BatchNorm(BatchNorm3D):
    """Batch normalisation of any number of axes, with an activation; the class that fluid had.

    Args:
        num_channels: channels, 1 and above.
        act: name of an activation, as in `static.nn.conv3d_transpose`. Default: None.
        momentum: how much of the running statistics a step keeps. Default: 0.9.
        epsilon: added to the variance. Default: 1e-5.
        param_attr: of the factor. Default: None, ones.
        bias_attr: of the bias. Default: None, zeros.
        data_layout: 'NCHW' or 'NHWC', for any number of spatial axes. Default: 'NCHW'.
        use_global_stats: whether never to use the batch. Default: False, by the batch while training.
    """

    formats = ("NCHW", "NHWC")

    row = names.Layer("nn.BatchNorm", kind="BatchNormNd")

    def __init__(
        self,
        num_channels: int,
        act: str | None = None,
        *,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        param_attr: Any = None,
        bias_attr: Any = None,
        data_layout: str = "NCHW",
        use_global_stats: bool = False,
    ) -> None:
        Layer.__init__(self)
        from ..static.nn import activation_of

        self._act, self._activate = act, activation_of(act)
        self._configure(num_channels, momentum, epsilon, param_attr, bias_attr, data_layout, use_global_stats or None)

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer."""
        return self._activate(self._normalise(input))

    def extra_repr(self) -> str:
        """Return nothing, as in Paddle."""
        return ""


class InstanceNorm3D(_Normalisation):
    """Normalises every channel of every sample; there are no running statistics.

    Args:
        num_features: channels, 1 and above.
        epsilon: added to the variance. Default: 1e-5.
        weight_attr: a ParamAttr, or what stands for one; False, together with the other, for neither. Default: None.
        bias_attr: likewise. Default: None.

    Shape:
        - input: `(N, C, D, H, W)`; so is the output

    Attributes:
        scale: `(C,)`, ones at first, or None.
        bias: `(C,)`, zeros at first, or None.

    Raises:
        AssertionError: one attribute is False and the other is not.

    Example:
        >>> from fourfold.frontends import paddle
        >>> list(paddle.nn.InstanceNorm3D(2).state_dict())
        ['scale', 'bias']
    """

    scale: Parameter | None

    def __init__(
        self,
        num_features: int,
        epsilon: float = 1e-5,
        momentum: float = 0.9,
        weight_attr: Any = None,
        bias_attr: Any = None,
        data_format: str = "NCDHW",
        name: str | None = None,
    ) -> None:
        super().__init__()
        if (weight_attr is False) != (bias_attr is False):
            msg = "weight_attr and bias_attr must be set to False at the same time in InstanceNorm. Set both, or none."
            raise AssertionError(msg)
        self._num_features, self._epsilon = integer(num_features, "num_features"), epsilon
        self._create(self._num_features, weight_attr, bias_attr, "scale")

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer.

        Raises:
            ValueError: `input` has not five axes.
        """
        if input.dim() != 5:
            msg = f"expected 5D input (got {input.dim()}D input). Reshape it to NCDHW."
            raise ValueError(msg)
        return instance_norm(input, weight=self.scale, bias=self.bias, eps=self._epsilon)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"num_features={self._num_features}, epsilon={self._epsilon}"


class GroupNorm(_Normalisation):
    """Normalises groups of channels of every sample.

    Args:
        num_groups: a divisor of the channels.
        num_channels: channels, 1 and above.
        epsilon: added to the variance. Default: 1e-5.
        weight_attr: a ParamAttr, or what stands for one; False for no factor. Default: None, ones.
        bias_attr: likewise. Default: None, zeros.
        data_format: 'NCHW' and its like, or 'NHWC' and its like. Default: 'NCHW'.

    Raises:
        ValueError: an argument is illegal.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        epsilon: float = 1e-5,
        *,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        weight_attr: Any = None,
        bias_attr: Any = None,
        data_format: str = "NCHW",
        name: str | None = None,
    ) -> None:
        super().__init__(dtype="float32" if dtype is None else dtype)
        if not affine:
            weight_attr = bias_attr = False
        is_channel_last(data_format, "group_norm")
        self._num_groups, self._num_channels = integer(num_groups, "num_groups"), integer(num_channels, "num_channels")
        if self._num_groups < 1 or self._num_channels % self._num_groups:
            msg = f"num_groups={num_groups} does not divide num_channels={num_channels}. Choose a divisor of it."
            raise ValueError(msg)
        self._epsilon, self._data_format = epsilon, data_format
        self._create(self._num_channels, weight_attr, bias_attr)
        if device is not None:
            self.to(device)

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer."""
        return group_norm(input, self._num_groups, self._epsilon, self.weight, self.bias, self._data_format)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"num_groups={self._num_groups}, num_channels={self._num_channels}, epsilon={self._epsilon}"


class LayerNorm(_Normalisation):
    """Normalises over the last axes.

    Args:
        normalized_shape: their sizes, or the size of the last.
        epsilon: added to the variance. Default: 1e-5.
        weight_attr: a ParamAttr, or what stands for one; False for no factor. Default: None, ones.
        bias_attr: likewise. Default: None, zeros.

    Attributes:
        weight: flat, unlike torch's.
        bias: flat.
    """

    def __init__(
        self,
        normalized_shape: Any,
        epsilon: float = 1e-5,
        *,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
        weight_attr: Any = None,
        bias_attr: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(dtype="float32" if dtype is None else dtype)
        weight_attr = weight_attr if elementwise_affine else False
        bias_attr = bias_attr if elementwise_affine and bias else False
        self._normalized_shape, self._epsilon = integers(normalized_shape), epsilon
        self._create(math.prod(self._normalized_shape), weight_attr, bias_attr)
        if device is not None:
            self.to(device)

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer."""
        return layer_norm(input, self._normalized_shape, self.weight, self.bias, self._epsilon)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"normalized_shape={self._normalized_shape}, epsilon={self._epsilon}"


explain_calls(globals())
