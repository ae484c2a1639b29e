"""Batch normalisation in each API.

`momentum` is torch's here, the share of a batch. `statistics` says what a layer goes by: "tracked" (the batch in
train(), running statistics in eval()), "batch" or "running" (always that). `variance` says which one of a batch the
running variance follows.
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
from ..kinds import Kind
from .normalisation import affine
from .paddles import BIAS, CHANNELS, EPSILON, channels, weight_as
from .words import FLUID, MEGENGINE, ONEFLOW, PADDLE, PLANES, TORCH, VOLUMES, Row, Says, is_frozen, same, says, tells

LINES = frozenset({0, 1})

UNSAID = {
    "batch": "there, eval() goes by running statistics",
    "running": "there, train() goes by the batch. Call eval() on the layer after train()",
}


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

TRACKS = _goes_by("track_running_stats", "track_running_stats", {"tracked": True, "batch": False})
ALWAYS = _goes_by("use_global_stats", "_use_global_stats", {"tracked": None, "batch": False, "running": True})
GLOBAL = _goes_by(
    "use_global_stats",
    "_use_global_stats",
    {"tracked": False, "running": True},
    lambda used: "running" if used else "tracked",
)

TORCH_BATCH = (*same("num_features", "eps"), *affine(), TRACKS, _follows("unbiased", TRACKS), FROZEN)
MEGENGINE_BATCH = (
    *same("num_features", "eps"),
    *affine(),
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
PADDLE_BATCH = (MOMENTUM, EPSILON, FROZEN, BIAS)
PADDLE_BATCH_OF_ANY = (
    *PADDLE_BATCH,
    weight_as("param_attr"),
    GLOBAL,
    _follows("biased", GLOBAL),
    says("act", None, "_act"),
)

ROWS = (
    *(
        Row(Kind.BATCH_NORM, TORCH, kind, (*TORCH_BATCH, says("momentum")), axes)
        for kind, axes in ((nn.BatchNorm1d, LINES), (nn.BatchNorm2d, PLANES), (nn.BatchNorm3d, VOLUMES))
    ),
    Row(Kind.BATCH_NORM, ONEFLOW, oneflow.BatchNorm3d, (*TORCH_BATCH, says("momentum", write=_number)), VOLUMES),
    Row(Kind.BATCH_NORM, MEGENGINE, megengine.BatchNorm1d, MEGENGINE_BATCH, LINES),
    Row(Kind.BATCH_NORM, MEGENGINE, megengine.BatchNorm2d, MEGENGINE_BATCH, PLANES),
    Row(
        Kind.BATCH_NORM,
        PADDLE,
        paddle.BatchNorm3D,
        (
            says("num_features", None, "_num_features"),
            *PADDLE_BATCH,
            weight_as("weight_attr"),
            ALWAYS,
            _follows("biased", ALWAYS),
            CHANNELS,
        ),
        VOLUMES,
    ),
    Row(
        Kind.BATCH_NORM,
        PADDLE,
        paddle.BatchNorm,
        (
            says("num_features", "num_channels", "_num_features"),
            *PADDLE_BATCH_OF_ANY,
            channels("_data_layout", "data_layout", ("NCHW", "NHWC")),
        ),
    ),
    Row(
        Kind.BATCH_NORM,
        FLUID,
        fluid.BatchNorm,
        (
            tells("num_features", lambda layer: len(layer._mean), "num_channels"),
            *PADDLE_BATCH_OF_ANY,
            channels("_data_layout", "data_layout", ("NCHW", "NHWC")),
        ),
    ),
)
