"""Mirrors `megengine.module.pooling` and `Dropout`; MegEngine pools planes only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..functional import layers
from .module import Module

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["AvgPool2d", "Dropout", "MaxPool2d"]


class MaxPool2d(Module):
    """Largest values of windows of `(N, C, H, W)`.

    Args:
        kernel_size: one int or two.
        stride: one int or two. Default: `kernel_size`.
        padding: one int or two. Default: 0.
        kwargs: `name`, kept as `.name`.
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel_size = kernel_size
        self.stride = stride or kernel_size
        self.padding = padding

    def forward(self, inp: Tensor) -> Tensor:
        """Apply `max_pool2d`."""
        return layers.max_pool2d(inp, self.kernel_size, self.stride, self.padding)

    def _module_info_string(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(MaxPool2d):
    """Means of windows of `(N, C, H, W)`; arguments as in `MaxPool2d`, and `mode` of `avg_pool2d`."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        mode: str = "average_count_exclude_padding",
        **kwargs: Any,
    ) -> None:
        super().__init__(kernel_size, stride, padding, **kwargs)
        self.mode = mode

    def forward(self, inp: Tensor) -> Tensor:
        """Apply `avg_pool2d`."""
        return layers.avg_pool2d(inp, self.kernel_size, self.stride, self.padding, self.mode)

    def _module_info_string(self) -> str:
        return f"{super()._module_info_string()}, mode={self.mode}"


class Dropout(Module):
    """In training, set elements to zero with probability `drop_prob`, 0.0 unless given, and scale the others."""

    def __init__(self, drop_prob: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.drop_prob = drop_prob

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply `dropout`."""
        return layers.dropout(inputs, self.drop_prob, self.training)

    def _module_info_string(self) -> str:
        return f"drop_prob={self.drop_prob}"
