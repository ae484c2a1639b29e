"""Rows of pools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch.nn.functional as F

from ..names import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def largest(axes: int) -> Callable[..., Any]:
    """Return torch's pool of the largest values, with the indices where they are asked for."""
    alone, with_indices = getattr(F, f"max_pool{axes}d"), getattr(F, f"max_pool{axes}d_with_indices")

    def pool(
        x: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> Any:
        return (with_indices if return_indices else alone)(x, kernel_size, stride, padding, dilation, ceil_mode)

    return pool


def mean(axes: int) -> Callable[..., Tensor]:
    """Return torch's pool of means, for which a divisor of 0 is none."""
    function = getattr(F, f"avg_pool{axes}d")

    def pool(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int = 0,
    ) -> Tensor:
        window = kernel_size, stride, padding, ceil_mode, count_include_pad
        if axes == 1 and divisor_override:
            return _lines(input, *window, divisor_override)
        options = {"divisor_override": divisor_override} if divisor_override else {}
        found: Tensor = function(input, *window, **options)
        return found

    return pool


def _lines(x: Tensor, kernel_size: Any, stride: Any, padding: Any, *options: Any) -> Tensor:
    """Pool lines as planes of height 1, for torch's pool of lines has no divisor."""
    size, step, pad = (each[0] if isinstance(each, (list, tuple)) else each for each in (kernel_size, stride, padding))
    pooled = F.avg_pool2d(x.unsqueeze(-2), (1, size), (1, size if step is None else step), (0, pad), *options)
    return pooled.squeeze(-2)


for axes in (1, 2, 3):
    fn(f"nn.functional.max_pool{axes}d", largest(axes))
    fn(f"nn.functional.avg_pool{axes}d", mean(axes))
    fn(f"nn.functional.adaptive_avg_pool{axes}d", getattr(F, f"adaptive_avg_pool{axes}d"))
    fn(f"adaptive_avg_pool{axes}d", getattr(F, f"adaptive_avg_pool{axes}d"))
    fn(f"nn.functional.adaptive_max_pool{axes}d", getattr(F, f"adaptive_max_pool{axes}d"))
    fn(f"nn.functional.max_unpool{axes}d", getattr(F, f"max_unpool{axes}d"))
