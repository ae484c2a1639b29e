"""Rows of pools whose windows lie at fractions of a voxel, and of those that undo a pool."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....backend import OperatorError
from ...names import kept
from ..names import NAMES
from ..nn.mapped import mapped_all
from . import pools  # noqa: F401, whose rows the layers call
from .layers_volumes import shows
from .windows import along, several

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn: Any = NAMES.function
layer: Any = NAMES.layer


def greatest_of(
    x: Tensor,
    output_size: Any,
    kernel_size: Any = None,
    random_u: float | None = None,
    return_mask: bool = False,
    *,
    count: int,
) -> Any:
    """Return the greatest values of windows that begin at multiples of a fraction, as the paper has it.

    Args:
        x: `(N, C, ...)`.
        output_size: one int or one for each axis; None keeps an axis.
        kernel_size: of windows that may overlap. Default: None, windows that touch.
        random_u: where the first begins, between 0 and 1. Default: None, drawn.
        return_mask: whether to say where they are: int32, counted in each channel.
        count: how many axes there are beside batch and channels.

    Raises:
        ValueError: `random_u` is not between 0 and 1, or `x` has other axes.
    """
    if x.dim() != count + 2:
        msg = f"The x should have {count + 2} axes, but received shape {list(x.shape)}. Reshape it."
        raise OperatorError(msg)
    if random_u is not None and not 0 < random_u < 1:
        msg = f"The param `random_u` should be a `float` in (0, 1). Received {random_u!r}."
        raise ValueError(msg)
    u = float(torch.rand(())) if random_u is None else random_u
    kernel = [0] * count if kernel_size is None else several(kernel_size, count, "kernel_size")
    sizes = list(x.shape)[2:]
    given = output_size if isinstance(output_size, (list, tuple)) else [output_size] * count
    counts = [size if wanted is None else int(wanted) for size, wanted in zip(sizes, given, strict=True)]
    for size, wanted, length in zip(sizes, counts, kernel, strict=True):
        if size < wanted - 1 + max(length, 1):
            msg = f"an axis of {size} is less than output_size - 1 + kernel_size for {output_size=}, {kernel_size=}."
            raise OperatorError(msg)
    places = [
        torch.tensor(windows(size, wanted, length, u), device=x.device)
        for size, wanted, length in zip(sizes, counts, kernel, strict=True)
    ]

    def computed(x: Tensor) -> tuple[Tensor, Tensor]:
        # the flat place of every value of every window: (outputs of all axes, windows of all axes)
        flat = torch.zeros((), dtype=torch.int64, device=x.device)
        for axis, (size, where) in enumerate(zip(sizes, places, strict=True)):
            shape = [1] * (2 * count)
            shape[axis], shape[count + axis] = where.shape
            flat = flat * size + where.reshape(shape)
        flat = flat.reshape(math.prod(counts), -1)
        values = x.flatten(2)[:, :, flat]
        best = values.detach().argmax(-1, keepdim=True)
        found = values.gather(-1, best).reshape(*x.shape[:2], *counts)
        mask = flat.expand_as(values).gather(-1, best).reshape(found.shape)
        return found, torch.Tensor.to(mask, torch.int32)

    found, mask = mapped_all(computed, x)
    return (found, mask) if return_mask else found


def windows(size: int, count: int, length: int, u: float) -> list[list[int]]:
    """Return where the values of each window are, the last of shorter ones again: all have one length.

    alpha is the mean step, u where the first begins; Paddle computes them in float32.
    """
    single = np.float32
    alpha = single(single(size - length) / (count - 1 if length else count)) if count > 1 or not length else single(0)
    begin = single(u)
    if not length:
        base = size // count
        most = min(single(base + 2) / alpha - single(1), single(size + 1 - base) / alpha - single(count - 1))
        begin = single(begin * single(most))
    first = int(begin * alpha)
    found = []
    for index in range(count):
        start = max(int((single(index) + begin) * alpha) - first, 0)
        end = start + length if length else int((single(index + 1) + begin) * alpha) - first
        found.append(list(range(start, min(end, size))))
    longest = max(map(len, found))
    return [each + each[-1:] * (longest - len(each)) for each in found]


def undone(axes: int) -> Callable[..., Tensor]:
    """Return the function of a layer that undoes a pool, of which a call may say how large its result is."""
    function = NAMES.get(f"nn.functional.max_unpool{axes}d")

    def computed(
        x: Tensor,
        indices: Tensor,
        output_size: Any,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        data_format: str,
        default: Any,
    ) -> Tensor:
        if output_size:
            msg = "output_size in forward overrides output_size in __init__."
            warnings.warn(msg, stacklevel=4)
        size = output_size or default
        return function(x, indices, kernel_size, stride, padding, data_format, size)

    return computed


for axes in (2, 3):
    fn(f"nn.functional.fractional_max_pool{axes}d", along(greatest_of, axes))
    layer(
        f"nn.FractionalMaxPool{axes}D",
        f"nn.functional.fractional_max_pool{axes}d",
        shown=shows("output_size:_output_size return_mask:_return_mask"),
    )
for axes in (1, 2, 3):
    layer(
        f"nn.MaxUnPool{axes}D",
        undone(axes),
        shown=shows("output_size"),
        kernel_size=kept("ksize", "kernel_size"),
        stride=kept("stride"),
        padding=kept("padding"),
        data_format=kept("data_format"),
        output_size=kept("output_size", "default"),
    )
