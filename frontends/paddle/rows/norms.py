"""Rows of normalisations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError
from ....backend.distributed.detection import whole
from ....backend.execution.layout import moved
from ..names import NAMES
from ..nn.mapped import is_channel_last, mapped, mapped_all
from ..static.executor import trained_by_run
from ..values import single
from .operands import SINGLE, integers

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm"]

fn = NAMES.function


@trained_by_run
def batch_norm(
    x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.9,
    epsilon: float = 1e-5,
    data_format: str = "NCHW",
    use_global_stats: bool | None = None,
) -> Tensor:
    """Normalise every channel, by the batch while training and by the running statistics otherwise.

    Args:
        x: `(N, C, ...)`, or the channels last.
        running_mean: one value per channel; updated in place where the batch is used.
        running_var: likewise; the batch's variance divides by the number of values, not by one less as in torch.
        weight: one factor per channel. Default: None.
        bias: one value per channel. Default: None.
        training: whether to use the batch. Default: False.
        momentum: how much of the running statistics is kept, 1 minus torch's. Default: 0.9.
        epsilon: added to the variance. Default: 1e-5.
        data_format: order of the axes. Default: 'NCHW', whatever their number.
        use_global_stats: True: never use the batch; False: always. Default: None, as `training` says.
    """
    last = is_channel_last(data_format, "batch_norm")
    if x.dim() < 2:
        msg = f"expected at least 2D input, but x has {x.dim()} axes. Reshape it."
        raise OperatorError(msg)
    momentum, epsilon = single(momentum), single(epsilon)
    by_batch = training if use_global_stats is None else not use_global_stats
    if not by_batch:
        return mapped(F.batch_norm, x, running_mean, running_var, weight, bias, eps=epsilon, channel_last=last)
    channel = x.dim() - 1 if last else 1
    axes = [axis for axis in range(x.dim()) if axis != channel]
    with torch.no_grad():
        variance, mean = mapped_all(torch.var_mean, x.detach(), axes, correction=0)
        running_mean.lerp_(whole(mean).to(running_mean.dtype), 1 - momentum)
        running_var.lerp_(whole(variance).to(running_var.dtype), 1 - momentum)
    if torch.Tensor.numel(x) == x.shape[channel]:
        # one value per channel, which torch refuses: Paddle returns it
        return torch.clone(x)
    return mapped(F.batch_norm, x, None, None, weight, bias, training=True, eps=epsilon, channel_last=last)


def instance_norm(
    x: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.9,
    eps: float = 1e-5,
    data_format: str = "NCHW",
) -> Tensor:
    """Normalise every channel of every sample; only `(N, C, ...)`, as in Paddle, and by the input."""
    if x.dim() < 2:
        msg = f"expected at least 2D input, but x has {x.dim()} axes. Reshape it."
        raise OperatorError(msg)

    def normalised(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
        if math.prod(x.shape[2:]) != 1:
            return F.instance_norm(x, None, None, weight, bias, eps=single(eps))
        # one value per channel, which torch refuses: the mean is the value
        values = (x - x) if weight is None else (x - x) * weight.reshape([-1] + [1] * (x.dim() - 2))
        return values if bias is None else values + bias.reshape([-1] + [1] * (x.dim() - 2))

    return mapped(normalised, x, weight, bias)


def group_norm(
    x: Tensor,
    num_groups: int,
    epsilon: float = 1e-5,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    data_format: str = "NCHW",
) -> Tensor:
    """Normalise groups of channels of every sample."""
    last = is_channel_last(data_format, "group_norm")
    channels = x.shape[-1 if last else 1]
    if num_groups < 1 or channels % num_groups:
        msg = f"num_groups={num_groups} does not divide the {channels} channels of x. Choose a divisor."
        raise OperatorError(msg)
    return mapped(F.group_norm, x, num_groups, weight, bias, epsilon, channel_last=last)


def layer_norm(
    x: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None, epsilon: float = 1e-5
) -> Tensor:
    """Normalise over the last axes, those of `normalized_shape`; weight and bias are flat."""
    sizes = integers(normalized_shape)
    if not 0.0 <= epsilon <= 0.001:
        msg = f"'epsilon' in Op(LayerNorm) should be between 0.0 and 0.001, But received [{epsilon}]."
        raise ValueError(msg)
    if list(x.shape[x.dim() - len(sizes) :]) != sizes:
        msg = f"Given normalized_shape is {sizes}, expected input with shape [*, {sizes}], but got {list(x.shape)}."
        raise ValueError(msg)
    weight, bias = (None if value is None else value.reshape(sizes) for value in (weight, bias))
    return mapped(F.layer_norm, x, sizes, weight, bias, single(epsilon))


def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float = 1e-5) -> Tensor:
    """Divide by the root of the mean square over the last axes."""
    return mapped(F.rms_norm, input, integers(normalized_shape), weight, eps)


def local_response_norm(
    x: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0, data_format: str = "NCHW"
) -> Tensor:
    """Divide by what neighbouring channels have."""
    last = is_channel_last(data_format, "local_response_norm")
    if x.dim() < 3:
        msg = f"Expected 3D or higher dimensionality input, but got {x.dim()} dimensions"
        raise ValueError(msg)

    def normalised(x: Tensor) -> Tensor:
        squares = F.pad(moved(torch.square(x), 1, -1), (size // 2, (size - 1) // 2))
        means = moved(squares.unfold(-1, size, 1).mean(-1), -1, 1)
        return x / torch.pow(k + alpha * means, beta)

    return mapped(normalised, x, channel_last=last)


fn("nn.functional.batch_norm", batch_norm)
fn("nn.functional.instance_norm", instance_norm)
fn("group_norm", group_norm)
fn("layer_norm", layer_norm)
fn("nn.functional.rms_norm", rms_norm)
fn("nn.functional.local_response_norm", local_response_norm, beta=SINGLE)
