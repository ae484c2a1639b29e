"""What arguments mean in each API, where neither their names nor those of the functions' parameters tell.

A key is an argument, or a kind and its argument; 'Kind.' has what no argument says. None is an argument that says
nothing, a text another word, and a function makes the entry of the kind and the argument's default.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ....frontends.paddle.rows.windows import pads_along
from ..errors import NoCounterpartError, PortingError
from . import convolution as conv
from . import recurrent
from .batch_norm import ALWAYS, COMPLEMENT, GLOBAL, TRACKS, follows, number, of_megengine
from .common import corners, filled_row, padding_row
from .words import Entry, Meaning, Sense, affine, has, shape_of, tells

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....frontends.kinds import LayerKind

    Table = dict[str, Entry | Callable[[LayerKind, Any], Sense]]


def inverted(word: str) -> Sense:
    """Return how an argument says the opposite of a word."""
    return Sense(word, lambda value: not value, lambda value: not value)


def one_of(*modes: str) -> Sense:
    """Return how a mode of resizing is said that has to be one of these."""

    def legal(mode: str) -> str:
        if mode not in modes:
            msg = f"there, modes are {', '.join(map(repr, modes))}"
            raise PortingError(msg)
        return mode

    return Sense("mode", None, legal)


def dim(axis: int | None) -> int:
    """Return an axis that is named.

    Raises:
        PortingError: it is None.
    """
    if axis is None:
        msg = "there, an axis must be named"
        raise PortingError(msg)
    return axis


# -- torch, and OneFlow, which has its words ----------------------------------------------------------------------

# torch's may keep running statistics and go by them in eval(); OneFlow's may keep some that nothing reads
TORCH: Table = {
    "ConvNd.padding": conv.pads(conv.pads_of, conv.torch_padding),
    "ConvTransposeNd.padding": conv.stated(conv.wider)[0],
    "ConvTransposeNd.output_padding": conv.stated(conv.wider)[1],
    "BatchNormNd.track_running_stats": TRACKS,
    "BatchNormNd.": (follows("unbiased", "track_running_stats", TRACKS),),
    "InstanceNormNd.track_running_stats": "tracked",
    "LayerNorm.elementwise_affine": affine()[0],
    "Upsample.recompute_scale_factor": Sense("recompute_scale_factor", lambda recompute: recompute or None),
}

ONEFLOW: Table = {
    **TORCH,
    "ConvNd.padding": conv.pads(conv.pads_of, conv.numbers),
    "padding_mode": None,  # but for zeros, refused by the class
    "BatchNormNd.momentum": Sense("momentum", None, number),
    "InstanceNormNd.track_running_stats": None,
    "LayerNorm.elementwise_affine": affine(),
    "AvgPoolNd.divisor_override": Sense("divisor_override", lambda over: over or None, lambda over: over or 0),
    "Upsample.mode": one_of("nearest", "linear", "bilinear", "bicubic", "trilinear", "area"),
    "PixelShuffle.h_upscale_factor": None,
    "PixelShuffle.w_upscale_factor": None,
}


def one_factor(layer: Any) -> int:
    """Return by what a layer enlarges both axes.

    Raises:
        PortingError: it is not the same for both.
    """
    if layer.h_upscale_factor != layer.w_upscale_factor:
        msg = f"factors {layer.h_upscale_factor} and {layer.w_upscale_factor}: elsewhere, there is one for both axes"
        raise PortingError(msg)
    return int(layer.h_upscale_factor)


ONEFLOW["PixelShuffle.upscale_factor"] = tells("upscale_factor", one_factor)

# OneFlow's own operator along three axes takes any output padding
ONEFLOW_VOLUMES: Table = {
    "ConvTransposeNd.padding": conv.stated(lambda _: None, negative=True)[0],
    "ConvTransposeNd.output_padding": conv.stated(lambda _: None, negative=True)[1],
}

# -- MegEngine ----------------------------------------------------------------------------------------------------

AVERAGES = {False: "average_count_exclude_padding", True: "average"}


def one_slope(count: int) -> int:
    """Return 1.

    Raises:
        NoCounterpartError: there are more slopes.
    """
    if count > 1:
        msg = "slopes per channel are for planes alone there"
        raise NoCounterpartError(msg)
    return 1


def below_one(p: float) -> float:
    """Return a probability below 1.

    Raises:
        PortingError: it is 1.
    """
    if p == 1:
        msg = "there, drop_prob is below 1"
        raise PortingError(msg)
    return p


def groups_along(kind: LayerKind, default: Any) -> Sense:
    """Return how MegEngine's convolutions say their groups, which those along one axis refuse when they are called."""

    def write(groups: int) -> int:
        if groups > 1 and kind.axes == {1}:
            msg = "there, convolutions along one axis have one group"
            raise PortingError(msg)
        return groups

    return Sense("groups", None, write)


