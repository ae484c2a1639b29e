"""Faults of torch's convolutions on CPUs: what each is, how it was found, and what is done instead, in one place.

All were found in torch 2.13 with oneDNN 3.12, by `tests/fuzz/fuzz_gradients.py --of torch`, which compares
gradients of small random layers with exact ones. Where nothing else is said torch gives wrong numbers, writes beyond
its memory, or both. They are kept out of everything that computes a convolution here: `native()` and
`native_gradients()` for the transposed one, `conv3d()` for the ordinary one.

- **Half precisions** (`wide`). bfloat16, on processors with avx512_bf16 and more: the gradients of weight and input,
  and ordinary convolutions forward, for volumes thin along any axis; with AMX, gradients at strides of 2 and more, and
  for kernels of 8 and more, on any volume. Forward, the transposed one: with dilation the process may die, output
  padding beyond the padding leaves wrong planes, output padding beyond the stride has torch's own loop, which rounds
  between products. What is left is right (`rounds_once`). float16 and complex32 have correct code, which rounds
  between the products of a sum: 40000 + 40000 - 40000 is infinite. So all else is computed on float32 operands and
  rounded once.
- **Long padding** (`misread`), float32: the gradient of the weight, for few planes under a padding longer than a
  stride. The padding is put there by hand, or cut off by hand.
- **Channels-last volumes** (`is_safe`), float32: the gradient of the weight with groups and dilation together, and that
  of the input for one output channel and a volume of one column. They are computed on contiguous volumes.
- **Weights of other strides** (`ordered`), any dtype of oneDNN, with groups: torch takes a weight for channels-last
  whatever the strides of its axes of size 1 are, oneDNN reads them. They are copied. (A gradient of a weight's
  gradient may be stored so too, in second derivatives: torch's node meets it alone.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..caching import remembered
from ..execution.geometry import uncut, window
from ..execution.layout import is_channels_last_3d

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..arguments import Triple
    from ..execution.geometry import Window
    from ..spec import ConvTranspose3dSpec

_WIDE = {torch.float16: torch.float32, torch.bfloat16: torch.float32, torch.complex32: torch.complex64}


def wide(dtype: torch.dtype) -> torch.dtype:
    """Return the dtype in which a CPU computes a convolution of another: operands are cast to it, results rounded."""
    return _WIDE.get(dtype, dtype)


def rounds_once(plan: Window, dilation: Sequence[int]) -> bool:
    """Whether oneDNN computes a transposed convolution of bfloat16 operands right, in any layout of theirs.

    The sums are float32 and rounded once, with the bias. Not so where torch does not call oneDNN, for which the rates
    of the machine stand; and not where the bias is added afterwards, to what was rounded.
    """
    within = all(extra <= padding for padding, extra in zip(plan.padding, plan.output_padding, strict=True))
    return max(dilation) == 1 and within and not plan.extend


def safe_window(spec: ConvTranspose3dSpec, size: Sequence[int]) -> Window:
    """Return the arguments for torch's operator on an input of this size; symbols stand for sizes that are safe."""
    depth, height, width = size
    return uncut(spec) if type(depth) is int and misread(spec, (depth, height, width)) else window(spec)


@remembered
def misread(spec: ConvTranspose3dSpec, size: Triple) -> bool:
    """Whether the weight gradient in float32 may be wrong on an input of this size, because of padding along D.

    oneDNN walks the windows along D. It loses its place where a window reaches beyond the end of the volume while the
    one before it still begins in the padding, and the padding is longer than a stride. Found by comparing all
    kernels from 3 to 7, strides, paddings and depths below 7; this covers all that were wrong, and some that were not.
    """
    plan = window(spec)
    (pad, *_), (extra, *_) = plan.padding, plan.output_padding
    reach = spec.dilation[0] * (spec.kernel_size[0] - 1)
    return _loses_its_place(
        size[0], reach, spec.stride[0], pad, (size[0] - 1) * spec.stride[0] + reach + 1 - 2 * pad + extra
    )


def misreads_convolution(length: int, kernel_size: int, stride: int, padding: int, dilation: int) -> bool:
    """Say the same of an ordinary convolution along D; symbols stand for sizes that are safe."""
    reach = dilation * (kernel_size - 1)
    if type(length) is not int or type(reach) is not int or stride < 1:
        return False
    return _loses_its_place((length + 2 * padding - reach - 1) // stride + 1, reach, stride, padding, length)


def _loses_its_place(windows: int, reach: int, stride: int, padding: int, length: int) -> bool:
    if padding <= stride:  # first, so that sizes that are symbols are not looked at
        return False
    last = min(windows - 1, -(-padding // stride))
    return last > 0 and last * stride - padding + reach >= length


def is_safe(input: torch.Tensor, spec: ConvTranspose3dSpec) -> bool:
    """Whether torch's operator may have this input as it is stored."""
    return not is_channels_last_3d(input) or is_safe_in_any_layout(spec, input.size(-1))


def is_safe_in_any_layout(spec: ConvTranspose3dSpec, width: int) -> bool:
    """Whether torch's operator may have channels-last inputs of this width."""
    return not (spec.groups > 1 < max(spec.dilation) or (spec.out_channels == 1 and width == 1))


def ordered(weight: torch.Tensor) -> torch.Tensor:
    """Return a weight whose strides are those of a contiguous or channels-last one, axes of size 1 included."""
    if weight.stride() in _orders(tuple(weight.shape)):
        return weight
    return weight.clone(memory_format=torch.contiguous_format)


@remembered
def _orders(shape: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    orders = []
    for axes in ((4, 3, 2, 1, 0), (1, 4, 3, 2, 0)):
        strides, step = [0] * 5, 1
        for axis in axes:
            strides[axis], step = step, step * shape[axis]
        orders.append(tuple(strides))
    return orders[0], orders[1]
