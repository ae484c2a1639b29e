"""Rows of layers that pool, pad, resample and rearrange; they learn nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...names import kept
from ..names import NAMES
from .operands import integers
from .volumes import interpolate
from .windows import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

layer: Any = NAMES.layer


def shows(arguments: str) -> Callable[[Any], str]:
    """Return an `extra_repr` that lists attributes: `kernel_size=2, stride=None`; `word:attribute` names another."""
    pairs = [argument.partition(":")[::2] for argument in arguments.split()]

    def shown(layer: Any) -> str:
        return ", ".join(f"{word}={getattr(layer, attribute or word)}" for word, attribute in pairs)

    return shown


SIZES = {"kernel_size": kept("kernel_size"), "stride": kept("stride"), "padding": kept("padding")}
SIZES_OF_PLANES = {**SIZES, "kernel_size": kept("ksize"), "data_format": kept("data_format")}
WINDOWS = shows("kernel_size stride padding")
WINDOWS_OF_PLANES = shows("kernel_size:ksize stride padding")
CEIL, MASK = {"ceil_mode": kept("ceil_mode")}, {"return_mask": kept("return_mask")}
EXCLUSIVE = {"exclusive": kept("exclusive")}

layer("nn.AvgPool1D", "nn.functional.avg_pool1d", shown=WINDOWS, **SIZES, **CEIL, **EXCLUSIVE)
layer("nn.MaxPool1D", "nn.functional.max_pool1d", shown=WINDOWS, **SIZES, **CEIL, **MASK)
layer("nn.MaxPool2D", "nn.functional.max_pool2d", shown=WINDOWS_OF_PLANES, **SIZES_OF_PLANES, **CEIL, **MASK)
layer(
    "nn.AvgPool2D",
    "nn.functional.avg_pool2d",
    shown=WINDOWS_OF_PLANES,
    divisor_override=kept("divisor"),
    **SIZES_OF_PLANES,
    **CEIL,
    **EXCLUSIVE,
)
layer("nn.AdaptiveAvgPool1D", "adaptive_avg_pool1d", shown=shows("output_size"), output_size=kept("output_size"))
layer("nn.AdaptiveAvgPool2D", "nn.functional.adaptive_avg_pool2d", shown=shows("output_size:_output_size"))
layer(
    "nn.AdaptiveMaxPool1D",
    "nn.functional.adaptive_max_pool1d",
    shown=shows("output_size return_mask"),
    output_size=kept("output_size"),
    **MASK,
)
layer(
    "nn.AdaptiveMaxPool2D",
    "nn.functional.adaptive_max_pool2d",
    shown=shows("output_size:_output_size return_mask:_return_mask"),
)
layer(
    "nn.LPPool1D",
    "nn.functional.lp_pool1d",
    shown=shows("norm_type kernel_size stride padding"),
    norm_type=kept("norm_type"),
    data_format=kept("data_format"),
    **SIZES,
    **CEIL,
)
layer(
    "nn.LPPool2D",
    "nn.functional.lp_pool2d",
    shown=shows("norm_type kernel_size:ksize stride padding"),
    norm_type=kept("norm_type"),
    **SIZES_OF_PLANES,
    **CEIL,
)


def padded_on(axes: int) -> dict[str, Any]:
    """Return how a padding layer along so many axes keeps its arguments."""

    def sides(padding: Any) -> list[int]:
        pads = [padding] * (2 * axes) if isinstance(padding, int) else integers(padding)
        return pads if len(pads) == 2 * axes else pads * (2 * axes // len(pads))

    return {"padding": kept("padding", "pad", sides)}


def zeros_around(x: Tensor, pad: Any, data_format: str) -> Tensor:
    """Add zeros at the sides."""
    return NAMES.get("nn.functional.pad")(x, pad, data_format=data_format)


def pads_shown(layer: Any) -> str:
    """Return the arguments of a padding layer."""
    mode, value = getattr(layer, "_mode", "constant"), getattr(layer, "value", 0.0)
    return f"padding={layer.padding}, mode={mode}, value={value}, data_format={layer._data_format}"


for axes in FORMATS:
    layer(f"nn.Pad{axes}D", "nn.functional.pad", shown=pads_shown, value=kept("value"), **padded_on(axes))
    layer(f"nn.ZeroPad{axes}D", zeros_around, shown=pads_shown, **padded_on(axes))

layer("nn.PixelShuffle", "nn.functional.pixel_shuffle", shown=shows("upscale_factor:_upscale_factor"))
layer("nn.PixelUnshuffle", "nn.functional.pixel_unshuffle", shown=shows("downscale_factor:_downscale_factor"))
layer("nn.ChannelShuffle", "nn.functional.channel_shuffle", shown=shows("groups:_groups"))
BLOCKS = {name: kept(name) for name in ("kernel_sizes", "dilations", "paddings", "strides")}
BLOCKS_SHOWN = shows("kernel_size:kernel_sizes dilation:dilations padding:paddings stride:strides")
layer("nn.Unfold", "nn.functional.unfold", shown=BLOCKS_SHOWN, **BLOCKS)
layer("nn.Fold", "nn.functional.fold", shown=BLOCKS_SHOWN, output_sizes=kept("output_sizes"), **BLOCKS)
layer("nn.Unflatten", "unflatten", shown=shows("axis shape"), axis=kept("axis"), shape=kept("shape"))
layer(
    "nn.LocalResponseNorm",
    "nn.functional.local_response_norm",
    shown=shows("size alpha beta k"),
    **{name: kept(name) for name in ("size", "alpha", "beta", "k", "data_format")},
)


def resampled(mode: str, *, align_corners: bool) -> Callable[..., Tensor]:
    """Return a function that resamples planes one way."""

    def computed(x: Tensor, size: Any = None, scale_factor: Any = None, data_format: str = "NCHW") -> Tensor:
        return interpolate(x, size, scale_factor, mode, align_corners, data_format=data_format)

    return computed


def resampling_shown(layer: Any) -> str:
    """Return the arguments of a resampling layer."""
    wanted = f"size={layer.size}" if layer.scale_factor is None else f"scale_factor={layer.scale_factor}"
    return f"{wanted}, data_format={layer.data_format}"


for name, mode in (("UpsamplingNearest2D", "nearest"), ("UpsamplingBilinear2D", "bilinear")):
    layer(
        f"nn.{name}",
        resampled(mode, align_corners=mode == "bilinear"),
        shown=resampling_shown,
        **{each: kept(each) for each in ("size", "scale_factor", "data_format")},
    )
