"""Normalisations, dropout and tables, as functions of what is learned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...tensor import like, plain
from ..static.executor import is_tested
from ..static.graph import deferred
from ..values import single
from . import modes
from .activations import acting
from .names import row
from .windows import with_channels_second

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__ = [
    "batch_normalized",
    "channels_of",
    "dropped",
    "embedded",
    "factored",
    "group_normalized",
    "instance_normalized",
    "layer_normalized",
]


def plainly(value: Tensor | None) -> Any:
    """Return a parameter without its class; None stays None."""
    return None if value is None else plain(value)


def channels_of(input: Any, data_layout: str) -> int:
    """Return the number of channels.

    Raises:
        ValueError: there is no such layout.
    """
    check_layout(data_layout)
    return int(input.shape[1] if data_layout == "NCHW" else input.shape[-1])


def check_layout(data_layout: Any) -> Any:
    """Return a layout that fluid has: NCHW or NHWC, for volumes too."""
    if data_layout not in ("NCHW", "NHWC"):
        msg = f"data_layout={data_layout!r}; legal are 'NCHW' and 'NHWC', for volumes too."
        raise ValueError(msg)
    return data_layout


@acting
def batch_normalized(
    input: Tensor,
    mean: Tensor,
    variance: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.9,
    epsilon: float = 1e-5,
    data_layout: str = "NCHW",
    use_global_stats: bool = False,
) -> Tensor:
    """Normalise every channel: by the batch while training, which changes mean and variance, else by these.

    `momentum` is how much of them a step keeps, 1 minus torch's; the variance is that of the values themselves.
    """
    scale, shift, momentum = plainly(weight), plainly(bias), single(momentum)

    def applied(x: Tensor) -> Tensor:
        if not training or use_global_stats or is_tested():
            return F.batch_norm(x, plain(mean), plain(variance), scale, shift, False, 0.0, single(epsilon))
        count = x.numel() // x.shape[1]
        if count == 1:
            # torch refuses it; the release returns what it was given
            return x.clone()
        means, variances = torch.zeros_like(plain(mean)), torch.ones_like(plain(variance))
        found = F.batch_norm(x, means, variances, scale, shift, True, 1.0, single(epsilon))
        with torch.no_grad():
            plain(mean).mul_(momentum).add_(means, alpha=1 - momentum)
            plain(variance).mul_(momentum).add_(variances, alpha=(1 - momentum) * (count - 1) / count)
        return found

    return with_channels_second(applied, input, data_layout)


@acting
def layer_normalized(
    input: Tensor,
    shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    epsilon: float = 1e-5,
) -> Tensor:
    """Normalise over the last axes, whose sizes are given; weight and bias are flat."""
    last = input.dim() - len(shape)
    if list(input.shape[last:]) != list(shape):
        msg = (
            f"Given normalized_shape {list(shape)}, expected input with shape [*, {str(list(shape))[1:-1]}], but got "
            f"input shape {list(input.shape)}."
        )
        raise ValueError(msg)
    scale, shift = (None if each is None else plain(each).reshape(list(shape)) for each in (weight, bias))
    return like(F.layer_norm(plain(input), list(shape), scale, shift, single(epsilon)), input)


@acting
def group_normalized(
    input: Tensor, groups: int, weight: Tensor | None = None, bias: Tensor | None = None, epsilon: float = 1e-5
) -> Tensor:
    """Normalise images by groups of channels."""
    if input.dim() > 4:
        msg = (
            f"group_norm of {input.dim()} axes is not served here: Paddle 1.8 takes the third and fourth axis of a "
            f"volume for all of it. Reshape the volume to (N, C, D * H, W)."
        )
        raise NotImplementedError(msg)
    return like(F.group_norm(plain(input), groups, plainly(weight), plainly(bias), single(epsilon)), input)


def instance_normalized(
    input: Tensor, scale: Tensor | None = None, bias: Tensor | None = None, epsilon: float = 1e-5
) -> Tensor:
    """Normalise every channel of every sample; of one value the bias is left."""
    x = plain(input)
    if x.dim() < 2:
        msg = f"expected 2D or 3D or 4D or 5D input (got {x.dim()}D input)."
        raise ValueError(msg)
    if math.prod(x.shape[2:]) > 1:
        return like(F.instance_norm(x, weight=plainly(scale), bias=plainly(bias), eps=single(epsilon)), input)
    zero = x - x
    return like(zero if bias is None else zero + plain(bias).reshape([-1, *[1] * (x.dim() - 2)]), input)


def embedded(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Tensor:
    """Return the rows that integers name; zeros for `padding_idx`, which counts from the end where it is negative."""
    found = F.embedding(plain(input).long(), plain(weight))
    if padding_idx is not None:
        row_left_out = padding_idx if padding_idx >= 0 else weight.shape[0] + padding_idx
        found = torch.where((plain(input) == row_left_out).unsqueeze(-1), 0.0, found)
    return like(found, weight if isinstance(input, torch.Tensor) and type(input) is not torch.Tensor else input)


def factored(input: Tensor, weight: Tensor) -> Tensor:
    """Multiply what is below zero: by one number, by one per channel, or by one per element."""
    slope = plain(weight)
    if slope.numel() == 1 or (slope.dim() == 4 and slope.shape[1] == slope.numel()):
        return like(F.prelu(plain(input), slope.flatten()), input)
    return like(torch.where(plain(input) > 0, plain(input), plain(input) * slope), input)


@row("lrn")
def locally_normalized(
    input: Tensor, n: int = 5, k: float = 1.0, alpha: float = 1e-4, beta: float = 0.75, data_format: str = "NCHW"
) -> Tensor:
    """Divide by a power of the sum of squares over `n` channels around each."""
    # torch takes the mean of the squares, and counts n - 1 // 2 channels before
    return with_channels_second(
        lambda x: F.local_response_norm(x, n, alpha=alpha * n, beta=beta, k=k), input, data_format
    )


@row("affine_channel")
def affine_channel(
    x: Tensor, scale: Tensor | None = None, bias: Tensor | None = None, data_layout: str = "NCHW", act: Any = None
) -> Tensor:
    """Multiply every channel by a factor and add a bias."""
    shape = [1, -1, 1, 1] if data_layout == "NCHW" else [1, 1, 1, -1]
    return scaled(x, scale, bias, shape, act=act)


@acting
def scaled(x: Tensor, scale: Tensor | None, bias: Tensor | None, shape: list[int]) -> Tensor:
    """See `affine_channel`."""
    found = x if scale is None else x * scale.reshape(shape)
    return found if bias is None else found + bias.reshape(shape)


def dropped(
    x: Tensor,
    dropout_prob: float,
    is_test: bool = False,
    seed: int | None = None,
    dropout_implementation: str = "downgrade_in_infer",
) -> Tensor:
    """Set values to zero at random, unless `is_test`; a seed gives the same ones at every call.

    'downgrade_in_infer' multiplies by `1 - dropout_prob` in tests; 'upscale_in_train' divides by it otherwise.

    Raises:
        ValueError: an argument is illegal.
    """
    if dropout_implementation not in ("downgrade_in_infer", "upscale_in_train") or not 0 <= dropout_prob <= 1:
        msg = (
            f"dropout_prob={dropout_prob!r}, dropout_implementation={dropout_implementation!r}: the probability must "
            f"be 0 to 1, and dropout_implementation should be 'downgrade_in_infer' or 'upscale_in_train'."
        )
        raise ValueError(msg)
    kept = 1 - dropout_prob
    upscales = dropout_implementation == "upscale_in_train"
    if is_test or is_tested():
        return x.clone() if upscales else x * kept
    if seed is None:
        found = F.dropout(x, dropout_prob)
        return found if upscales else found * kept
    drawn = torch.rand(x.shape, generator=torch.Generator(x.device).manual_seed(seed), device=x.device)
    mask = (drawn >= dropout_prob).to(x.dtype)
    return x * mask / kept if upscales and kept else x * mask


@row("dropout", recorded=False)
def dropout(
    x: Any,
    dropout_prob: float,
    is_test: bool = False,
    seed: int | None = None,
    dropout_implementation: str = "downgrade_in_infer",
) -> Any:
    """Set values to zero at random, unless `is_test`, or after `eval()` of any layer where tensors are computed."""
    is_test = is_test or (isinstance(x, torch.Tensor) and not modes.is_training())
    return deferred(dropped, x, dropout_prob, is_test, seed, dropout_implementation)
