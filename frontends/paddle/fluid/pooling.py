"""Mirrors the 3-D pools of `paddle.fluid.layers`; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..rows.pools import adaptive_avg, adaptive_max, average, greatest

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["adaptive_pool3d", "pool3d"]


def pool3d(
    input: Tensor,
    pool_size: Any = -1,
    pool_type: str = "max",
    pool_stride: Any = 1,
    pool_padding: Any = 0,
    global_pooling: bool = False,
    *,
    ceil_mode: bool = False,
    exclusive: bool = True,
    data_format: str = "NCDHW",
) -> Tensor:
    """Return the greatest values, or the means, of windows.

    Args:
        input: the volumes.
        pool_size: one int or three; not needed for `global_pooling`. Default: -1, which must be changed.
        pool_type: 'max' or 'avg'. Default: 'max'.
        pool_stride: one int or three. Default: 1, unlike Paddle's later pools.
        pool_padding: one int or three, on both sides. Default: 0.
        global_pooling: one window for each volume. Default: False.
        ceil_mode: whether a window may end outside. Default: False.
        exclusive: whether padding is left out of means. Default: True.
        data_format: 'NCDHW' or 'NDHWC'. Default: 'NCDHW'.

    Raises:
        ValueError: an argument is illegal.
        NotImplementedError: a padding with unlike sides.

    >>> import torch
    >>> pool3d(torch.ones(1, 1, 4, 4, 4), 2, "avg").shape, pool3d(torch.ones(1, 1, 4, 4, 4), global_pooling=True).shape
    (torch.Size([1, 1, 3, 3, 3]), torch.Size([1, 1, 1, 1, 1]))
    """
    _check_type(pool_type)
    if global_pooling:
        pool_size = list(input.shape[2:] if data_format == "NCDHW" else input.shape[1:4])
        pool_stride, pool_padding = 1, 0
    elif pool_size == -1:
        msg = "When Attr(global_pooling) is False, Attr(pool_size) must be passed: an int or three."
        raise ValueError(msg)
    windows = (input, pool_size, pool_stride, pool_padding)
    if pool_type == "max":
        found: Tensor = greatest(*windows, ceil_mode=ceil_mode, data_format=data_format)
        return found
    return average(*windows, ceil_mode, exclusive, data_format=data_format)


def adaptive_pool3d(input: Tensor, pool_size: Any, pool_type: str = "max") -> Tensor:
    """Return the greatest values, or the means, of as many windows as `pool_size` says: one int or three."""
    _check_type(pool_type)
    if pool_type == "max":
        found: Tensor = adaptive_max(input, pool_size)
        return found
    return adaptive_avg(input, pool_size)


def _check_type(pool_type: Any) -> None:
    if pool_type not in ("max", "avg"):
        msg = f"Unknown Attr(pool_type): {pool_type!r}. It can only be 'max' or 'avg'."
        raise ValueError(msg)
