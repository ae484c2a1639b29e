"""Rows of layers that learn: normalisations, each a class of torch's with OneFlow's forward."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from ....backend.arguments import integer
from ...names import Learned, kept, limit
from ...tensor import like, plain
from ..names import NAMES
from ..nn.modules.layer import Layer, torchs
from ..nn.parameter import Parameter

__all__: list[str] = []


class Norm(Layer):
    """What normalisations have in common."""

    weight: Any
    bias: Any
    eps: float

    def learned(self, x: torch.Tensor) -> tuple[Any, Any]:
        """Return factors and summands in the dtype of the input, or None."""
        weight, bias = (None if each is None else plain(each).to(x.dtype) for each in (self.weight, self.bias))
        return weight, bias


class ChannelNorm(Norm):
    """One factor and summand for each channel, of which there may be running statistics."""

    num_features: int

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        names = "eps", "momentum", "affine", "track_running_stats"
        return ", ".join([str(self.num_features), *(f"{name}={getattr(self, name)}" for name in names)])


def of_one(x: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """Return what normalises one value per channel: each is its own mean, of which torch leaves the rounding."""
    zero = plain(x) - plain(x)
    return zero if bias is None else zero + plain(bias).reshape(-1, *[1] * (x.dim() - 2))


class BatchNorm(ChannelNorm):
    """Normalises each channel over batch and space.

    >>> import fourfold.frontends.oneflow as flow
    >>> list(flow.nn.BatchNorm3d(2).state_dict())
    ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
    """

    running_mean: Any
    running_var: Any
    num_batches_tracked: Any
    momentum: float
    _check_input_dim: Any

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer; where there is one value per channel, the result is the bias."""
        self._check_input_dim(x)
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        by_batch = self.training or self.running_mean is None
        statistics = self.running_mean, self.running_var, by_batch, self.momentum, self.eps, False
        result = plain(torch.batch_norm(x, self.weight, self.bias, *statistics))
        return like(of_one(x, self.bias) if by_batch and x.numel() == x.shape[1] else result, x)


class InstanceNorm(ChannelNorm):
    """Normalises each channel of each sample; running statistics are neither updated nor used, as in the release."""

    _get_no_batch_dim: Any

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer."""
        axes = self._get_no_batch_dim() + 1
        if x.dim() != axes:
            msg = f"expected {axes}D input (got {x.dim()}D input)"
            raise ValueError(msg)
        weight, bias = (None if each is None else plain(each) for each in (self.weight, self.bias))
        alone = x.numel() == x.shape[0] * x.shape[1]
        return like(of_one(x, bias) if alone else torch.group_norm(plain(x), x.shape[1], weight, bias, self.eps), x)


class GroupNorm(Norm):
    """Normalises groups of channels of each sample."""

    num_groups: int
    num_channels: int

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
        return like(torch.group_norm(plain(input), self.num_groups, *self.learned(input), self.eps), input)

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class LayerNorm(Norm):
    """Normalises over the last axes."""

    normalized_shape: tuple[int, ...]

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer; the parameters take part in the dtype of the input."""
        return like(F.layer_norm(plain(x), self.normalized_shape, *self.learned(x), self.eps), x)

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class RMSNorm(LayerNorm):
    """Divides by the root of the mean square over the last axes."""

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer."""
        weight = None if self.weight is None else plain(self.weight)
        return like(F.rms_norm(plain(x), self.normalized_shape, weight, self.eps), x)


NUMBER = limit(
    "momentum", lambda momentum: momentum is not None, "must be a number, as in OneFlow; 0.1 is usual", TypeError
)
ABOVE_0 = tuple(
    limit(name, lambda value: integer(value, "it") > 0, f"The {name} must larger than zero: {{{name}}}", AssertionError)
    for name in ("num_groups", "num_channels")
)
torchs("BatchNorm1d BatchNorm2d BatchNorm3d", BatchNorm, NUMBER)
torchs("InstanceNorm1d InstanceNorm2d InstanceNorm3d", InstanceNorm)
torchs("GroupNorm", GroupNorm, *ABOVE_0)
torchs("LayerNorm", LayerNorm)
torchs("RMSNorm", RMSNorm)


def rms_norm(hidden_states: torch.Tensor, weight: torch.Tensor, eps: float) -> Any:
    """Divide by the root of the mean square over the last axis, and multiply by what is learned."""
    return like(F.rms_norm(plain(hidden_states), weight.shape, plain(weight), eps), hidden_states)


def ones(layer: Any, hidden_size: int) -> None:
    """Make factors, 1 to begin with."""
    layer.weight = Parameter(torch.ones(hidden_size))


NAMES.layer(
    "nn.RMSLayerNorm",
    rms_norm,
    learned=(Learned("weight", ones, ("hidden_size",)),),
    eps=kept("variance_epsilon", "eps"),
)
