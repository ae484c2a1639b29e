"""Layers around a transposed convolution, as torch's: what `fourfold.accelerate` makes of those of a network."""

from __future__ import annotations

from typing import Any

import torch

from ....backend import narrow_convolution, small_convolution
from ....backend.normalisation import instance_norm
from ..quantisation import register_fusion, warn_of_quantisation

__all__ = ["Conv3d", "InstanceNorm3d"]


class Conv3d(torch.nn.Conv3d):
    """A `torch.nn.Conv3d` that copies less, in float32: small volumes, few output channels, kernels of one voxel.

    Arguments, parameters, results and errors are torch's.

    Example:
        >>> import torch
        >>> Conv3d(16, 33, 3, stride=2)(torch.randn(1, 16, 10, 20, 30)).shape
        torch.Size([1, 33, 4, 9, 14])
    """

    def _conv_forward(self, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        if self.groups == 1 and self.padding_mode == "zeros" and not isinstance(self.padding, str):
            operands = (input, weight, bias, self.stride, self.padding, self.dilation)
            output = narrow_convolution.convolution(*operands)
            if output is None:
                output = small_convolution.convolution(*operands)
            if output is not None:
                return output
        result: torch.Tensor = super()._conv_forward(input, weight, bias)
        return result

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "qconfig" and value is not None:  # what torch.ao.quantization.prepare sets
            warn_of_quantisation("Conv3d")
        super().__setattr__(name, value)


class InstanceNorm3d(torch.nn.InstanceNorm3d):
    """A `torch.nn.InstanceNorm3d` that keeps a channels-last volume so, and its gradient right.

    torch's own is wrong there for one sample (`fourfold.backend.normalisation`).

    Arguments, parameters, results and errors are torch's.

    Example:
        >>> import torch
        >>> volume = torch.randn(2, 3, 4, 4, 4).to(memory_format=torch.channels_last_3d)
        >>> InstanceNorm3d(3)(volume).is_contiguous(memory_format=torch.channels_last_3d)
        True
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Apply the layer; `torch.fx` does not see the checks, as it sees none of torch's own layer."""
        traced = isinstance(input, torch.fx.Proxy)
        return self._apply_instance_norm(input) if traced else super().forward(input)

    def _apply_instance_norm(self, input: torch.Tensor) -> torch.Tensor:
        output = instance_norm(
            input,
            self.weight,
            self.bias,
            self.eps,
            (self.running_mean, self.running_var),
            0.0 if self.momentum is None else self.momentum,
            self.training or not self.track_running_stats,
        )
        if output is not None:
            return output
        result: torch.Tensor = super()._apply_instance_norm(input)  # type: ignore[no-untyped-call]
        return result


register_fusion(Conv3d, torch.nn.Conv3d)
