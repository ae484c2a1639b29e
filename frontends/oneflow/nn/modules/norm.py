"""Mirrors the normalisations of `oneflow.nn` for volumes; torch computes them."""

from __future__ import annotations

from typing import Any

import torch

from .....backend.arguments import integer
from ....tensor import like, plain
from .layer import Layer

__all__ = ["BatchNorm3d", "GroupNorm", "InstanceNorm3d", "LayerNorm"]


class _ChannelNorm(Layer):
    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        names = "eps", "momentum", "affine", "track_running_stats"
        return ", ".join([str(self.num_features), *(f"{name}={getattr(self, name)}" for name in names)])


class BatchNorm3d(_ChannelNorm, torch.nn.BatchNorm3d):
    """Normalise each channel over the batch and the volume.

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


class InstanceNorm3d(_ChannelNorm, torch.nn.InstanceNorm3d):
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
        if x.dim() != 5:
            msg = f"expected 5D input (got {x.dim()}D input); reshape it to (N, C, D, H, W)."
            raise ValueError(msg)
        weight, bias = (None if each is None else plain(each) for each in (self.weight, self.bias))
        channels = x.shape[1]  # as OneFlow, which asks `num_features` for weight and bias only
        return like(torch.nn.functional.group_norm(plain(x), channels, weight, bias, self.eps), x)


class GroupNorm(Layer, torch.nn.GroupNorm):
    """Normalise groups of channels of each sample; `affine` says whether factors and summands are learned, True."""

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-05, affine: bool = True) -> None:
        if integer(num_groups, "num_groups") < 1:
            msg = f"num_groups={num_groups}: The num_groups must larger than zero. Use 1, or a divisor of num_channels."
            raise AssertionError(msg)
        super().__init__(num_groups, num_channels, eps, affine)

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class LayerNorm(Layer, torch.nn.LayerNorm):
    """Normalise over the last axes, of sizes `normalized_shape`; `elementwise_affine` as `affine` elsewhere, True."""

    def __init__(
        self, normalized_shape: int | list[int] | tuple[int, ...], eps: float = 1e-05, elementwise_affine: bool = True
    ) -> None:
        super().__init__(normalized_shape, eps, elementwise_affine)

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
