"""Rows of layers that learn: normalisations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from ...backend import OperatorError
from ..names import Learned, kept
from . import norms
from .arguments import ArgumentError
from .learned_maps import alone
from .module.batchnorm import _BatchNorm, one_process
from .module.normalization import _GeneralNorm, _Norm
from .names import NAMES
from .operands import tensor_of
from .tensor import Parameter
from .tensor import Tensor as MegEngineTensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

layer: Any = NAMES.layer


def affine_of(shape: Callable[..., tuple[int, ...]], *arguments: str) -> tuple[Learned, Learned]:
    """Return what makes summands and factors, or None where `affine` is not asked for.

    Args:
        shape: their shape, from the layer.
        arguments: what they are made from.
    """

    def make(name: str) -> Callable[..., None]:
        return lambda layer, affine: setattr(
            layer, name, Parameter(torch.empty(shape(layer), dtype=torch.float32)) if affine else None
        )

    return tuple(
        Learned(name, make(name), ("affine",), role=role) for name, role in (("bias", "shift"), ("weight", "scale"))
    )  # type: ignore[return-value]


def check_groups(layer: Any, num_groups: int, num_channels: int) -> None:
    """Check that the groups divide the channels.

    Raises:
        ZeroDivisionError: there are no groups.
        AssertionError: they do not (a ValueError and RuntimeError too).
    """
    if num_groups == 0:
        msg = "num_groups=0: integer division or modulo by zero; num_groups must be 1 and above."
        raise ZeroDivisionError(msg)
    if num_channels % num_groups:
        msg = f"num_channels={num_channels} is not divisible by num_groups={num_groups}. Choose a divisor."
        raise ArgumentError(msg)


def norm(name: str, function: Any, shown: str, shape: Callable[..., Any], checks: Any = (), **arguments: Any) -> None:
    """Serve a normalisation; `shown` has what its text says first."""
    layer(
        f"module.{name}",
        function,
        base=_GeneralNorm if name == "GeneralNorm" else _Norm,
        learned=(*checks, *affine_of(shape)),
        shown=lambda layer: f"{shown.format(layer)}, eps={layer.eps}, affine={layer.affine}",
        **arguments,
    )


def channels(layer: Any) -> tuple[int, ...]:
    """Return the shape of what there is one of for each channel."""
    return (layer.num_channels,)


def shape_of(value: Any) -> tuple[int, ...]:
    """Return sizes as a tuple; one number is one."""
    return (value,) if isinstance(value, int) else tuple(value)


norm(
    "GroupNorm",
    "functional.group_norm",
    "groups={0.num_groups}, channels={0.num_channels}",
    channels,
    (Learned("groups", check_groups, ("num_groups", "num_channels"), means=None),),
    kind="GroupNorm2d",
    **alone("num_channels"),
)
norm(
    "InstanceNorm",
    "functional.instance_norm",
    "channels={0.num_channels}",
    channels,
    kind="InstanceNorm2d",
    **alone("num_channels"),
)
norm(
    "LayerNorm",
    "functional.layer_norm",
    "normalized_shape={0.normalized_shape}",
    lambda layer: layer.normalized_shape,
    normalized_shape=kept("normalized_shape", read=shape_of),
)


def check_axes(layer: Any, normalized_shape: Any, normalized_axis: Any, affine: bool) -> None:
    """Check that there is a size for each axis.

    Raises:
        AssertionError: there is not, or an axis twice (a ValueError and RuntimeError too).
    """
    if affine and not (isinstance(normalized_shape, Sequence) and isinstance(normalized_axis, Sequence)):
        msg = (
            f"normalized_shape={normalized_shape!r}, normalized_axis={normalized_axis!r}: with affine=True both must "
            f"be sequences. Give one size for each axis."
        )
        raise ArgumentError(msg)
    if affine and not (len(normalized_shape) == len(normalized_axis) == len(set(normalized_axis))):
        msg = (
            f"The size of normalized_axis={normalized_axis!r} and normalized_shape={normalized_shape!r} are different, "
            f"or an axis comes twice. Give one size for each axis."
        )
        raise ArgumentError(msg)


def of_shape(
    x: Tensor, normalized_shape: Any, normalized_axis: Any, affine: bool, weight: Any, bias: Any, eps: float
) -> Tensor:
    """Normalise over axes of these sizes.

    Raises:
        AssertionError: the input has others there (a ValueError and RuntimeError too).
    """
    sizes = [tuple(x.shape)[axis] for axis in normalized_axis]
    if sizes != list(normalized_shape):
        msg = (
            f"inp.shape={tuple(x.shape)} has {sizes} along normalized_axis={normalized_axis!r}, and not "
            f"normalized_shape={normalized_shape!r}. Make them alike."
        )
        raise ArgumentError(msg)
    return norms.general_norm(x, normalized_axis, affine, weight, bias, eps)


norm(
    "GeneralNorm",
    of_shape,
    "normalized_shape={0.normalized_shape}, normalized_axis={0.normalized_axis}",
    lambda layer: layer.normalized_shape,
    (Learned("axes", check_axes, ("normalized_shape", "normalized_axis", "affine"), means=None),),
)


# -- of the batch -----------------------------------------------------------------------------------------------


def of_batch(
    inp: Tensor,
    running_mean: Any,
    running_var: Any,
    weight: Any,
    bias: Any,
    eps: float,
    momentum: float,
    freeze: bool,
    track_running_stats: bool,
    training: bool,
    ranks: Any,
) -> Tensor:
    """Normalise; in training by the batch's own statistics, which the running ones follow.

    Raises:
        ValueError: the input has another number of axes (a RuntimeError too).
    """
    rank = tensor_of(inp).dim()
    if rank not in ranks:
        legal = " or ".join(f"{each}D" for each in ranks)
        msg = f"expected {legal} input (got {rank}D input). Reshape it, a volume to (N, C, D * H, W)."
        raise OperatorError(msg)
    if freeze:
        weight = None if weight is None else weight.detach()
        bias = None if bias is None else bias.detach()
    # a layer that no longer tracks normalises by the batch in training, and by what it had in inference
    tracks = track_running_stats or not training
    output = norms.batch_norm(
        inp.reshape(*inp.shape, *[1] * (4 - rank)),
        running_mean if tracks else None,
        running_var if tracks else None,
        weight,
        bias,
        training=not freeze and (training or not track_running_stats),
        momentum=momentum,
        eps=eps,
    )
    result: Tensor = output.reshape(inp.shape)
    return result


def statistic(layer: Any, num_features: int, track_running_stats: bool, freeze: bool, *, name: str) -> None:
    """Make a running statistic, or None.

    Raises:
        AssertionError: `freeze` without statistics (a ValueError and RuntimeError too).
    """
    if freeze and not track_running_stats:
        msg = "track_running_stats must be initilized to True if freeze is True; freeze uses what was tracked."
        raise ArgumentError(msg)
    made = (
        torch.empty(1, num_features, 1, 1, dtype=torch.float32).as_subclass(MegEngineTensor)
        if track_running_stats
        else None
    )
    setattr(layer, name, made)


STATISTICS = tuple(
    Learned(name, partial(statistic, name=name), ("num_features", "track_running_stats", "freeze"), role=name)
    for name in ("running_mean", "running_var")
)


def batch_norm(name: str, *ranks: int, **arguments: Any) -> None:
    """Serve the normalisation over the batch of inputs of so many axes."""
    layer(
        f"module.{name}",
        of_batch,
        base=_BatchNorm,
        learned=(*affine_of(lambda layer: (1, layer.num_features, 1, 1)), *STATISTICS),
        extra={"training": "self.training", "ranks": str(ranks)},
        **alone("num_features", "affine"),
        **arguments,
    )


batch_norm("BatchNorm1d", 2, 3)
batch_norm("BatchNorm2d", 4)
batch_norm("SyncBatchNorm", 2, 3, 4, group=kept("group", None, one_process))
