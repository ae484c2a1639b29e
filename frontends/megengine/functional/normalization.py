"""Mirrors the normalisations of `megengine.functional.nn`; torch computes them.

MegEngine's take `(N, C, H, W)`: a volume goes in as `x.reshape(N, C, D * H, W)`. `layer_norm` takes any shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F

from ....backend import OperatorError
from ...calls import explain_calls
from ...tensor import like, plain
from ..arguments import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm"]


def batch_norm(
    inp: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    training: bool = False,
    momentum: float = 0.9,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise each channel over all other axes.

    Args:
        inp: `(N, C, H, W)`.
        running_mean: what is subtracted in inference, updated in training; one value per channel, as the next three.
        running_var: as `running_mean`, of the variances; training adds unbiased ones.
        weight: factors, or None.
        bias: summands, or None.
        training: whether to normalise by the batch's own statistics. Default: False.
        momentum: what stays of the running statistics in an update, 0 to 1; torch's is 1 minus that. Default: 0.9.
        eps: added to variances. Default: 1e-5.

    Raises:
        AssertionError: inference without statistics (a ValueError and RuntimeError too).
        RuntimeError: the input has another number of axes (a ValueError too).

    Example:
        >>> import torch
        >>> mean, var = torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
        >>> _ = batch_norm(torch.tensor([1.0, 3.0]).reshape(2, 1, 1, 1), mean, var, training=True, momentum=0.75)
        >>> mean.item(), var.item()
        (0.5, 1.25)
    """
    _check_rank(inp, "batch_norm")
    if not training and (running_mean is None or running_var is None):
        msg = "running_mean and running_var must be provided in inference mode; give them, or training=True."
        raise ArgumentError(msg)
    mean, var, factor, summand = map(_flat, (running_mean, running_var, weight, bias))
    return like(F.batch_norm(plain(inp), mean, var, factor, summand, training, 1 - momentum, eps), inp)


def group_norm(
    inp: Tensor,
    num_groups: int,
    affine: bool,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise each group of channels of each sample.

    Args:
        inp: `(N, C, H, W)`.
        num_groups: a divisor of `C`.
        affine: whether `weight` and `bias` are applied.
        weight: `(C,)`, if `affine`.
        bias: `(C,)`, if `affine`.
        eps: added to variances. Default: 1e-5.

    Raises:
        AssertionError: `affine` without weight or bias (a ValueError and RuntimeError too).
        RuntimeError: the input has another number of axes (a ValueError too).
    """
    _check_rank(inp, "group_norm")
    factor, summand = _affine(affine, weight, bias)
    return like(F.group_norm(plain(inp), num_groups, factor, summand, eps), inp)


def instance_norm(
    inp: Tensor, affine: bool, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-05
) -> Tensor:
    """Normalise each channel of each sample; arguments as in `group_norm`, of as many groups as channels."""
    _check_rank(inp, "instance_norm")
    factor, summand = _affine(affine, weight, bias)
    return like(F.group_norm(plain(inp), inp.shape[1], factor, summand, eps), inp)


def layer_norm(
    inp: Tensor,
    normalized_shape: int | Sequence[int],
    affine: bool,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise over the last axes, whose sizes are `normalized_shape`; the others as in `group_norm`."""
    sizes = [normalized_shape] if isinstance(normalized_shape, int) else list(normalized_shape)
    factor, summand = _affine(affine, weight, bias)
    return like(F.layer_norm(plain(inp), sizes, factor, summand, eps), inp)


def _check_rank(inp: Tensor, name: str) -> None:
    if inp.dim() != 4:
        msg = (
            f"{name} takes 4 axes, (N, C, H, W), as in MegEngine; inp has {inp.dim()}, shape {tuple(inp.shape)}. "
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
    # a view, so that an update reaches the statistics
    return None if value is None else plain(value).view(-1)


explain_calls(globals())
