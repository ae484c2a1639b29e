"""What arguments mean in every API, by their names; and words that layers of a kind tell by their tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....frontends.kinds import owner_of
from ....frontends.tensor import plain
from ..errors import NoCounterpartError, PortingError
from ..kinds import normalized_shape
from .convolution import sizes, spread
from .words import Entry, Meaning, Sense, affine, has, is_frozen, shape_of, tells

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....frontends.kinds import LayerKind

NORMS = ("BatchNormNd", "InstanceNormNd", "GroupNorm")
CONVOLUTIONS = ("ConvNd", "ConvTransposeNd")
# words that are one number for each spatial axis, or one for all of them
BY_AXIS = ("kernel_size", "stride", "padding", "dilation", "output_padding", "output_size")
# of kinds that have no number of axes in their names
PLANES = ("Fold", "Unfold")


def presence(role: str) -> Sense:
    """Return how a flag says whether there is a parameter."""
    return tells(role, has(role), raw=has(role))


def unweighted(weight: Any) -> None:
    """Return None for a loss without weights.

    Raises:
        NoCounterpartError: it has some.
    """
    if weight is not None:
        msg = "it has weights of its own"
        raise NoCounterpartError(msg)


def longest(layer: Any) -> tuple[float, float] | None:
    """Return the greatest norm of an embedding's rows, and of which order; None where there is none."""
    of = "_" if hasattr(layer, "_max_norm") else ""
    norm = getattr(layer, f"{of}max_norm")
    return None if norm is None else (norm, getattr(layer, f"{of}norm_type"))


def window(layer: Any) -> Any:
    """Return the stride of a pool, which is the window's size where none is given."""
    stride = getattr(layer, "stride", None)
    return (layer.ksize if hasattr(layer, "ksize") else layer.kernel_size) if stride is None else stride


def sides(value: Any, axes: int) -> tuple[int, ...]:
    """Return what is added on each side, the last axis first.

    Raises:
        PortingError: something is taken away.
    """
    found = spread(value, 2 * axes)
    if min(found) < 0:
        msg = "negative padding, which crops, is not ported. Slice in your forward"
        raise PortingError(msg)
    return found


def filled_row(layer: Any) -> int | None:
    """Return the padding row of an embedding where it is not zeros, which APIs read in two ways; None otherwise."""
    of = "_" if hasattr(layer, "_num_embeddings") or hasattr(layer, "_padding_idx") else ""
    row = layer._row if hasattr(layer, "_row") else getattr(layer, f"{of}padding_idx", None)
    if row is None or (row == -1 and of) or layer.weight.is_meta or not plain(layer.weight)[row].any():
        return None
    return int(row)


def padding_row(*, zeroed: bool) -> Sense:
    """Return how a table says which row pads: as zeros whatever it holds, as in Paddle, or as it is."""

    def write(meaning: Meaning) -> Any:
        row, is_zeroed = meaning.get("_filled_row", (None, zeroed))
        if row is not None and is_zeroed != zeroed:
            there = "reads as zeros" if zeroed else "reads as it is"
            msg = f"row {row} of the weight is not zeros; there, the row that pads {there}. Set it to zeros"
            raise PortingError(msg)
        return meaning["padding_idx"]

    return tells("padding_idx", _padding_idx, write)


def _padding_idx(layer: Any) -> Any:
    names = ("_row", "padding_idx", "_padding_idx")
    return next((getattr(layer, name) for name in names if hasattr(layer, name)), None)


MODES = {
    "Constant": "constant",
    "Zero": "constant",
    "Reflection": "reflect",
    "Replication": "replicate",
    "Circular": "circular",
}


def mode_of(layer: Any) -> str:
    """Return how a layer pads: what it keeps, or what its class is for."""
    kept = getattr(layer, "_mode", None)
    if isinstance(kept, str):
        return kept
    owner = owner_of(layer)
    assert owner is not None
    return next(mode for name, mode in MODES.items() if owner.__name__.startswith(name))


def value_of(layer: Any) -> float:
    """Return what a layer pads with."""
    return float(getattr(layer, "value", 0.0)) if mode_of(layer) == "constant" else 0.0


