"""Normalisations in each API.

`momentum` is torch's here, the share of a batch. `statistics` says what a batch normalisation goes by: "tracked" (the
batch in train(), running statistics in eval()), "batch" or "running" (always that). `variance` says which one of a
batch the running variance follows.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from torch import nn

from ....frontends.megengine import module as megengine
from ....frontends.oneflow import nn as oneflow
from ....frontends.paddle import nn as paddle
from ....frontends.paddle.fluid import dygraph as fluid
from ..errors import PortingError
from ..kinds import Kind, normalized_shape
from .convolution import CHANNELS, attribute_for
from .words import PLANES, VOLUMES, Meaning, Row, Says, channels, has, is_frozen, same, says, shape_of, tells

TORCH = ("torch", "torch.nn")
FLUID = ("fluid", "fluid_1_8")
LINES = frozenset({0, 1})

UNSAID = {
    "batch": "there, eval() goes by running statistics",
    "running": "there, train() goes by the batch. Call eval() on the layer after train()",
}


def _affine(argument: str = "affine") -> tuple[Says, Says]:
    """Return how one flag says both parameters."""
    return tells("weight", has("weight"), argument), tells("bias", has("bias"), argument)


def _attributes(weight: str = "weight_attr", name: str = "weight") -> tuple[Says, Says]:
    """Return how Paddle's attributes say them."""
    return (
        tells("weight", has(name), weight, lambda meaning: attribute_for(meaning, "weight")),
        tells("bias", has("bias"), "bias_attr", attribute_for),
    )


def complement(momentum: float | None) -> float:
    """Return the other convention's momentum, as one would write it.

    Raises:
        PortingError: it is None, torch's average of all batches.

    >>> complement(0.9), complement(0.1), 1 - 0.9
    (0.1, 0.9, 0.09999999999999998)
    """
    return float(1 - Decimal(repr(_number(momentum))))


def _number(momentum: float | None) -> float:
    if momentum is None:
        msg = "there, momentum is a number; torch alone averages all batches"
        raise PortingError(msg)
    return float(momentum)


def _goes_by(argument: str, attribute: str, values: dict[str, bool | None], read: Any = None) -> Says:
    """Return how an argument says `statistics`: the value for each that it can say."""

    def write(statistics: str) -> bool | None:
        if statistics not in values:
            raise PortingError(UNSAID[statistics])
        return values[statistics]

    names = {value: name for name, value in values.items()}
    return says("statistics", argument, attribute, read=read or names.__getitem__, write=write)


def _follows(variance: str, statistics: Says) -> Says:
    return tells("variance", lambda layer: variance if statistics.read(layer) == "tracked" else None)


def _in_megengine(layer: Any) -> str:
    if layer.freeze:
        return "running"
    return "tracked" if layer.track_running_stats else "batch"


FROZEN = tells("frozen", is_frozen)
MOMENTUM = says("momentum", None, "_momentum", read=complement, write=complement)
EPSILON = says("eps", "epsilon", "_epsilon")
LAYOUT = channels("_data_layout", "data_layout", ("NCHW", "NHWC"))

TRACKS = _goes_by("track_running_stats", "track_running_stats", {"tracked": True, "batch": False})
ALWAYS = _goes_by("use_global_stats", "_use_global_stats", {"tracked": None, "batch": False, "running": True})
GLOBAL = _goes_by(
    "use_global_stats",
    "_use_global_stats",
    {"tracked": False, "running": True},
    lambda used: "running" if used else "tracked",
)

TORCH_BATCH = (*same("num_features", "eps"), *_affine(), TRACKS, _follows("unbiased", TRACKS), FROZEN)
MEGENGINE_BATCH = (
    *same("num_features", "eps"),
    *_affine(),
    says("momentum", read=complement, write=complement),
    tells("statistics", _in_megengine, "freeze", lambda meaning: meaning["statistics"] == "running", "freeze"),
    tells(
        "statistics",
        _in_megengine,
        "track_running_stats",
        lambda meaning: meaning["statistics"] != "batch",
        "track_running_stats",
    ),
    tells("variance", lambda layer: "unbiased" if _in_megengine(layer) == "tracked" else None),
    FROZEN,
)
PADDLE_BATCH = (MOMENTUM, EPSILON, FROZEN)

