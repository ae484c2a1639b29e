"""Mirrors `megengine.module.normalization`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...names import Layer
from ..arguments import ArgumentError
from ..names import NAMES
from ..tensor import Parameter
from .module import Module

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["GroupNorm", "InstanceNorm", "LayerNorm"]

group_norm, instance_norm = NAMES.get("functional.group_norm"), NAMES.get("functional.instance_norm")
layer_norm = NAMES.get("functional.layer_norm")


class _Norm(Module):
    _state_is_flat = True

    def __init__(self, shape: tuple[int, ...], eps: float, affine: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.eps = eps
        self.affine = affine
        self.bias = Parameter(torch.zeros(shape)) if affine else None
        self.weight = Parameter(torch.ones(shape)) if affine else None

    def reset_parameters(self) -> None:
        """Set factors to ones and summands to zeros."""
        if self.weight is not None and self.bias is not None:
            torch.nn.init.ones_(self.weight)
            torch.nn.init.zeros_(self.bias)


class GroupNorm(_Norm):
    """Normalise groups of channels of each sample.

    Args:
        num_groups: a divisor of `num_channels`.
        num_channels: channels.
        eps: added to variances. Default: 1e-5.
        affine: whether to learn factors and summands, `(num_channels,)`. Default: True.
        kwargs: `name`, kept as `.name`.

    Shape:
        - x: `(N, C, H, W)`; a volume goes in as `x.reshape(N, C, D * H, W)`

    Raises:
        AssertionError: the groups do not divide the channels (a ValueError and RuntimeError too).

    Example:
        >>> GroupNorm(2, 4)
        GroupNorm(groups=2, channels=4, eps=1e-05, affine=True)
    """

    row = Layer("module.GroupNorm", kind="GroupNorm2d")

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-05, affine: bool = True, **kwargs: Any
    ) -> None:
        if num_groups == 0:
            msg = "num_groups=0: integer division or modulo by zero; num_groups must be 1 and above."
            raise ZeroDivisionError(msg)
        if num_channels % num_groups:
            msg = f"num_channels={num_channels} is not divisible by num_groups={num_groups}. Choose a divisor."
            raise ArgumentError(msg)
        super().__init__((num_channels,), eps, affine, **kwargs)
        self.num_groups = num_groups
        self.num_channels = num_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply `group_norm`."""
        return group_norm(x, self.num_groups, self.affine, self.weight, self.bias, self.eps)  # type: ignore[no-any-return]

    def _module_info_string(self) -> str:
        return f"groups={self.num_groups}, channels={self.num_channels}, eps={self.eps}, affine={self.affine}"


class InstanceNorm(_Norm):
    """Normalise each channel of each sample; arguments as in `GroupNorm`, without groups."""

    row = Layer("module.InstanceNorm", kind="InstanceNorm2d")

    def __init__(self, num_channels: int, eps: float = 1e-05, affine: bool = True, **kwargs: Any) -> None:
        super().__init__((num_channels,), eps, affine, **kwargs)
        self.num_channels = num_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply `instance_norm`."""
        return instance_norm(x, self.affine, self.weight, self.bias, self.eps)  # type: ignore[no-any-return]

    def _module_info_string(self) -> str:
        return f"channels={self.num_channels}, eps={self.eps}, affine={self.affine}"


class LayerNorm(_Norm):
    """Normalise over the last axes.

    Args:
        normalized_shape: the sizes of those axes.
        eps: added to variances. Default: 1e-5.
        affine: whether to learn factors and summands of that shape; in `state_dict` they have one axis. Default: True.
        kwargs: `name`, kept as `.name`.
    """

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float = 1e-05, affine: bool = True, **kwargs: Any
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        super().__init__(shape, eps, affine, **kwargs)
        self.normalized_shape = shape

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply `layer_norm`."""
        return layer_norm(x, self.normalized_shape, self.affine, self.weight, self.bias, self.eps)  # type: ignore[no-any-return]

    def _module_info_string(self) -> str:
        return f"normalized_shape={self.normalized_shape}, eps={self.eps}, affine={self.affine}"