def corners(layer: Any) -> bool:
    """Return whether a layer that resizes aligns corners."""
    return bool(layer.align_corners) and layer.mode != "nearest"


def torch_corners(meaning: Meaning) -> bool | None:
    """Return torch's argument for that, which some modes do not take."""
    return None if meaning["mode"] in ("nearest", "nearest-exact", "area") else meaning["align_corners"]


def factors(scale_factor: Any) -> Any:
    """Return what sizes are multiplied by as floats."""
    if scale_factor is None or isinstance(scale_factor, (int, float, np.number)):
        return None if scale_factor is None else float(scale_factor)
    return tuple(map(float, scale_factor))


ATTRIBUTES = ("param_attr", "weight_attr")
FROZEN = tells("frozen", is_frozen)

# by argument, or by kind and argument; 'Kind.' has what no argument says
SAYS: dict[str, Entry] = {
    **dict.fromkeys(("args", "device", "dtype", "generator", "kwargs", "name")),
    **dict.fromkeys(("max_value", "min_value", "reduce", "size_average")),  # older names, kept under the new ones
    "affine": affine(),
    # always there
    **{f"{kind}.{name}": None for kind in (*CONVOLUTIONS, "Linear", "Embedding", "PReLU") for name in ATTRIBUTES},
    **{f"{kind}.bias": presence("bias") for kind in (*CONVOLUTIONS, *NORMS, "Linear", "LayerNorm")},
    "BatchNormNd.": (FROZEN,),
    **dict.fromkeys(("Embedding._freeze", "Embedding._weight", "PReLU.init")),
    "Embedding.": (FROZEN, tells("_filled_row", lambda layer: (filled_row(layer), False))),
    "Embedding.padding_idx": padding_row(zeroed=False),
    "Embedding.max_norm": tells("max_norm", longest, lambda meaning: (meaning["max_norm"] or (None,))[0], "max_norm"),
    "Embedding.norm_type": tells(
        "max_norm", longest, lambda meaning: (meaning["max_norm"] or (0, 2.0))[1], "norm_type"
    ),
    "InstanceNormNd.momentum": None,  # of statistics, which are tracked nowhere but in torch
    "PadNd.": (tells("padding_mode", mode_of), tells("pad_value", value_of)),
    "PadNd.value": tells("pad_value", value_of),
    "Upsample.scale_factor": Sense("scale_factor", factors),
    "Upsample.align_corners": tells("align_corners", corners, torch_corners),
    **{f"{kind}PoolNd.stride": tells("stride", window) for kind in ("Max", "Avg", "LP", "MaxUn")},
}

# words of some kinds that are read off the tensors, whatever the attributes
BY_TENSORS: dict[tuple[str, str], Callable[[Any], Any]] = {
    **{(kind, "in_channels"): lambda layer: sizes(layer)[0] for kind in CONVOLUTIONS},
    **{(kind, "out_channels"): lambda layer: sizes(layer)[1] for kind in CONVOLUTIONS},
    **{(kind, "kernel_size"): lambda layer: sizes(layer)[2] for kind in CONVOLUTIONS},
    ("Linear", "in_features"): lambda layer: shape_of(layer)[1],
    ("Linear", "out_features"): lambda layer: shape_of(layer)[0],
    ("Embedding", "num_embeddings"): lambda layer: shape_of(layer)[0],
    ("Embedding", "embedding_dim"): lambda layer: shape_of(layer)[1],
    ("PReLU", "num_parameters"): lambda layer: shape_of(layer)[0],
    ("LayerNorm", "normalized_shape"): normalized_shape,
}


def ordinary(kind: LayerKind, word: str, value: Any) -> Any:
    """Return a word's value in the one form in which values are compared: tuples, one for each axis."""
    axes = 2 if kind.name in PLANES else next(iter(kind.axes)) if len(kind.axes) == 1 else 0
    if kind.name == "PadNd" and word == "padding":
        return sides(value, axes)
    if axes and word in BY_AXIS and not isinstance(value, str):
        return tuple(spread(value, axes))
    return tuple(value) if isinstance(value, list) else value