BATCH_NORMS = (
    *(
        Row(Kind.BATCH_NORM, TORCH, kind, (*TORCH_BATCH, says("momentum")), axes)
        for kind, axes in ((nn.BatchNorm1d, LINES), (nn.BatchNorm2d, PLANES), (nn.BatchNorm3d, VOLUMES))
    ),
    Row(Kind.BATCH_NORM, ("oneflow",), oneflow.BatchNorm3d, (*TORCH_BATCH, says("momentum", write=_number)), VOLUMES),
    Row(Kind.BATCH_NORM, ("megengine",), megengine.BatchNorm1d, MEGENGINE_BATCH, LINES),
    Row(Kind.BATCH_NORM, ("megengine",), megengine.BatchNorm2d, MEGENGINE_BATCH, PLANES),
    Row(
        Kind.BATCH_NORM,
        ("paddle",),
        paddle.BatchNorm3D,
        (
            says("num_features", None, "_num_features"),
            *PADDLE_BATCH,
            *_attributes(),
            ALWAYS,
            _follows("biased", ALWAYS),
            CHANNELS,
        ),
        VOLUMES,
    ),
    Row(
        Kind.BATCH_NORM,
        ("paddle",),
        paddle.BatchNorm,
        (
            says("num_features", "num_channels", "_num_features"),
            *PADDLE_BATCH,
            *_attributes("param_attr"),
            GLOBAL,
            _follows("biased", GLOBAL),
            LAYOUT,
            says("act", None, "_act"),
        ),
    ),
    Row(
        Kind.BATCH_NORM,
        FLUID,
        fluid.BatchNorm,
        (
            tells("num_features", lambda layer: len(layer._mean), "num_channels"),
            *PADDLE_BATCH,
            *_attributes("param_attr"),
            GLOBAL,
            _follows("biased", GLOBAL),
            LAYOUT,
            says("act", None, "_act"),
        ),
    ),
)

# torch's may keep running statistics and go by them in eval(); OneFlow's may keep some that nothing reads
TORCH_INSTANCE = (*same("num_features", "eps"), *_affine(), says("tracked", "track_running_stats"))

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
        ("oneflow",),
        oneflow.InstanceNorm3d,
        (*same("num_features", "eps"), *_affine()),
        VOLUMES,
    ),
    Row(
        Kind.INSTANCE_NORM,
        ("megengine",),
        megengine.InstanceNorm,
        (says("num_features", "num_channels"), says("eps"), *_affine()),
        PLANES,
    ),
    Row(
        Kind.INSTANCE_NORM,
        ("paddle",),
        paddle.InstanceNorm3D,
        (says("num_features", None, "_num_features"), EPSILON, *_attributes("weight_attr", "scale")),
        VOLUMES,
    ),
    Row(
        Kind.INSTANCE_NORM,
        FLUID,
        fluid.InstanceNorm,
        (
            tells("num_features", lambda layer: shape_of(layer, "bias")[0], "num_channels"),
            EPSILON,
            *_attributes("param_attr", "scale"),
        ),
    ),
)

GROUPS = same("num_groups", "num_channels", "eps")

GROUP_NORMS = (
    Row(Kind.GROUP_NORM, TORCH, nn.GroupNorm, (*GROUPS, *_affine())),
    Row(Kind.GROUP_NORM, ("oneflow",), oneflow.GroupNorm, (*GROUPS, *_affine())),
    Row(Kind.GROUP_NORM, ("megengine",), megengine.GroupNorm, (*GROUPS, *_affine()), PLANES),
    Row(
        Kind.GROUP_NORM,
        ("paddle",),
        paddle.GroupNorm,
        (
            says("num_groups", None, "_num_groups"),
            says("num_channels", None, "_num_channels"),
            EPSILON,
            *_attributes(),
            channels("_data_format", formats=("NCHW", "NHWC")),
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
            tells("weight", has("weight"), "elementwise_affine"),
            tells("bias", has("bias"), "bias"),
        ),
    ),
    Row(Kind.LAYER_NORM, ("oneflow",), oneflow.LayerNorm, (_over(), says("eps"), *_affine("elementwise_affine"))),
    Row(Kind.LAYER_NORM, ("megengine",), megengine.LayerNorm, (_over(), says("eps"), *_affine())),
    Row(Kind.LAYER_NORM, ("paddle",), paddle.LayerNorm, (_over(), EPSILON, *_attributes())),
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

ROWS = (*BATCH_NORMS, *INSTANCE_NORMS, *GROUP_NORMS, *LAYER_NORMS)
