"""What a normalisation computes with, in whichever API its layer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...porting import Kind, layer_of, layout

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
    groups = int(_first(module, "num_groups", "_num_groups")) if layer.kind is Kind.GROUP_NORM else 1
    epsilon = float(_first(module, "eps", "_epsilon"))
    return Norm(weight, bias, mean, variance, epsilon, mean is None or _by_batch(module, layer.api), groups)


def is_channel_last(module: nn.Module) -> bool:
    """Return whether a layer takes its channels last, as Paddle's may.

    >>> from fourfold.frontends.paddle.nn import BatchNorm3D
    >>> is_channel_last(BatchNorm3D(2, data_format="NDHWC")), is_channel_last(BatchNorm3D(2))
    (True, False)
    """
    order = getattr(module, "_data_format", getattr(module, "_data_layout", ""))
    return isinstance(order, str) and order.endswith("C")


def _by_batch(module: Any, api: str) -> bool:
    by_statistics = getattr(module, "_use_global_stats", None)
    if by_statistics is None:
        return bool(module.training and not getattr(module, "freeze", False))
    # in Paddle False means always, in fluid it is the default
    return not by_statistics and (api == "paddle" or module.training)


def _first(module: Any, *names: str) -> Any:
    return next(getattr(module, name) for name in names if hasattr(module, name))
