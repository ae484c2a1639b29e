"""Mirrors the 3-D pools of `paddle.nn`; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...calls import explain_calls
from .layer import Layer
from .mapped import mapped, mapped_all
from .padding import check_data_format, pads_of, triple_of

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["AdaptiveAvgPool3D", "AdaptiveMaxPool3D", "AvgPool3D", "MaxPool3D"]


def avg_pool3d(
    x: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    exclusive: bool = True,
    divisor_override: int | None = None,
    data_format: str = "NCDHW",
) -> Tensor:
    """Return the means of windows.

    Args:
        x: the volumes.
        kernel_size: one int or three.
        stride: one int or three. Default: None, the kernel's size.
        padding: one int or three, zeros on both sides; also the longer forms of a convolution, if both sides are
            equal, and 'VALID'. Default: 0.
        ceil_mode: whether a window may end outside. Default: False.
        exclusive: whether padding is left out of the means. Default: True.
        divisor_override: what to divide the sums by. Default: None, the number of values.
        data_format: 'NCDHW' or 'NDHWC'. Default: 'NCDHW'.

    Raises:
        ValueError: an argument is illegal.
        NotImplementedError: 'SAME', sides that differ, or a window that lies in the padding alone.

    >>> avg_pool3d(torch.ones(1, 1, 4, 4, 4), 2).shape
    torch.Size([1, 1, 2, 2, 2])
    """
    windows = _windows(kernel_size, stride, padding, data_format)
    output = mapped(
        F.avg_pool3d,
        x,
        *windows,
        ceil_mode,
        not exclusive,
        divisor_override,
        channel_last=data_format == "NDHWC",
    )
    return _checked(output, x, windows, ceil_mode, data_format)


def max_pool3d(
    x: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    return_mask: bool = False,
    ceil_mode: bool = False,
    data_format: str = "NCDHW",
) -> Any:
    """Return the greatest values of windows; arguments as in `avg_pool3d`.

    With `return_mask` also where they are: int32, counted in each channel's volume.
    """
    windows = _windows(kernel_size, stride, padding, data_format)
    output, mask = mapped_all(F.max_pool3d, x, *windows, 1, ceil_mode, True, channel_last=data_format == "NDHWC")
    _checked(output, x, windows, ceil_mode, data_format)
    return (output, mask.to(torch.int32)) if return_mask else output


def adaptive_avg_pool3d(x: Tensor, output_size: Any, data_format: str = "NCDHW") -> Tensor:
    """Return the means of as many windows as `output_size` says: one int or three; None keeps an axis."""
    check_data_format(data_format)
    sizes = [output_size] * 3 if output_size is None or isinstance(output_size, int) else list(output_size)
    return mapped(F.adaptive_avg_pool3d, x, sizes, channel_last=data_format == "NDHWC")


def adaptive_max_pool3d(x: Tensor, output_size: Any, return_mask: bool = False) -> Any:
    """Return the greatest values of as many windows, and with `return_mask` where they are."""
    sizes = [output_size] * 3 if output_size is None or isinstance(output_size, int) else list(output_size)
    output, mask = mapped_all(F.adaptive_max_pool3d, x, sizes, True)
    return (output, mask.to(torch.int32)) if return_mask else output


def _windows(kernel_size: Any, stride: Any, padding: Any, data_format: str) -> tuple[list[int], list[int], list[int]]:
    check_data_format(data_format)
    kernel = triple_of(kernel_size, "kernel_size")
    pads = pads_of(padding, data_format)
    if pads is None or any(low != high for low, high in pads):
        msg = f"padding={padding!r} is not supported here: sides must be equal, and known. Pad the input first."
        raise NotImplementedError(msg)
    return kernel, kernel if stride is None else triple_of(stride, "stride"), [low for low, _ in pads]


def _checked(
    output: Tensor, x: Tensor, windows: tuple[list[int], list[int], list[int]], ceil_mode: bool, data_format: str
) -> Tensor:
    first = 2 if data_format == "NCDHW" else 1
    sizes = zip(output.shape[first:], x.shape[first:], *windows, strict=False)
    if ceil_mode and any(found != -(-(n + 2 * p - k) // s) + 1 for found, n, k, s, p in sizes):
        msg = "ceil_mode=True: a window would lie in the padding alone. Choose another padding."
        raise NotImplementedError(msg)
    return output


class _Pool(Layer):
    def __init__(self, kernel_size: Any, stride: Any, padding: Any, data_format: str, **options: Any) -> None:
        super().__init__()
        _windows(kernel_size, stride, padding, data_format)
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
        return avg_pool3d(x, self.ksize, self.stride, self.padding, data_format=self.data_format, **self._options)


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
    ) -> None:
        super().__init__(kernel_size, stride, padding, data_format, return_mask=return_mask, ceil_mode=ceil_mode)

    def forward(self, x: Tensor) -> Any:
        """Apply `max_pool3d`."""
        return max_pool3d(x, self.ksize, self.stride, self.padding, data_format=self.data_format, **self._options)


class AdaptiveAvgPool3D(Layer):
    """Layer of `adaptive_avg_pool3d`, with the same arguments."""

    def __init__(self, output_size: Any, data_format: str = "NCDHW") -> None:
        super().__init__()
        check_data_format(data_format)
        self._output_size, self._data_format = output_size, data_format

    def forward(self, x: Tensor) -> Tensor:
        """Apply `adaptive_avg_pool3d`."""
        return adaptive_avg_pool3d(x, self._output_size, self._data_format)

    def extra_repr(self) -> str:
        """Return the size."""
        return f"output_size={self._output_size}"


class AdaptiveMaxPool3D(Layer):
    """Layer of `adaptive_max_pool3d`, with the same arguments."""

    def __init__(self, output_size: Any, return_mask: bool = False) -> None:
        super().__init__()
        self._output_size, self._return_mask = output_size, return_mask

    def forward(self, x: Tensor) -> Any:
        """Apply `adaptive_max_pool3d`."""
        return adaptive_max_pool3d(x, self._output_size, self._return_mask)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"output_size={self._output_size}, return_mask={self._return_mask}"


explain_calls(globals())
