"""Normalisations by sample in each API: instances, groups and layers."""

from __future__ import annotations

from torch import nn

from ....frontends.megengine import module as megengine
from ....frontends.oneflow import nn as oneflow
from ....frontends.paddle import nn as paddle
from ....frontends.paddle.fluid import dygraph as fluid
from ..errors import PortingError
from ..kinds import Kind, normalized_shape
from .paddles import BIAS, CHANNELS_OF_ANY, EPSILON, weight_as
from .words import (
    FLUID,
    MEGENGINE,
    ONEFLOW,
    PADDLE,
    PLANES,
    TORCH,
    VOLUMES,
    Meaning,
    Row,
    Says,
    has,
    same,
    says,
    shape_of,
    tells,
)


def affine(argument: str = "affine") -> tuple[Says, Says]:
    """Return how one flag says both parameters."""

    def together(word: str, other: str) -> Says:
        def write(meaning: Meaning) -> bool:
            if meaning[other] and not meaning[word]:
                msg = f"there, a {other} comes with a {word}"
                raise PortingError(msg)
            return bool(meaning[word])

        return tells(word, has(word), argument, write)

    return together("weight", "bias"), together("bias", "weight")


# torch's may keep running statistics and go by them in eval(); OneFlow's may keep some that nothing reads
TORCH_INSTANCE = (*same("num_features", "eps"), *affine(), says("tracked", "track_running_stats"))

INSTANCE_NORMS = (
    *(
        Row(Kind.INSTANCE_NORM, TORCH, kind, TORCH_INSTANCE, axes)
        for kind, axes in (
            (nn.InstanceNorm1d, frozenset({1})),
            (nn.InstanceNorm2d, PLANES),
            (nn.InstanceNorm3d, VOLUMES),
        )
    ),
    Row(
        Kind.INSTANCE_NORM,
        ONEFLOW,
        oneflow.InstanceNorm3d,
        (*same("num_features", "eps"), *affine()),
        VOLUMES,
    ),
    Row(
        Kind.INSTANCE_NORM,
        MEGENGINE,
        megengine.InstanceNorm,
        (says("num_features", "num_channels"), says("eps"), *affine()),
        PLANES,
    ),
    Row(
        Kind.INSTANCE_NORM,
        PADDLE,
        paddle.InstanceNorm3D,
        (says("num_features", None, "_num_features"), EPSILON, weight_as("weight_attr", "scale"), BIAS),
        VOLUMES,
    ),
    Row(
        Kind.INSTANCE_NORM,
        FLUID,
        fluid.InstanceNorm,
        (
            tells("num_features", lambda layer: shape_of(layer, "bias")[0], "num_channels"),
            EPSILON,
            weight_as("param_attr", "scale"),
            BIAS,
        ),
    ),
)

GROUPS = same("num_groups", "num_channels", "eps")

GROUP_NORMS = (
    Row(Kind.GROUP_NORM, TORCH, nn.GroupNorm, (*GROUPS, *affine())),
    Row(Kind.GROUP_NORM, ONEFLOW, oneflow.GroupNorm, (*GROUPS, *affine())),
    Row(Kind.GROUP_NORM, MEGENGINE, megengine.GroupNorm, (*GROUPS, *affine()), PLANES),
    Row(
        Kind.GROUP_NORM,
        PADDLE,
        paddle.GroupNorm,
        (
            says("num_groups", None, "_num_groups"),
            says("num_channels", None, "_num_channels"),
            EPSILON,
            weight_as("weight_attr"),
            BIAS,
            CHANNELS_OF_ANY,
        ),
    ),
)


def _over(argument: str = "normalized_shape") -> Says:
    return tells("normalized_shape", normalized_shape, argument, lambda meaning: list(meaning["normalized_shape"]))


LAYER_NORMS = (
    Row(
        Kind.LAYER_NORM,
        TORCH,
        nn.LayerNorm,
        (
            _over(),
            says("eps"),
            affine("elementwise_affine")[0],
            tells("bias", has("bias"), "bias"),
        ),
    ),
    Row(Kind.LAYER_NORM, ONEFLOW, oneflow.LayerNorm, (_over(), says("eps"), *affine("elementwise_affine"))),
    Row(Kind.LAYER_NORM, MEGENGINE, megengine.LayerNorm, (_over(), says("eps"), *affine())),
    Row(Kind.LAYER_NORM, PADDLE, paddle.LayerNorm, (_over(), EPSILON, weight_as("weight_attr"), BIAS)),
    Row(
        Kind.LAYER_NORM,
        FLUID,
        fluid.LayerNorm,
        (
            _over(),
            EPSILON,
            tells("weight", has("weight"), "scale"),
            tells("bias", has("bias"), "shift"),
            says("act", None, "_act"),
        ),
    ),
)

ROWS = (*INSTANCE_NORMS, *GROUP_NORMS, *LAYER_NORMS)
