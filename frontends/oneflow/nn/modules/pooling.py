"""Mirrors the pooling of volumes, and resizing, of `oneflow.nn`; torch computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .....backend.arguments import triple
from .layer import Layer

if TYPE_CHECKING:
    from .....backend.arguments import IntOrTriple

__all__ = ["AdaptiveAvgPool3d", "AdaptiveMaxPool3d", "AvgPool3d", "MaxPool3d", "Upsample"]


class MaxPool3d(Layer, torch.nn.MaxPool3d):
    """Largest values of windows; arguments in OneFlow's order, which is torch's, kept as three ints each.

    >>> import fourfold.frontends.oneflow as flow
    >>> MaxPool3d(2)(flow.arange(8.0).reshape(1, 1, 2, 2, 2)).tolist()
    [[[[[7.0]]]]]
    """

    def __init__(
        self,
        kernel_size: IntOrTriple,
        stride: IntOrTriple | None = None,
        padding: IntOrTriple = 0,
        dilation: IntOrTriple = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        size = triple(kernel_size, "kernel_size")
        super().__init__(
            size,
            size if stride is None else triple(stride, "stride"),
            triple(padding, "padding"),
            triple(dilation, "dilation"),
            return_indices,
            ceil_mode,
        )

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}"


class AvgPool3d(Layer, torch.nn.AvgPool3d):
    """Means of windows; `divisor_override=0`, the default, is torch's None."""

    def __init__(
        self,
        kernel_size: IntOrTriple,
        stride: IntOrTriple | None = None,
        padding: IntOrTriple = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int = 0,
    ) -> None:
        size = triple(kernel_size, "kernel_size")
        super().__init__(
            size,
            size if stride is None else triple(stride, "stride"),
            triple(padding, "padding"),
            ceil_mode,
            count_include_pad,
            divisor_override or None,
        )

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, ceil_mode={self.ceil_mode}"
        )


class AdaptiveAvgPool3d(Layer, torch.nn.AdaptiveAvgPool3d):
    """Means of windows that give an output of `output_size`."""


class AdaptiveMaxPool3d(Layer, torch.nn.AdaptiveMaxPool3d):
    """Largest values of windows that give an output of `output_size`."""


class Upsample(Layer, torch.nn.Upsample):
    """Resize a volume to a size or by a factor, by `mode` 'nearest' or 'trilinear'."""

    def __init__(
        self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
    ) -> None:
        super().__init__(size, scale_factor, mode, align_corners)
        self.scale_factor = scale_factor

    def extra_repr(self) -> str:
        """Return OneFlow's text."""
        given = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{given}, mode={self.mode}"
