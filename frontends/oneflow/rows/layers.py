"""Rows of layers that learn nothing: activations, pools, paddings, losses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch.nn.functional as F

from ...names import Kept, Learned, kept
from ..names import NAMES
from ..nn.modules.module import Module
from . import activations, joining, losses, pools, shapes, volumes

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

CALLED = (joining, pools, shapes, volumes)  # their rows are what the layers call
NAMES.base = Module
layer = NAMES.layer

# the release takes it and computes into a new tensor all the same, some with a warning
UNUSED = Kept("inplace", means=None, reason="OneFlow 0.9 does not compute these in place")


def shows(*attributes: str) -> Callable[[Any], str]:
    """Return an `extra_repr` that lists attributes, and `inplace` where it is true."""

    def shown(layer: Any) -> str:
        texts = [f"{name}={getattr(layer, name)}" for name in attributes]
        return ", ".join([*texts, *(["inplace=True"] if getattr(layer, "inplace", False) else [])])

    return shown


for name in ("Tanh", "Sigmoid", "QuickGELU", "LogSigmoid"):
    functions = {"QuickGELU": "quick_gelu", "LogSigmoid": "nn.functional.logsigmoid"}
    layer(f"nn.{name}", functions.get(name, name.lower()))
for name in ("SiLU", "SELU", "Mish", "Softsign"):
    layer(f"nn.{name}", name.lower(), inplace=UNUSED)
layer("nn.ReLU", "relu", shown=shows())
for name in ("ReLU6", "Hardswish"):
    layer(f"nn.{name}", f"nn.functional.{name.lower()}", inplace=UNUSED, shown=shows())
layer("nn.Hardsigmoid", "nn.functional.hardsigmoid", shown=shows())
layer("nn.GELU", "gelu")
layer("nn.ELU", "nn.functional.elu", inplace=UNUSED, shown=shows("alpha"))
layer("nn.CELU", "nn.functional.celu", shown=shows("alpha"))
layer("nn.LeakyReLU", F.leaky_relu, shown=shows("negative_slope"))
layer("nn.Softplus", "softplus", shown=shows("beta", "threshold"))
layer("nn.Hardshrink", "nn.functional.hardshrink", shown=shows("lambd"))
layer("nn.Softshrink", F.softshrink, inplace=UNUSED, shown=shows("lambd"))
layer("nn.GLU", "nn.functional.glu")
layer("nn.Softmax", "softmax", shown=shows("dim"))
layer("nn.LogSoftmax", "log_softmax", shown=shows("dim"))
layer("nn.Threshold", "threshold")
layer("nn.Identity", lambda x: x, args=kept(None), kwargs=kept(None))
layer("nn.Flatten", "flatten", shown=shows("start_dim", "end_dim"))


def older(layer: Any, min_value: float | None, max_value: float | None) -> None:
    """Take the bounds of Hardtanh by their older names."""
    layer.min_val = layer.min_val if min_value is None else min_value
    layer.max_val = layer.max_val if max_value is None else max_value


layer(
    "nn.Hardtanh",
    "nn.functional.hardtanh",
    learned=(Learned("older", older, ("min_value", "max_value"), means=None),),
    inplace=UNUSED,
    shown=shows("min_val", "max_val"),
)


def probability(p: float) -> float:
    """Return a probability.

    Raises:
        ValueError: it is none.
    """
    if not 0 <= p <= 1:
        msg = f"dropout probability has to be between 0 and 1, but got {p}"
        raise ValueError(msg)
    return p


def dropped(x: Any, addend: Any = None, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Apply dropout, and add `addend`."""
    return activations.dropout(x, p, training, inplace, addend)


layer(
    "nn.Dropout",
    dropped,
    p=kept("p", read=probability),
    extra={"training": "self.training"},
    shown=lambda layer: f"p={layer.p}, inplace={layer.inplace}",
)


def tuple_of(count: int) -> Callable[[Any], tuple[Any, ...]]:
    """Return what makes a tuple of a number for each axis, or of one for all."""
    return lambda value: tuple(value) if hasattr(value, "__iter__") else (value,) * count


def strides(count: int) -> Learned:
    """Keep the stride, which is the window where none is given."""

    def keep(layer: Any, kernel_size: Any, stride: Any) -> None:
        layer.stride = tuple_of(count)(kernel_size if stride is None else stride)

    return Learned("stride", keep, ("kernel_size", "stride"))


def sizes(count: int, *names: str) -> dict[str, Kept]:
    """Return how arguments are kept that are a number for each axis."""
    return {name: kept(name, read=tuple_of(count)) for name in names}


