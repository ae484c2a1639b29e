"""Mirrors the normalisations of `oneflow.nn`; torch computes them."""

from __future__ import annotations

from typing import Any

import torch

from .....backend.arguments import integer
from ....tensor import like, plain
from ..parameter import Parameter
from .layer import Layer
from .module import Module

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "RMSLayerNorm",
    "RMSNorm",
]


class _ChannelNorm(Layer):
    weight: Any
    bias: Any
    running_mean: Any
    running_var: Any
    num_batches_tracked: Any
    momentum: Any
    eps: Any
    _check_input_dim: Any
    _axes: int

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        names = "eps", "momentum", "affine", "track_running_stats"
        return ", ".join([str(self.num_features), *(f"{name}={getattr(self, name)}" for name in names)])


def _of_one(x: Any, bias: torch.Tensor | None) -> torch.Tensor:
    """Return what normalises one value per channel: each is its own mean, of which torch leaves the rounding."""
    zero = plain(x) - plain(x)
    return zero if bias is None else zero + plain(bias).reshape(-1, *[1] * (x.dim() - 2))


class _BatchNorm(_ChannelNorm):
    """Normalise each channel over the batch and space.

    Args:
        num_features: channels.
        eps: added to variances. Default: 1e-5.
        momentum: of the batch in an update of the running statistics, a number. Default: 0.1.
        affine: whether to learn factors and summands. Default: True.
        track_running_stats: whether to keep running statistics; without, inference uses the batch's. Default: True.

    Raises:
        TypeError: `momentum` is None, torch's average of all batches, which OneFlow does not have.

    Example:
        >>> list(BatchNorm3d(2).state_dict())
        ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-05,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        if momentum is None:
            msg = "momentum=None: must be a number, as in OneFlow. Give one; 0.1 is usual."
            raise TypeError(msg)
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer; where there is one value per channel, the result is the bias."""
        self._check_input_dim(x)
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        by_batch = self.training or self.running_mean is None
        statistics = self.running_mean, self.running_var, by_batch, self.momentum, self.eps, False
        result = plain(torch.batch_norm(x, self.weight, self.bias, *statistics))
        return like(_of_one(x, self.bias) if by_batch and x.numel() == x.shape[1] else result, x)


class BatchNorm1d(_BatchNorm, torch.nn.BatchNorm1d):
    """Normalise lines; arguments in OneFlow's order, which is torch's."""


class BatchNorm2d(_BatchNorm, torch.nn.BatchNorm2d):
    """Normalise planes; arguments in OneFlow's order, which is torch's."""


class BatchNorm3d(_BatchNorm, torch.nn.BatchNorm3d):
    """Normalise volumes; arguments in OneFlow's order, which is torch's."""


class _InstanceNorm(_ChannelNorm):
    """Normalise each channel of each sample.

    Args:
        num_features: channels.
        eps: added to variances. Default: 1e-5.
        momentum: kept, and used for nothing, as the next but one. Default: 0.1.
        affine: whether to learn factors and summands. Default: False.
        track_running_stats: whether there are buffers for running statistics, which OneFlow 0.9 neither updates
            nor uses. Default: False.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-05,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer."""
        if x.dim() != self._axes:
            msg = f"expected {self._axes}D input (got {x.dim()}D input)"
            raise ValueError(msg)
        weight, bias = (None if each is None else plain(each) for each in (self.weight, self.bias))
        alone = x.numel() == x.shape[0] * x.shape[1]
        return like(_of_one(x, bias) if alone else torch.group_norm(plain(x), x.shape[1], weight, bias, self.eps), x)


class InstanceNorm1d(_InstanceNorm, torch.nn.InstanceNorm1d):
    """Normalise lines; arguments in OneFlow's order, which is torch's."""

    _axes = 3


class InstanceNorm2d(_InstanceNorm, torch.nn.InstanceNorm2d):
    """Normalise planes; arguments in OneFlow's order, which is torch's."""

    _axes = 4


class InstanceNorm3d(_InstanceNorm, torch.nn.InstanceNorm3d):
    """Normalise volumes; arguments in OneFlow's order, which is torch's."""

    _axes = 5


class GroupNorm(Layer, torch.nn.GroupNorm):
    """Normalise groups of channels of each sample; `affine` says whether factors and summands are learned, True."""

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-05, affine: bool = True) -> None:
        for name, value in (("num_groups", num_groups), ("num_channels", num_channels)):
            if integer(value, name) <= 0:
                msg = f"{name}={value}: The {name} must larger than zero"
                raise AssertionError(msg)
        super().__init__(num_groups, num_channels, eps, affine)

    def forward(self, input: torch.Tensor) -> Any:
        """Apply the layer; the parameters take part in the dtype of the input.

        Raises:
            AssertionError: there are less than three axes, or other channels.
        """
        if input.dim() < 3 or input.shape[1] != self.num_channels:
            msg = (
                f"the input has shape {tuple(input.shape)}; The dimensions of input tensor must larger than 2, and "
                f"the channels {self.num_channels}."
            )
            raise AssertionError(msg)
        weight, bias = (None if each is None else plain(each).to(input.dtype) for each in (self.weight, self.bias))
        return like(torch.group_norm(plain(input), self.num_groups, weight, bias, self.eps), input)

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class LayerNorm(Layer, torch.nn.LayerNorm):
    """Normalise over the last axes, of sizes `normalized_shape`; `elementwise_affine` as `affine` elsewhere, True."""

    def __init__(
        self, normalized_shape: int | list[int] | tuple[int, ...], eps: float = 1e-05, elementwise_affine: bool = True
    ) -> None:
        super().__init__(normalized_shape, eps, elementwise_affine)

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer; the parameters take part in the dtype of the input."""
        weight, bias = (None if each is None else plain(each).to(x.dtype) for each in (self.weight, self.bias))
        return like(torch.nn.functional.layer_norm(plain(x), self.normalized_shape, weight, bias, self.eps), x)

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class RMSNorm(Module):
    """Divide by the root of the mean square over the last axes, and multiply by what is learned.

    Args:
        normalized_shape: sizes of those axes.
        eps: added to the mean square. Default: 1e-5.
        elementwise_affine: whether to learn factors. Default: True.
        device: of the factors. Default: None, the CPU.
        dtype: of the factors. Default: None, the default dtype.
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | list[int] | tuple[int, ...],
        eps: float = 1e-05,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        sizes = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps, self.elementwise_affine = sizes, eps, elementwise_affine
        ones = torch.ones(sizes, device=device, dtype=dtype) if elementwise_affine else None
        self.weight = None if ones is None else Parameter(ones)

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer."""
        weight = None if self.weight is None else plain(self.weight)
        return like(torch.nn.functional.rms_norm(plain(x), self.normalized_shape, weight, self.eps), x)

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class RMSLayerNorm(Module):
    """`RMSNorm` of one axis under an older name."""

    def __init__(self, hidden_size: int, eps: float = 1e-06) -> None:
        super().__init__()
        self.weight = Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, hidden_states: Any) -> Any:
        """Apply the layer."""
        x, weight = plain(hidden_states), plain(self.weight)
        return like(torch.nn.functional.rms_norm(x, weight.shape, weight, self.variance_epsilon), hidden_states)
