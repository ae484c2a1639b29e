"""Rows of pools along one, two or three axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError
from ..names import NAMES
from ..nn.mapped import mapped, mapped_all
from .windows import Windows, along, channels_last, pads_along, several

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["adaptive_avg", "adaptive_max", "average", "greatest"]

fn = NAMES.function
MAX: dict[int, Callable[..., Any]] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
ADAPTIVE_AVG: dict[int, Callable[..., Any]] = {
    1: F.adaptive_avg_pool1d,
    2: F.adaptive_avg_pool2d,
    3: F.adaptive_avg_pool3d,
}
ADAPTIVE_MAX: dict[int, Callable[..., Any]] = {
    1: F.adaptive_max_pool1d,
    2: F.adaptive_max_pool2d,
    3: F.adaptive_max_pool3d,
}
UNPOOL = {1: F.max_unpool1d, 2: F.max_unpool2d, 3: F.max_unpool3d}
FIRST = {1: "NCL", 2: "NCHW", 3: "NCDHW"}


def windows_of(
    x: Tensor, count: int, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool, data_format: str
) -> tuple[Windows, bool]:
    """Return where windows lie in `x`, and whether its channels are last."""
    last = channels_last(data_format, count, f"pool{count}d")
    kernel = several(kernel_size, count, "kernel_size")
    steps = kernel if stride is None else several(stride, count, "stride")
    if any(step < 1 for step in steps) or any(size < 1 for size in kernel):
        msg = f"kernel_size={kernel_size!r}, stride={stride!r}: both should be greater than 0."
        raise OperatorError(msg)
    if x.dim() != count + 2:
        msg = f"x should be {count + 2}-D tensor, but received {x.dim()}-D tensor. Reshape it to {data_format}."
        raise ValueError(msg)
    first = 1 if last else 2
    sizes = list(x.shape)[first : first + count]
    return Windows(sizes, kernel, steps, pads_along(padding, count, last=last), ceil_mode), last


def average(
    x: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    exclusive: bool = True,
    divisor_override: float | None = None,
    data_format: str = "NCDHW",
    *,
    count: int = 3,
) -> Tensor:
    """Return the means of windows.

    Args:
        x: `(N, C, ...)`, or the channels last.
        kernel_size: one int, or one for each axis.
        stride: likewise. Default: None, the kernel's size.
        padding: one int, one or two for each axis, pairs of all axes, 'SAME' or 'VALID'. Default: 0.
        ceil_mode: whether a window may end outside. Default: False.
        exclusive: whether padding is left out of the means. Default: True.
        divisor_override: what to divide the sums by. Default: None, the number of values.
        data_format: order of the axes. Default: 'NCDHW'.
        count: how many axes there are beside batch and channels.
    """
    where, last = windows_of(x, count, kernel_size, stride, padding, ceil_mode, data_format)

    def sums(x: Tensor) -> Tensor:
        flat = torch.unsqueeze(x, 2) if count == 1 else x
        pool = F.avg_pool3d if count == 3 else F.avg_pool2d
        one = [1] if count == 1 else []
        found = pool(flat, [*one, *where.kernel_size], [*one, *where.stride], divisor_override=1)
        return found[:, :, 0] if count == 1 else found

    def computed(x: Tensor) -> Tensor:
        if where.plain and count > 1:
            pool = F.avg_pool3d if count == 3 else F.avg_pool2d
            lows = [low for low, _ in where.pads]
            divisor = None if divisor_override is None else int(divisor_override)
            return pool(x, where.kernel_size, where.stride, lows, ceil_mode, not exclusive, divisor)
        totals = sums(F.pad(x, where.around()))
        if divisor_override:
            return totals / divisor_override
        for axis, values in enumerate(where.counted(exclusive=exclusive)):
            shape = [-1 if each == axis else 1 for each in range(count)]
            totals = totals / torch.tensor(values, dtype=x.dtype, device=x.device).reshape(shape)
        return totals

    return mapped(computed, x, channel_last=last)


def greatest(
    x: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    return_mask: bool = False,
    ceil_mode: bool = False,
    data_format: str = "NCDHW",
    *,
    count: int = 3,
) -> Any:
    """Return the greatest values of windows; arguments as in `average`.

    With `return_mask` also where they are: int32, counted in each channel.
    """
    where, last = windows_of(x, count, kernel_size, stride, padding, ceil_mode, data_format)

    def pool(*arguments: Any) -> tuple[Tensor, ...]:
        found = MAX[count](*arguments, return_indices=return_mask)
        return found if return_mask else (found,)

    def computed(x: Tensor) -> tuple[Tensor, ...]:
        if where.plain:
            lows = [low for low, _ in where.pads]
            return pool(x, where.kernel_size, where.stride, lows, 1, ceil_mode)
        around = where.around()
        least = torch.finfo(x.dtype).min if x.dtype.is_floating_point else torch.iinfo(x.dtype).min
        values, *places = pool(F.pad(x, around, value=least), where.kernel_size, where.stride, 0, 1, False)
        return values, *(_inside(each, where.sizes, around) for each in places)

    return _with_mask(*mapped_all(computed, x, channel_last=last))


def _with_mask(values: Tensor, places: Tensor | None = None) -> Any:
    return values if places is None else (values, torch.Tensor.to(places, torch.int32))


def _inside(places: Tensor, sizes: list[int], around: list[int]) -> Tensor:
    """Return places in a padded volume as places in the volume."""
    lows, highs = around[-2::-2], around[::-2]
    result, factor = torch.zeros_like(places), 1
    for size, low, high in reversed(list(zip(sizes, lows, highs, strict=True))):
        whole = size + low + high
        result = result + (places % whole - low).clamp(0, size - 1) * factor
        places, factor = places // whole, factor * size
    return result


def wanted(output_size: Any, x: Tensor, count: int, *, last: bool) -> list[int]:
    """Return a size for each axis, None for that of the input."""
    sizes = output_size if isinstance(output_size, (list, tuple)) else [output_size] * count
    if len(sizes) == 1:
        sizes = list(sizes) * count
    if len(sizes) != count:
        msg = f"output_size={output_size!r} should be an int, or {count} of them."
        raise OperatorError(msg)
    own = list(x.shape)[1 if last else 2 :]
    return [own[axis] if size is None else int(size) for axis, size in enumerate(sizes)]


def adaptive_avg(x: Tensor, output_size: Any, data_format: str = "NCDHW", *, count: int = 3) -> Tensor:
    """Return the means of as many windows as `output_size` says: one int or several; None keeps an axis."""
    last = channels_last(data_format, count, f"adaptive_avg_pool{count}d")
    return mapped(ADAPTIVE_AVG[count], x, wanted(output_size, x, count, last=last), channel_last=last)


def adaptive_max(x: Tensor, output_size: Any, return_mask: bool = False, *, count: int = 3) -> Any:
    """Return the greatest values of as many windows, and with `return_mask` where they are."""
    sizes = wanted(output_size, x, count, last=False)
    if return_mask:
        return _with_mask(*mapped_all(ADAPTIVE_MAX[count], x, sizes, True))
    return mapped(ADAPTIVE_MAX[count], x, sizes)


def power_average(
    x: Tensor,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    data_format: str = "NCHW",
    *,
    count: int = 2,
) -> Tensor:
    """Return the `norm_type`-norms of windows."""
    if norm_type == float("inf"):
        return greatest(x, kernel_size, stride, padding, False, ceil_mode, data_format, count=count)
    raised = torch.pow(x, norm_type)
    sums = average(
        raised, kernel_size, stride, padding, ceil_mode, divisor_override=1, data_format=data_format, count=count
    )
    return torch.pow(sums, 1.0 / norm_type)


def unpooled(
    x: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    data_format: str = "NCHW",
    output_size: Any = None,
    *,
    count: int = 2,
) -> Tensor:
    """Put values back to where they were the greatest, zeros elsewhere."""
    if channels_last(data_format, count, f"max_unpool{count}d"):
        msg = f"Attr(data_format) should be {FIRST[count]!r}. Received Attr(data_format): {data_format!r}."
        raise ValueError(msg)
    kernel = several(kernel_size, count, "kernel_size")
    steps = kernel if stride is None else several(stride, count, "stride")
    size = None if output_size is None else [int(each) for each in output_size][-count:]
    places = torch.Tensor.to(indices, torch.int64)
    return mapped(UNPOOL[count], x, places, kernel, steps, several(padding, count, "padding"), size)


fn("nn.functional.avg_pool3d", average)
fn("nn.functional.avg_pool2d", along(average, 2))
fn("nn.functional.avg_pool1d", along(average, 1, data_format="NCL"))
fn("nn.functional.max_pool3d", greatest)
fn("nn.functional.max_pool2d", along(greatest, 2))
fn("nn.functional.max_pool1d", along(greatest, 1, data_format="NCL"))
fn("nn.functional.adaptive_avg_pool3d", adaptive_avg)
fn("nn.functional.adaptive_avg_pool2d", along(adaptive_avg, 2))
fn("adaptive_avg_pool1d", along(adaptive_avg, 1, data_format="NCL"))
for count in (1, 2, 3):
    fn(f"nn.functional.adaptive_max_pool{count}d", along(adaptive_max, count))
    fn(f"nn.functional.max_unpool{count}d", along(unpooled, count))
for count in (1, 2):
    fn(f"nn.functional.lp_pool{count}d", along(power_average, count))
