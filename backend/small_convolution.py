"""The ordinary 3-D convolutions that torch leaves to its loop over patches, computed by oneDNN instead.

torch gives a float32 convolution of one sample to oneDNN only where `channels * depth * height` is above 20,480,
whatever the width is. Below, as on the deeper levels of a U-Net and where its volume comes in, it copies every patch
and multiplies matrices, which takes two to eight times as long, in both directions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from .algorithms import onednn
from .execution import eager
from .execution.shortcut import PLAIN
from .planning import faults
from .planning.case import records

if TYPE_CHECKING:
    from collections.abc import Sequence

# Below these torch's loop is as fast: a call of oneDNN costs more, or most of the patches is padding.
LEAST_VOXELS = 64
LEAST_PRODUCTS = 2**22

# torch's own choice for a call, asked rather than repeated; without it nothing is taken from torch.
_backend_of: Any = getattr(torch._C, "_select_conv_backend", None)
_loop: Any = getattr(getattr(torch._C, "_ConvBackend", None), "Slow3d", None)


def convolution(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> torch.Tensor | None:
    """Compute a convolution without groups by oneDNN where torch would not, or return None where torch is to.

    Shape:
        - input: `(1, C_in, D, H, W)`, contiguous or channels-last, which the output is then too
        - weight: `(C_out, C_in, kD, kH, kW)`
        - output: `(1, C_out, D_out, H_out, W_out)`

    Example:
        >>> volume, weight = torch.ones(1, 32, 8, 8, 8), torch.ones(32, 32, 3, 3, 3)
        >>> convolution(volume, weight, None, (1, 1, 1), (1, 1, 1), (1, 1, 1))[0, 0, 0, 0, :3]
        tensor([256., 384., 384.])
    """
    if not is_plain(input, weight, bias) or not _is_worth_a_call(input, weight, stride, padding, dilation):
        return None
    if not is_looped(input, weight, bias, stride, padding, dilation):
        return None
    if records(input, weight, bias):
        result: torch.Tensor = _Convolution.apply(  # type: ignore[no-untyped-call]
            input, weight, bias, stride, padding, dilation
        )
        return result
    return _forward(input, weight, bias, stride, padding, dilation)


def is_plain(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> bool:
    """Whether these are operands for oneDNN that nothing traces or intercepts; of others torch says what is wrong."""
    return (
        _loop is not None
        and onednn.available
        and type(input) in PLAIN
        and input.dtype is torch.float32
        and eager.applies(input, weight, bias)
        and input.device.type == "cpu"
        and not torch.is_autocast_enabled("cpu")
        and input.dim() == weight.dim() == 5
        and input.size(1) == weight.size(1)
        and all(each is None or each.dtype is torch.float32 for each in (weight, bias))
    )


def is_looped(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> bool:
    """Whether torch would compute a convolution of plain operands by its loop over patches."""
    chosen = _backend_of(input, weight, bias, stride, padding, dilation, False, (0, 0, 0), 1, (weight.size(0),))
    return bool(chosen == _loop)


def _is_worth_a_call(
    input: torch.Tensor, weight: torch.Tensor, stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int]
) -> bool:
    """Whether oneDNN takes less time than torch's loop, and is right."""
    size = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(input.shape[2:], weight.shape[2:], stride, padding, dilation, strict=True)
    ]
    voxels = math.prod(size)
    return (
        min(size) > 1
        and voxels >= LEAST_VOXELS
        and voxels * weight.numel() >= LEAST_PRODUCTS
        and max(weight.shape[2:]) > 1
        and not faults.misreads_convolution(input.size(2), weight.size(2), stride[0], padding[0], dilation[0])
    )


def _forward(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> torch.Tensor:
    result: torch.Tensor = torch.ops.mkldnn._convolution_pointwise(
        input, weight, bias, padding, stride, dilation, 1, "none", [], ""
    )
    return result


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        input: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        stride: Sequence[int],
        padding: Sequence[int],
        dilation: Sequence[int],
    ) -> torch.Tensor:
        ctx.save_for_backward(input, weight)
        ctx.arguments = (stride, padding, dilation)
        return _forward(input, weight, bias, stride, padding, dilation)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        input, weight = ctx.saved_tensors
        wanted = tuple(ctx.needs_input_grad[:3])
        with torch.autocast("cpu", enabled=False):
            if torch.is_grad_enabled():  # second derivatives: torch has them
                return *_by_torch(gradient, input, weight, ctx.arguments, wanted), None, None, None
            of_input = _of_input(gradient, input, weight, *ctx.arguments) if wanted[0] else None
            of_weight = of_bias = None
            if wanted[1] or wanted[2]:
                of_weight, of_bias = _of_parameters(gradient, input, weight, wanted[1:], *ctx.arguments)
        return of_input, of_weight, of_bias, None, None, None


def _by_torch(
    gradient: torch.Tensor, input: torch.Tensor, weight: torch.Tensor, arguments: Any, wanted: Sequence[bool]
) -> tuple[torch.Tensor | None, ...]:
    stride, padding, dilation = arguments
    found: tuple[torch.Tensor | None, ...] = torch.ops.aten.convolution_backward(
        gradient, input, weight, (weight.size(0),), stride, padding, dilation, False, (0, 0, 0), 1, wanted
    )
    return found


def _of_input(
    gradient: torch.Tensor,
    input: torch.Tensor,
    weight: torch.Tensor,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> torch.Tensor:
    """Return the gradient of the input: a transposed convolution, with the weight as it is."""
    extra = [
        n - ((m - 1) * s - 2 * p + d * (k - 1) + 1)
        for n, m, s, p, d, k in zip(
            input.shape[2:], gradient.shape[2:], stride, padding, dilation, weight.shape[2:], strict=True
        )
    ]
    result: torch.Tensor = torch.ops.mkldnn._convolution_transpose_pointwise(
        gradient, weight, None, padding, extra, stride, dilation, 1, "none", [], ""
    )
    return result


def _of_parameters(
    gradient: torch.Tensor,
    input: torch.Tensor,
    weight: torch.Tensor,
    wanted: Sequence[bool],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Return the gradients of weight and bias: of a batch of two, the halves of the volume, which oneDNN gets."""
    pad = torch.nn.functional.pad
    planes = gradient.size(2) // 2
    rest = gradient.size(2) - planes  # as many as planes, or one more
    start, length = planes * stride[0], (rest - 1) * stride[0] + dilation[0] * (weight.size(2) - 1) + 1
    volume = pad(input, (0, 0, 0, 0, padding[0], padding[0]))
    halves = torch.cat([volume[:, :, :length], volume[:, :, start : start + length]])
    first = pad(gradient[:, :, :planes], (0, 0, 0, 0, 0, rest - planes))
    gradients = torch.cat([first, gradient[:, :, planes:]])
    padding = (0, *padding[1:])
    wanted = (False, *wanted)
    _, of_weight, of_bias = _by_torch(gradients, halves, weight, (stride, padding, dilation), wanted)
    return of_weight, of_bias
