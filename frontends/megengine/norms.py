"""Rows of normalisations; but for `layer_norm`, MegEngine's take `(N, C, H, W)`, a volume as `(N, C, D * H, W)`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...backend import OperatorError
from ...backend.distributed.detection import whole
from ..tensor import like, plain
from .arguments import ArgumentError
from .casting import shortened, widened
from .module.batchnorm import one_process
from .names import NAMES
from .rebinding import rebind

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.9,
    eps: float = 1e-05,
    inplace: bool = True,
) -> Any:
    """Normalise each channel over all other axes.

    Args:
        input: `(N, C, H, W)`, or `(N, C)` in training.
        running_mean: what is subtracted in inference, updated in training; `(1, C, 1, 1)`, as the next three.
        running_var: as `running_mean`, of the variances; training adds unbiased ones.
        weight: factors, or None.
        bias: summands, or None.
        training: whether to normalise by the batch's own statistics. Default: False.
        momentum: what stays of the running statistics in an update, 0 to 1; torch's is 1 minus that. Default: 0.9.
        eps: added to variances. Default: 1e-5.
        inplace: whether the running statistics are updated; else training returns them, behind the output.

    Raises:
        AssertionError: inference without statistics (a ValueError and RuntimeError too).
        RuntimeError: the input has another number of axes (a ValueError too).

    Example:
        >>> mean, var = torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
        >>> x = torch.tensor([1.0, 3.0]).reshape(2, 1, 1, 1)
        >>> _ = batch_norm(x, mean, var, training=True, momentum=0.75)
        >>> mean.item(), var.item()
        (0.5, 1.25)
    """
    _check_rank(input, "batch_norm", (2, 4))
    if not training and (running_mean is None or running_var is None):
        msg = "running_mean and running_var must be provided in inference mode; give them, or training=True."
        raise ArgumentError(msg)
    for name, statistic in (("running_mean", running_mean), ("running_var", running_var)):
        if statistic is not None and tuple(statistic.shape) != (1, tuple(input.shape)[1], 1, 1):
            msg = (
                f"{name} has shape {tuple(statistic.shape)}; it must be {(1, tuple(input.shape)[1], 1, 1)}. Reshape it."
            )
            raise OperatorError(msg)
    (values,) = shortened(plain(input))
    factor, summand = _flat(weight), _flat(bias)
    if not training:
        output = F.batch_norm(values, _flat(running_mean), _flat(running_var), factor, summand, False, 0.0, eps)
        return like(output, input)
    channels = tuple(values.shape)[1]
    count = values.numel() // channels
    if count == 1:
        # torch refuses one value per channel: it is its own mean
        output = torch.zeros_like(values)
        if factor is not None:
            output = output * factor.reshape(1, -1, *[1] * (values.dim() - 2))
        if summand is not None:
            output = output + summand.reshape(1, -1, *[1] * (values.dim() - 2))
    else:
        output = F.batch_norm(values, None, None, factor, summand, True, 0.0, eps)
    if running_mean is None or running_var is None:
        return like(output, input)
    found = values.detach()
    axes = [axis for axis in range(found.dim()) if axis != 1]
    mean, variance = torch.mean(found, axes), torch.var(found, axes, correction=0) * (count / max(count - 1, 1))
    updated = [
        like(momentum * plain(old) + (1 - momentum) * whole(new).reshape(plain(old).shape).to(old.dtype), old)
        for old, new in ((running_mean, mean), (running_var, variance))
    ]
    if not inplace:
        return like(output, input), *updated
    for old, new in zip((running_mean, running_var), updated, strict=True):
        _update(old, new)
    return like(output, input)


def _update(statistic: Tensor, value: Tensor) -> None:
    if torch.compiler.is_compiling() or plain(statistic) is statistic:
        statistic.copy_(value)
    else:
        rebind(statistic, value)


def group_norm(
    input: Tensor, num_groups: int, affine: bool, weight: Any = None, bias: Any = None, eps: float = 1e-05
) -> Tensor:
    """Normalise each group of channels of each sample.

    Args:
        input: `(N, C, H, W)`.
        num_groups: a divisor of `C`.
        affine: whether `weight` and `bias` are applied.
        weight: `(C,)`, if `affine`.
        bias: `(C,)`, if `affine`.
        eps: added to variances. Default: 1e-5.

    Raises:
        AssertionError: `affine` without weight or bias (a ValueError and RuntimeError too).
        RuntimeError: the input has another number of axes (a ValueError too).
    """
    _check_rank(input, "group_norm", (4,))
    factor, summand = _affine(affine, weight, bias)
    batch, channels, *plane = tuple(input.shape)
    if channels % num_groups:
        msg = f"{channels} channels do not divide into num_groups={num_groups}. Choose a divisor."
        raise OperatorError(msg)
    rows = torch.reshape(widened(plain(input)), (batch, num_groups, -1))
    # not torch's, which refuses one value per group
    output = torch.reshape(F.layer_norm(rows, [tuple(rows.shape)[-1]], eps=eps), (batch, channels, *plane))
    if factor is not None and summand is not None:
        output = torch.addcmul(summand.reshape(-1, 1, 1), output, factor.reshape(-1, 1, 1))
    return like(output, input)


def instance_norm(input: Tensor, affine: bool, weight: Any = None, bias: Any = None, eps: float = 1e-05) -> Tensor:
    """Normalise each channel of each sample; arguments as in `group_norm`, of as many groups as channels."""
    _check_rank(input, "instance_norm", (4,))
    return group_norm(input, tuple(input.shape)[1], affine, weight, bias, eps)


def layer_norm(
    input: Tensor, normalized_shape: Any, affine: bool, weight: Any = None, bias: Any = None, eps: float = 1e-05
) -> Tensor:
    """Normalise over as many of the last axes as `normalized_shape` has; the others as in `group_norm`."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if tuple(input.shape)[input.dim() - len(shape) :] != shape:
        msg = (
            f"normalized_shape={normalized_shape!r}: inp ends otherwise, in shape {tuple(input.shape)}. Make it alike."
        )
        raise OperatorError(msg)
    return general_norm(input, list(range(input.dim() - len(shape), input.dim())), affine, weight, bias, eps)


