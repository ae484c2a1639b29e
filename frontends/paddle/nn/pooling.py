"""Mirrors the 3-D pools of `paddle.nn`; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..rows.pools import adaptive_avg, adaptive_max, average, greatest
from ..rows.windows import channels_last, pads_along, several
from .layer import Layer

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["AdaptiveAvgPool3D", "AdaptiveMaxPool3D", "AvgPool3D", "MaxPool3D"]


class _Pool(Layer):
    def __init__(self, kernel_size: Any, stride: Any, padding: Any, data_format: str, **options: Any) -> None:
        super().__init__()
        last = channels_last(data_format, 3, "pool3d")
        several(kernel_size, 3, "kernel_size")
        several(0 if stride is None else stride, 3, "stride")
        pads_along(padding, 3, last=last)
        self.ksize, self.stride, self.padding, self.data_format = kernel_size, stride, padding, data_format
        self._options = options

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"kernel_size={self.ksize}, stride={self.stride}, padding={self.padding}"


class AvgPool3D(_Pool):
    """Layer of `avg_pool3d`, with the same arguments.

    >>> AvgPool3D(2)
    AvgPool3D(kernel_size=2, stride=None, padding=0)
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        exclusive: bool = True,
        divisor_override: int | None = None,
        data_format: str = "NCDHW",
        name: str | None = None,
    ) -> None:
        super().__init__(
            kernel_size,
            stride,
            padding,
            data_format,
            ceil_mode=ceil_mode,
            exclusive=exclusive,
            divisor_override=divisor_override,
        )

    def forward(self, x: Tensor) -> Tensor:
        """Apply `avg_pool3d`."""
        return average(x, self.ksize, self.stride, self.padding, data_format=self.data_format, **self._options)


class MaxPool3D(_Pool):
    """Layer of `max_pool3d`, with the same arguments."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        return_mask: bool = False,
        ceil_mode: bool = False,
        data_format: str = "NCDHW",
        name: str | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, data_format, return_mask=return_mask, ceil_mode=ceil_mode)

    def forward(self, x: Tensor) -> Any:
        """Apply `max_pool3d`."""
        return greatest(x, self.ksize, self.stride, self.padding, data_format=self.data_format, **self._options)


class AdaptiveAvgPool3D(Layer):
    """Layer of `adaptive_avg_pool3d`, with the same arguments."""

    def __init__(self, output_size: Any, data_format: str = "NCDHW", name: str | None = None) -> None:
        super().__init__()
        channels_last(data_format, 3, "adaptive_avg_pool3d")
        self._output_size, self._data_format = output_size, data_format

    def forward(self, x: Tensor) -> Tensor:
        """Apply `adaptive_avg_pool3d`."""
        return adaptive_avg(x, self._output_size, self._data_format)

    def extra_repr(self) -> str:
        """Return the size."""
        return f"output_size={self._output_size}"


class AdaptiveMaxPool3D(Layer):
    """Layer of `adaptive_max_pool3d`, with the same arguments."""

    def __init__(self, output_size: Any, return_mask: bool = False, name: str | None = None) -> None:
        super().__init__()
        self._output_size, self._return_mask = output_size, return_mask

    def forward(self, x: Tensor) -> Any:
        """Apply `adaptive_max_pool3d`."""
        return adaptive_max(x, self._output_size, self._return_mask)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"output_size={self._output_size}, return_mask={self._return_mask}"
