"""What a normalisation computes with, in whichever API its layer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...porting import layer_of, layout
from ...porting.dialects import said

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, slots=True)
class Norm:
    """A normalisation.

    Attributes:
        weight: the factor as the layer holds it, or None.
        bias: the summand, or None.
        mean: the running mean, or None.
        variance: the running variance, or None.
        epsilon: what is added to variances.
        by_batch: whether a batch normalisation takes mean and variance of its input now.
        groups: of a group normalisation; 1 otherwise.
    """

    weight: torch.Tensor | None
    bias: torch.Tensor | None
    mean: torch.Tensor | None
    variance: torch.Tensor | None
    epsilon: float
    by_batch: bool
    groups: int = 1


def norm_of(module: nn.Module) -> Norm:
    """Read a normalisation of torch or of a front end.

    Args:
        module: a layer whose kind is a normalisation.

    Example:
        >>> from fourfold.frontends.paddle.nn import BatchNorm3D
        >>> norm = norm_of(BatchNorm3D(2, epsilon=0.5).eval())
        >>> norm.epsilon, norm.by_batch, norm.variance.tolist()
        (0.5, False, [1.0, 1.0])
    """
    layer = layer_of(module)
    assert layer is not None
    held = {**module._parameters, **module._buffers}
    slots = layout(layer.kind, layer.api)
    weight, bias, mean, variance = (
        held.get(slots[role].name) if role in slots else None
        for role in ("weight", "bias", "running_mean", "running_var")
    )
    groups = int(said(module, "num_groups", 1))
    statistics = said(module, "statistics", "tracked")
    by_batch = mean is None or statistics == "batch" or (statistics == "tracked" and module.training)
    return Norm(weight, bias, mean, variance, float(said(module, "eps")), by_batch, groups)


def is_channel_last(module: nn.Module) -> bool:
    """Return whether a layer takes its channels last, as Paddle's may.

    >>> from fourfold.frontends.paddle.nn import BatchNorm3D
    >>> is_channel_last(BatchNorm3D(2, data_format="NDHWC")), is_channel_last(BatchNorm3D(2))
    (True, False)
    """
    return bool(said(module, "channels_last", default=False))
