"""Rows of layers that pool, pad, resample and rearrange; they learn nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...names import Learned, kept
from ..names import NAMES
from . import layers, norms, pools, shapes  # noqa: F401, whose rows the layers call, and which say their base
from .operands import integers
from .volumes import interpolate
from .windows import FORMATS, channels_last, pads_along, several

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
WINDOWS = shows("kernel_size stride padding")
SHOWN = shows("kernel_size:ksize stride padding")
CEIL, MASK = {"ceil_mode": kept("ceil_mode")}, {"return_mask": kept("return_mask")}
EXCLUSIVE = {"exclusive": kept("exclusive")}

layer("nn.AvgPool1D", "nn.functional.avg_pool1d", shown=WINDOWS, **SIZES, **CEIL, **EXCLUSIVE)
layer("nn.MaxPool1D", "nn.functional.max_pool1d", shown=WINDOWS, **SIZES, **CEIL, **MASK)


def windows(axes: int) -> dict[str, Any]:
    """Return how pools along so many axes keep their windows, which are looked at when they are made."""

    def sized(name: str) -> Any:
        def read(value: Any) -> Any:
            if value is not None:
                several(value, axes, name)
            return value

        return read

    def data_format(value: Any) -> Any:
        channels_last(value, axes, f"pool{axes}d")
        return value

    def padding(value: Any) -> Any:
        # its order in pairs is the format's, which the function looks at
        if not (isinstance(value, (list, tuple)) and any(isinstance(each, (list, tuple)) for each in value)):
            pads_along(value, axes, last=False)
        return value

    return {
        "kernel_size": kept("ksize", read=sized("kernel_size")),
        "stride": kept("stride", read=sized("stride")),
        "padding": kept("padding", read=padding),
        "data_format": kept("data_format", read=data_format),
    }


for axes in (2, 3):
    layer(f"nn.MaxPool{axes}D", f"nn.functional.max_pool{axes}d", shown=SHOWN, **windows(axes), **CEIL, **MASK)
    layer(
        f"nn.AvgPool{axes}D",
        f"nn.functional.avg_pool{axes}d",
        shown=SHOWN,
        divisor_override=kept("divisor"),
        **windows(axes),
        **CEIL,
        **EXCLUSIVE,
    )
    layer(
        f"nn.AdaptiveAvgPool{axes}D",
        f"nn.functional.adaptive_avg_pool{axes}d",
        shown=shows("output_size:_output_size"),
        data_format=replace(windows(axes)["data_format"], attribute="_data_format"),
    )
    layer(
        f"nn.AdaptiveMaxPool{axes}D",
        f"nn.functional.adaptive_max_pool{axes}d",
        shown=shows("output_size:_output_size return_mask:_return_mask"),
    )
layer("nn.AdaptiveAvgPool1D", "adaptive_avg_pool1d", shown=shows("output_size"), output_size=kept("output_size"))
layer(
    "nn.AdaptiveMaxPool1D",
    "nn.functional.adaptive_max_pool1d",
    shown=shows("output_size return_mask"),
    output_size=kept("output_size"),
    **MASK,
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
    **windows(2),
    **CEIL,
)


def padded_on(axes: int) -> dict[str, Any]:
    """Return how a padding layer along so many axes keeps its arguments."""

    def sides(padding: Any) -> list[int]:
        pads = [padding] * (2 * axes) if isinstance(padding, int) else integers(padding)
        return pads if len(pads) == 2 * axes else pads * (2 * axes // len(pads))

    return {"padding": kept("padding", "pad", sides)}


def pads_shown(layer: Any) -> str:
    """Return the arguments of a padding layer."""
    return f"padding={layer.padding}, mode={layer._mode}, value={layer.value}, data_format={layer._data_format}"


def adds(mode: str) -> tuple[Learned, ...]:
    """Return what says how a padding layer makes its values, zeros where it takes none."""

    def said(layer: Any) -> None:
        layer._mode, layer.value = mode, getattr(layer, "value", 0.0)

    return (Learned("_mode", said, means="mode"),)


MODES = {
    "Zero": "constant",
    "Constant": "constant",
    "Reflection": "reflect",
    "Replication": "replicate",
    "Circular": "circular",
}
for axes in FORMATS:
    layer(f"nn.Pad{axes}D", "nn.functional.pad", shown=pads_shown, value=kept("value"), **padded_on(axes))
    for name, mode in MODES.items():
        layer(
            f"nn.{name}Pad{axes}D",
            "nn.functional.pad",
            learned=adds(mode),
            base=NAMES.get(f"nn.Pad{axes}D"),
            **{"value": kept("value")} if name == "Constant" else {},
            **padded_on(axes),
        )

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


def resampling_shown(*arguments: str) -> Callable[[Any], str]:
    """Return an `extra_repr` of the size or factor that is wanted, and of arguments."""

    def shown(layer: Any) -> str:
        wanted = "size" if layer.scale_factor is None else "scale_factor"
        return ", ".join(f"{name}={getattr(layer, name)}" for name in (wanted, *arguments))

    return shown


RESAMPLING = ("mode", "align_corners", "align_mode", "data_format")
layer(
    "nn.Upsample",
    "nn.functional.upsample",
    shown=resampling_shown(*RESAMPLING),
    **{each: kept(each) for each in ("size", "scale_factor", *RESAMPLING)},
)


for name, mode in (("UpsamplingNearest2D", "nearest"), ("UpsamplingBilinear2D", "bilinear")):
    layer(
        f"nn.{name}",
        resampled(mode, align_corners=mode == "bilinear"),
        shown=resampling_shown("data_format"),
        **{each: kept(each) for each in ("size", "scale_factor", "data_format")},
    )
