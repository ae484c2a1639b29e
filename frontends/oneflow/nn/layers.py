"""Mirrors what else of `oneflow.nn.functional` a small network needs; torch computes it, under OneFlow's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError, convolution
from ....backend.arguments import triple
from ...calls import explain_calls
from ...tensor import like, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from ....backend.arguments import IntOrTriple

__all__ = [
    "avg_pool3d",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "conv3d",
    "cross_entropy",
    "dropout",
    "elu",
    "interpolate",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool3d",
    "pad",
    "prelu",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
]


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: IntOrTriple = 1,
    padding: IntOrTriple = 0,
    dilation: IntOrTriple = 1,
    groups: int = 1,
    channel_pos: str = "channels_first",
) -> Tensor:
    """Apply a 3-D convolution, the cross-correlation of neural networks.

    Args:
        input: the volume, `(N, C_in, D, H, W)`.
        weight: `(C_out, C_in / groups, kD, kH, kW)`.
        bias: `(C_out,)`, or None. Default: None.
        stride: one int or three. Default: 1.
        padding: one int or three: zeros on both sides. Default: 0.
        dilation: one int or three. Default: 1.
        groups: a divisor of both channel counts. Default: 1.
        channel_pos: only 'channels_first' here.

    Raises:
        NotImplementedError: `channel_pos` is another.
    """
    if channel_pos != "channels_first":
        msg = f"channel_pos={channel_pos!r}; here is 'channels_first'. Move the channels with permute()."
        raise NotImplementedError(msg)
    sizes = triple(stride, "stride"), triple(padding, "padding"), triple(dilation, "dilation")
    return _on(input, convolution.conv3d, weight, bias, *sizes, groups)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return `input` times the transposed weight `(out, in)`, plus the bias `(out,)`."""
    return _on(input, F.linear, weight, bias)


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise over the last axes, of sizes `normalized_shape`."""
    return _on(input, F.layer_norm, tuple(normalized_shape), weight, bias, eps)


def prelu(x: Tensor, alpha: Tensor) -> Tensor:
    """Multiply what is below zero by `alpha`, `(1,)` or one per channel."""
    return _on(x, F.prelu, alpha)


def max_pool3d(
    x: Tensor,
    kernel_size: IntOrTriple,
    stride: IntOrTriple | None = None,
    padding: IntOrTriple = 0,
    dilation: IntOrTriple = 1,
    return_indices: bool = False,
    ceil_mode: bool = False,
) -> Any:
    """Return the largest value of each window, and with `return_indices` where it is."""
    size = triple(kernel_size, "kernel_size")
    step = size if stride is None else triple(stride, "stride")
    sides, spread = triple(padding, "padding"), triple(dilation, "dilation")
    pool = F.max_pool3d_with_indices if return_indices else F.max_pool3d
    return pool(x, size, step, sides, spread, ceil_mode)


def avg_pool3d(
    input: Tensor,
    kernel_size: IntOrTriple,
    stride: IntOrTriple | None = None,
    padding: IntOrTriple = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int = 0,
) -> Tensor:
    """Return the mean of each window, or its sum by `divisor_override` where that is not 0."""
    size, sides = triple(kernel_size, "kernel_size"), triple(padding, "padding")
    step = size if stride is None else triple(stride, "stride")
    return F.avg_pool3d(input, size, step, sides, ceil_mode, count_include_pad, divisor_override or None)


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """Resize to a size or by a factor; arguments as in torch's function."""
    return F.interpolate(input, size, scale_factor, mode, align_corners, recompute_scale_factor)


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float = 0) -> Tensor:
    """Add `value` to the low and high side of the last axis, then of the one before, and so on.

    Raises:
        NotImplementedError: another mode for a volume, which OneFlow lacks too.
    """
    if mode != "constant" and input.dim() == 5:
        msg = f"mode={mode!r} of a volume: OneFlow 0.9 has 'constant' only. Use that."
        raise NotImplementedError(msg)
    return F.pad(input, list(pad), mode, value if mode == "constant" else None)


def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    generator: Any = None,
    *,
    addend: Tensor | None = None,
) -> Tensor:
    """Set elements to zero with probability `p`, scale the others, and add `addend`.

    Raises:
        NotImplementedError: a generator is given.
    """
    if generator is not None:
        msg = "generator: only None here; seed with oneflow.manual_seed(). Leave it out."
        raise NotImplementedError(msg)
    result = F.dropout(input, p, training, inplace)
    return result if addend is None else result + addend


def leaky_relu(x: Tensor, alpha: float) -> Tensor:
    """Multiply what is below zero by `alpha`, which has no default in OneFlow."""
    return F.leaky_relu(x, alpha)


def elu(x: Tensor, alpha: float) -> Tensor:
    """Return `x` above zero and `alpha * (exp(x) - 1)` below; `alpha` has no default in OneFlow."""
    return F.elu(x, alpha)


def softplus(x: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Return `log(1 + exp(beta * x)) / beta`, and `x` where `beta * x` is above the threshold."""
    return F.softplus(x, beta, threshold)


def sigmoid(x: Tensor) -> Tensor:
    """Return `1 / (1 + exp(-x))`."""
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """Return the hyperbolic tangent."""
    return torch.tanh(x)


def softmax(x: Tensor, dim: int | None = None) -> Tensor:
    """Return exponentials that add up to 1 along an axis; without one, axis 0 of 0, 1 or 3 axes, and axis 1 else."""
    return torch.softmax(x, _axis(x, dim))


def log_softmax(x: Tensor, dim: int | None = None) -> Tensor:
    """Return the logarithm of `softmax`."""
    return torch.log_softmax(x, _axis(x, dim))


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross entropy of scores `(N, C, ...)` and classes `(N, ...)`, reduced."""
    return F.cross_entropy(
        input,
        target,
        weight,
        ignore_index=ignore_index,
        reduction=_reduction(reduction),
        label_smoothing=label_smoothing,
    )


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """Return the cross entropy of probabilities and yes or no, reduced."""
    return F.binary_cross_entropy(input, target, weight, reduction=_reduction(reduction))


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the cross entropy of scores and yes or no, reduced."""
    return F.binary_cross_entropy_with_logits(
        input, target, weight, reduction=_reduction(reduction), pos_weight=pos_weight
    )


def _on(input: Tensor, function: Callable[..., Tensor], *operands: Any) -> Tensor:
    """Call torch; the class of the result is the input's, whatever those of the operands."""
    values = [plain(operand) if isinstance(operand, torch.Tensor) else operand for operand in operands]
    return like(function(plain(input), *values), input)


def _axis(x: Tensor, dim: int | None) -> int:
    if dim is not None:
        return dim
    return 0 if x.dim() in (0, 1, 3) else 1


def _reduction(reduction: str) -> str:
    if reduction not in ("mean", "sum", "none"):
        msg = f"reduction={reduction!r}; legal are 'mean', 'sum' and 'none'."
        raise OperatorError(msg)
    return reduction


explain_calls(globals())