def of_axes(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """Return a function that refuses an input of other axes than batch, channels and so many.

    Raises:
        AssertionError: there are others.
    """

    def checked(x: Any, **options: Any) -> Any:
        if x.dim() != count + 2:
            msg = f"expected {count + 2}-dimensional tensor, but got {x.dim()}-dimensional tensor"
            raise AssertionError(msg)
        return function(x, **options)

    return checked


def channels_dropped(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return torch's dropout of channels; an addend has no effect, as in the release."""

    def apply(x: Any, addend: Any = None, p: float = 0.5, training: bool = True) -> Any:
        return function(x, p, training)

    return apply


for axes in (1, 2, 3):
    layer(
        f"nn.Dropout{axes}d",
        channels_dropped(getattr(F, f"dropout{axes}d")),
        p=kept("p", read=probability),
        inplace=kept("inplace", means=None),
        extra={"training": "self.training"},
        shown=lambda layer: f"p={layer.p}, inplace={layer.inplace}",
    )


def given(value: Any, axes: int) -> Any:
    """Return the sizes of an output.

    Raises:
        AssertionError: it is None.
    """
    if value is None:
        msg = "'output_size' cannot be NoneType"
        raise AssertionError(msg)
    return tuple_of(axes)(value)


def unpooled(axes: int) -> Callable[..., Any]:
    """Return torch's inverse of a pool, with the arguments of forward first."""
    function: Any = getattr(F, f"max_unpool{axes}d")

    def unpool(x: Any, indices: Any, output_size: Any = None, **window: Any) -> Any:
        size = None if output_size is None else tuple(output_size)[-axes:]
        return function(x, indices, **window, output_size=size)

    return unpool


def amounts(axes: int) -> Kept:
    """Keep what is added on each side, one number for all or one for each."""

    def each(padding: Any) -> Any:
        if isinstance(padding, int):
            return [padding] * (2 * axes)
        if isinstance(padding, (list, tuple)) and len(padding) % 2 == 0:
            return padding
        msg = f"padding={padding!r} must be int or list or tuple! Give one number, or {2 * axes}."
        raise ValueError(msg)

    return kept("padding", means="pad", read=each)


for axes in (1, 2, 3):
    window: dict[str, Any] = sizes(axes, "kernel_size", "padding", "dilation")
    layer(
        f"nn.MaxPool{axes}d",
        f"nn.functional.max_pool{axes}d",
        learned=(strides(axes),),
        stride=kept(None),
        **window,
        shown=shows("kernel_size", "stride", "padding", *(["dilation"] if axes > 1 else [])),
    )
    del window["dilation"]
    layer(
        f"nn.AvgPool{axes}d",
        f"nn.functional.avg_pool{axes}d",
        learned=(strides(axes),),
        stride=kept(None),
        **window,
        shown=shows("kernel_size", "stride", "padding", "ceil_mode"),
    )
    layer(
        f"nn.AdaptiveAvgPool{axes}d",
        of_axes(getattr(F, f"adaptive_avg_pool{axes}d"), axes),
        output_size=kept("output_size", read=partial(given, axes=axes)),
    )
    layer(
        f"nn.AdaptiveMaxPool{axes}d",
        of_axes(getattr(F, f"adaptive_max_pool{axes}d"), axes),
        shown=shows("output_size"),
    )
    layer(f"nn.MaxUnpool{axes}d", unpooled(axes))
    layer(f"nn.ConstantPad{axes}d", "pad", padding=amounts(axes))


def sides(axes: int) -> Kept:
    """Keep what is added on each side as OneFlow does: a tuple of one number for all, a list of one for each.

    Raises:
        AssertionError: there are too few or too many.
    """

    def each(padding: Any) -> Any:
        if isinstance(padding, int):
            return (padding,) * (2 * axes)
        if len(padding) != 2 * axes:
            msg = f"padding={padding!r}: Padding length must be {2 * axes}."
            raise AssertionError(msg)
        return list(padding)

    return kept("padding", means="pad", read=each)


for axes in (1, 2):
    for kind, mode in (("Reflection", "reflect"), ("Replication", "replicate")):
        layer(
            f"nn.{kind}Pad{axes}d",
            "pad",
            padding=sides(axes),
            extra={"mode": repr(mode)},
            shown=lambda layer: str(layer.padding),
        )
layer("nn.ZeroPad2d", "pad", padding=amounts(2))


def resizing(layer: Any) -> str:
    """Return OneFlow's text of a layer that resizes."""
    size = f"size={layer.size}" if layer.scale_factor is None else f"scale_factor={layer.scale_factor}"
    return f"{size}, mode={layer.mode}"


def setattr_(layer: Any, **values: Any) -> None:
    """Set attributes that no argument sets."""
    layer.__dict__.update(values)


layer("nn.Upsample", "nn.functional.interpolate", shown=resizing)
for name, mode, corners in (("Nearest", "nearest", None), ("Bilinear", "bilinear", True)):
    words = (Learned("mode", partial(setattr_, mode=mode, align_corners=corners), ()),)
    layer(
        f"nn.Upsampling{name}2d",
        "nn.functional.interpolate",
        learned=words,
        extra={"align_corners": "self.align_corners"},
        shown=resizing,
    )


def shuffled(input: Any, h_upscale_factor: int, w_upscale_factor: int) -> Any:
    """Move channels into space: `(N, C * h * w, H, W)` becomes `(N, C, H * h, W * w)`."""
    batch, _, height, width = input.shape
    parts = input.reshape(batch, -1, h_upscale_factor, w_upscale_factor, height, width).permute(0, 1, 4, 2, 5, 3)
    return parts.reshape(batch, -1, height * h_upscale_factor, width * w_upscale_factor)


def factors(layer: Any, upscale_factor: int | None, h_upscale_factor: int | None, w_upscale_factor: int | None) -> None:
    """Keep the factors of PixelShuffle: one for both, or one for each.

    Raises:
        AssertionError: both are given, or neither, or one is not positive.
    """
    pair = (h_upscale_factor, w_upscale_factor)
    if (upscale_factor is None) != (None not in pair) or (upscale_factor is not None and pair != (None, None)):
        msg = f"upscale_factor={upscale_factor}, h and w {pair}: give upscale_factor alone, or both of the others."
        raise AssertionError(msg)
    layer.h_upscale_factor, layer.w_upscale_factor = pair if upscale_factor is None else (upscale_factor,) * 2


layer(
    "nn.PixelShuffle",
    shuffled,
    learned=(Learned("factors", factors, ("upscale_factor", "h_upscale_factor", "w_upscale_factor"), means=None),),
    extra={"h_upscale_factor": "self.h_upscale_factor", "w_upscale_factor": "self.w_upscale_factor"},
    h_upscale_factor=kept(None),
    w_upscale_factor=kept(None),
    shown=shows("w_upscale_factor", "h_upscale_factor"),
)
layer("nn.Fold", "nn.functional.fold", shown=shows("output_size", "kernel_size", "dilation", "padding", "stride"))
layer("nn.Unfold", "nn.functional.unfold", shown=shows("kernel_size", "dilation", "padding", "stride"))
layer("nn.CosineSimilarity", "nn.functional.cosine_similarity")
layer("nn.PairwiseDistance", "nn.functional.pairwise_distance")


def reduction(*more: str) -> Kept:
    """Keep a reduction.

    Raises:
        AssertionError: there is no such one.
    """

    def legal(value: str) -> str:
        if value not in ("none", "mean", "sum", *more):
            msg = f"reduction={value!r}; legal are 'mean', 'sum' and 'none'."
            raise AssertionError(msg)
        return value

    return kept("reduction", read=legal)


def smoothing(value: float) -> float:
    """Return the part of a label that goes to all classes.

    Raises:
        ValueError: it is none.
    """
    if not 0 <= value <= 1:
        msg = f"label_smoothing must be between 0.0 and 1.0. Got: {value}."
        raise ValueError(msg)
    return value


WEIGHT = Learned("weight", lambda layer, weight: layer.register_buffer("weight", weight), ("weight",))
MEAN = reduction()

for name, function in (("L1Loss", "l1_loss"), ("MSELoss", "mse_loss"), ("SmoothL1Loss", "smooth_l1_loss")):
    layer(f"nn.{name}", f"nn.functional.{function}", reduction=MEAN)
layer("nn.KLDivLoss", "nn.functional.kl_div", reduction=reduction("batchmean"))
layer("nn.BCELoss", "nn.functional.binary_cross_entropy", learned=(WEIGHT,), weight=kept(None), reduction=MEAN)
layer(
    "nn.BCEWithLogitsLoss",
    "nn.functional.binary_cross_entropy_with_logits",
    learned=(WEIGHT,),
    weight=kept(None),
    reduction=MEAN,
)
layer(
    "nn.CrossEntropyLoss",
    "nn.functional.cross_entropy",
    learned=(WEIGHT,),
    weight=kept(None),
    reduction=MEAN,
    label_smoothing=kept("label_smoothing", read=smoothing),
)
layer("nn.NLLLoss", losses.nll_loss, learned=(WEIGHT,), weight=kept(None), reduction=MEAN)
layer("nn.MarginRankingLoss", F.margin_ranking_loss, reduction=MEAN)
layer("nn.TripletMarginLoss", "nn.functional.triplet_margin_loss")
layer("nn.CTCLoss", F.ctc_loss, reduction=MEAN)