def stated(sizes: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Return sizes that are all numbers.

    Raises:
        PortingError: one is None.
    """
    if None in sizes:
        msg = "there, sizes are numbers, not None for the input's"
        raise PortingError(msg)
    return sizes


def frozen_there(meaning: Meaning) -> bool:
    """Return whether a layer of MegEngine goes by running statistics always."""
    return bool(meaning["statistics"] == "running")


MEGENGINE: Table = {
    **recurrent.MEGENGINE,
    **dict.fromkeys(("compute_mode", "initial_weight", "Embedding.freeze")),
    "ConvNd.groups": groups_along,
    "ConvNd.padding": conv.pads(conv.pads_of, conv.numbers),
    "ConvTransposeNd.padding": conv.stated(lambda meaning: meaning["stride"])[0],
    "ConvTransposeNd.output_padding": conv.stated(lambda meaning: meaning["stride"])[1],
    "BatchNormNd.momentum": COMPLEMENT,
    "BatchNormNd.freeze": tells("statistics", of_megengine, frozen_there),
    "BatchNormNd.track_running_stats": tells(
        "statistics", of_megengine, lambda meaning: meaning["statistics"] != "batch"
    ),
    "BatchNormNd.": (tells("variance", lambda layer: "unbiased" if of_megengine(layer) == "tracked" else None),),
    "InstanceNormNd.num_channels": "num_features",
    "Embedding.max_norm": None,
    "Embedding.norm_type": None,
    "Embedding.padding_idx": None,
    "PReLU.num_parameters": tells(
        "num_parameters", lambda layer: shape_of(layer)[0], lambda meaning: one_slope(meaning["num_parameters"])
    ),
    "Dropout.drop_prob": Sense("p", None, below_one),
    "AvgPoolNd.mode": Sense("count_include_pad", lambda mode: mode == AVERAGES[True], AVERAGES.__getitem__),
    "oshp": Sense("output_size", None, stated),
    "LocalResponseNorm.kernel_size": "size",
}

# -- Paddle -------------------------------------------------------------------------------------------------------


def attribute_for(role: str, asked: bool | None = None) -> Sense:
    """Return how Paddle's attribute says whether there is a parameter: None for one of its own, False for none."""

    def attribute(there: bool) -> bool | None:
        return asked if there else False

    there = has(role)
    return tells(role, there, lambda meaning: attribute(meaning[role]), raw=lambda layer: attribute(there(layer)))


def small(epsilon: float) -> float:
    """Return an epsilon that Paddle's operator takes.

    Raises:
        PortingError: it is above 0.001.
    """
    if epsilon > 0.001:
        msg = "there, epsilon is 0.001 at most"
        raise PortingError(msg)
    return epsilon


def is_last(data_format: str | None) -> bool:
    """Whether a data format of Paddle has the channels last; None has them second."""
    return data_format is not None and data_format.endswith("C") and data_format != "NC"


def channels(kind: LayerKind, default: Any) -> Sense:
    """Return how Paddle says whether the channels are last."""
    formats = {frozenset({1}): "NLC", frozenset({2}): "NHWC", frozenset({3}): "NDHWC"}
    return Sense("channels_last", is_last, lambda last: formats.get(kind.axes, "NHWC") if last else default)


def slopes_last(layer: Any) -> bool:
    """Whether slopes are of the last axis; one slope is the same for any order."""
    return is_last(layer._data_format) and shape_of(layer) != (1,)


def pool_pads(padding: Any, kernel_size: Any, data_format: str | None, axes: int) -> tuple[int, ...]:
    """Return the pads of a Paddle pool.

    Raises:
        PortingError: they are not the same on both sides, or more than half a window.
    """
    pads = pads_along(padding, axes, last=is_last(data_format))
    pads = [(0, 0)] * axes if pads == "VALID" else pads
    if isinstance(pads, str) or any(low != high for low, high in pads):
        msg = f"padding={padding!r}: there, pads are equal on both sides, and known. Pad in your forward"
        raise PortingError(msg)
    if any(2 * low > size for (low, _), size in zip(pads, conv.spread(kernel_size, axes), strict=True)):
        msg = f"padding={padding!r}: there, pads are half of kernel_size={kernel_size!r} at most"
        raise PortingError(msg)
    return tuple(low for low, _ in pads)


def pool_padding(kind: LayerKind, default: Any) -> Sense:
    """Return how a Paddle pool says its pads."""

    def read(layer: Any) -> tuple[int, ...]:
        size = layer.ksize if hasattr(layer, "ksize") else layer.kernel_size
        own = getattr(layer, "data_format", getattr(layer, "_data_format", None))
        return pool_pads(layer.padding, size, own, next(iter(kind.axes)))

    return tells("padding", read, lambda meaning: list(meaning["padding"]))


def blocks_padding(paddings: Any) -> tuple[int, int]:
    """Return the pads of Paddle's Fold and Unfold: one number, two, or four that are top, left, bottom and right.

    Raises:
        PortingError: they are not the same on both sides.
    """
    found = conv.spread(paddings, 2)
    if len(found) == 4 and found[:2] != found[2:]:
        msg = f"paddings={paddings!r}: there, pads are equal on both sides. Pad in your forward"
        raise PortingError(msg)
    return found[0], found[1]


def smooth(layer: Any) -> float:
    """Return where Paddle's SmoothL1Loss becomes linear.

    Raises:
        NoCounterpartError: it is Huber's loss, which is another one.
    """
    huber, delta = getattr(layer, "_is_huber", getattr(layer, "is_huber", True)), getattr(layer, "delta", None)
    delta = layer._delta if delta is None else delta
    if huber and delta != 1:
        msg = f"with delta={delta} it is Huber's loss. Build it with is_huber=False, and multiply by delta"
        raise NoCounterpartError(msg)
    return float(delta)


def paddle_pads(layer: Any) -> conv.Pairs:
    """Return the pads of a convolution of Paddle's."""
    return conv.paddle_pads(layer, last=is_last(layer._data_format))


def paddle_sides(layer: Any) -> conv.Pairs:
    """Return what a transposed convolution of Paddle's cuts."""
    extra = conv.spread(getattr(layer, "output_padding", None) or 0, conv.axes_of(layer))
    return tuple((low, high - more) for (low, high), more in zip(paddle_pads(layer), extra, strict=True))


PADDLES: Table = {
    "epsilon": "eps",
    "LayerNorm.epsilon": Sense("eps", None, small),
    "axis": "dim",
    "data_format": channels,
    "data_layout": channels,
    "Embedding.": (tells("_filled_row", lambda layer: (filled_row(layer), True)),),
    "Embedding.padding_idx": padding_row(zeroed=True),
    "weight_attr": attribute_for("weight"),
    "param_attr": attribute_for("weight"),
    "bias_attr": attribute_for("bias"),
    "ConvNd.dilation": tells("dilation", conv.paddle_dilation),
    "ConvTransposeNd.dilation": tells("dilation", conv.paddle_dilation),
    "BatchNormNd.num_channels": "num_features",
    "BatchNormNd.momentum": COMPLEMENT,
    "BatchNormNd.use_global_stats": GLOBAL,
    "BatchNormNd.": (follows("biased", "_use_global_stats", GLOBAL),),
    **dict.fromkeys(f"BatchNormNd.{word}" for word in ("is_test", "in_place")),
    **dict.fromkeys(f"BatchNormNd.moving_{word}_name" for word in ("mean", "variance")),
    "BatchNormNd.do_model_average_for_mean_and_var": None,
}


PADDLE: Table = {
    **PADDLES,
    **recurrent.PADDLE,
    # said by the attributes
    **dict.fromkeys(f"{kind}.bias" for kind in ("ConvNd", "LayerNorm")),
    **dict.fromkeys(("affine", "elementwise_affine")),
    "data_layout": lambda kind, default: replace(channels(kind, default), attribute="_data_format"),
    "ConvNd.padding": lambda kind, default: conv.pads(paddle_pads, conv.paddle_padding),
    "ConvTransposeNd.padding": tells("sides", paddle_sides, lambda m: conv.paddle_cuts(m)[0]),
    "ConvTransposeNd.output_padding": tells("sides", paddle_sides, lambda m: conv.paddle_cuts(m)[1], "output_padding"),
    "PReLU.data_format": tells(
        "channels_last", slopes_last, lambda meaning: "NHWC" if meaning["channels_last"] else "NCHW"
    ),
    "Softmax.axis": Sense("dim", None, dim),
    "LogSoftmax.axis": Sense("dim", None, dim),
    "GELU.approximate": Sense(
        "approximate", lambda how: "tanh" if how in (True, "tanh") else "none", lambda how: how == "tanh"
    ),
    "Hardtanh.min": "min_val",
    "Hardtanh.max": "max_val",
    "Hardshrink.threshold": "lambd",
    "Softshrink.threshold": "lambd",
    "Dropout.axis": "axis",
    "Dropout.mode": "dropout_mode",
    "Flatten.start_axis": "start_dim",
    "Flatten.stop_axis": "end_dim",
    "Unflatten.shape": "unflattened_size",
    "exclusive": inverted("count_include_pad"),
    **{f"{kind}PoolNd.padding": pool_padding for kind in ("Max", "Avg", "LP")},
    **{f"{kind}PoolNd.kernel_size": Sense("kernel_size", attribute="ksize") for kind in ("Max", "Avg", "LP")},
    "PadNd.mode": tells("padding_mode", lambda layer: layer._mode),
    "Upsample.align_corners": tells("align_corners", corners),
    "Upsample.mode": one_of("nearest", "linear", "bilinear", "bicubic", "trilinear", "area"),
    "output_sizes": "output_size",
    "kernel_sizes": "kernel_size",
    "strides": "stride",
    "dilations": "dilation",
    "paddings": Sense("padding", blocks_padding, list),
    "SmoothL1Loss.delta": tells("beta", smooth),
    "SmoothL1Loss.is_huber": tells("beta", smooth, lambda meaning: meaning["beta"] == 1),
}
# what Paddle's classes along a number of axes say by None, its class of any axes by False
PADDLE_BY_AXES: Table = {
    "BatchNormNd.use_global_stats": ALWAYS,
    "BatchNormNd.": (follows("biased", "_use_global_stats", ALWAYS),),
}