def general_norm(
    input: Tensor, normalized_axis: Any, affine: bool = True, weight: Any = None, bias: Any = None, eps: float = 1e-05
) -> Tensor:
    """Normalise over axes, in rising order; `weight` and `bias` have their sizes.

    Raises:
        AssertionError: the axes do not rise, or `affine` without weight or bias (a RuntimeError too).
    """
    rank = input.dim()
    given = list(normalized_axis) if isinstance(normalized_axis, Sequence) else [normalized_axis]
    axes = [axis + rank if axis < 0 else axis for axis in given]
    if not axes or axes != sorted(set(axes)) or axes[-1] >= rank:
        msg = f"The order of normalized_axis is incorrect: {normalized_axis!r}; legal are axes below {rank} that rise."
        raise ArgumentError(msg)
    factor, summand = _affine(affine, weight, bias)
    order = [axis for axis in range(rank) if axis not in axes] + axes
    last = torch.permute(widened(plain(input)), order)
    output = F.layer_norm(last, list(last.shape)[rank - len(axes) :], factor, summand, eps)
    return like(torch.permute(output, [order.index(axis) for axis in range(rank)]), input)


def local_response_norm(
    input: Tensor, kernel_size: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75
) -> Tensor:
    """Divide by the squares in `kernel_size` neighbouring channels: `x / (k + alpha * sum) ** beta`."""
    squares = torch.square(plain(input)).unsqueeze(1)
    half = kernel_size // 2
    sums = F.avg_pool3d(F.pad(squares, [0, 0, 0, 0, half, half]), (kernel_size, 1, 1), 1) * kernel_size
    return like(plain(input) / torch.pow(k + alpha * sums.squeeze(1), beta), input)


def _check_rank(input: Tensor, name: str, legal: tuple[int, ...]) -> None:
    if input.dim() not in legal:
        msg = (
            f"{name} takes 4 axes, (N, C, H, W), as in MegEngine; inp has {input.dim()}, shape {tuple(input.shape)}. "
            f"A volume goes in as inp.reshape(N, C, D * H, W)."
        )
        raise OperatorError(msg)


def _affine(affine: bool, weight: Tensor | None, bias: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
    if not affine:
        return None, None
    if weight is None or bias is None:
        msg = "weight and bias must be provided if affine is True; give both, or affine=False."
        raise ArgumentError(msg)
    return plain(weight), plain(bias)


def _flat(value: Tensor | None) -> Tensor | None:
    return None if value is None else plain(value).reshape(-1)


fn("functional.batch_norm", batch_norm)
fn("functional.group_norm", group_norm)
fn("functional.instance_norm", instance_norm)
fn("functional.layer_norm", layer_norm)
fn("functional.general_norm", general_norm)
fn("functional.local_response_norm", local_response_norm)


def sync_batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.9,
    eps: float = 1e-05,
    eps_mode: str = "additive",
    group: Any = None,
) -> Any:
    """Normalise over the batch of all processes, which are one here; arguments as in `batch_norm`.

    Raises:
        AssertionError: `eps_mode` is neither 'additive' nor 'max' (a ValueError and RuntimeError too).
        NotImplementedError: it is 'max', or there are several processes.
    """
    one_process(group)
    if eps_mode.lower() not in ("max", "additive"):
        msg = f"unknown eps_mode: {eps_mode}; legal are 'additive' and 'max'."
        raise ArgumentError(msg)
    if eps_mode.lower() == "max":
        msg = "eps_mode='max' is not served; use 'additive'."
        raise NotImplementedError(msg)
    return batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


fn("functional.sync_batch_norm", sync_batch_norm)
