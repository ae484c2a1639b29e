"""What arguments mean in fluid, in the form of `apis.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import NoCounterpartError
from . import convolution as conv
from .apis import PADDLES, attribute_for, inverted, pool_pads
from .common import presence
from .words import Meaning, Sense, shape_of, tells

if TYPE_CHECKING:
    from .apis import Table


def one_for_all(meaning: Meaning) -> str:
    """Return fluid's mode of PRelu."""
    return "all" if meaning["num_parameters"] == 1 else "channel"


def slopes(layer: Any) -> int:
    """Return how many slopes there are."""
    return shape_of(layer)[0]


def fluid_sides(layer: Any) -> conv.Pairs:
    """Return what a transposed convolution of fluid's cuts."""
    return tuple((pad, pad) for pad in conv.spread(layer._padding, conv.axes_of(layer)))


def pads(layer: Any) -> tuple[int, ...]:
    """Return the pads of a pool."""
    return pool_pads(layer._pool_padding, layer._pool_size, None, 2)


def one_pixel(meaning: Meaning) -> bool:
    """Return that a pool is of all.

    Raises:
        NoCounterpartError: it leaves more pixels than one.
    """
    if tuple(conv.spread(meaning["output_size"], 2)) != (1, 1):
        msg = f"output_size={meaning['output_size']}: there, a pool of all leaves one pixel"
        raise NoCounterpartError(msg)
    return True


def of_pool(kind: str, operation: str) -> Table:
    """Return what a pool's arguments mean, of those that pool windows and those that pool all."""
    whole, idle = f"Adaptive{kind}PoolNd", ("pool_size", "pool_stride", "pool_padding", "ceil_mode", "exclusive")
    pixel = tells("output_size", lambda layer: (1, 1), lambda _: operation)
    return {
        f"{kind}PoolNd.pool_size": "kernel_size",
        f"{kind}PoolNd.pool_type": tells("kernel_size", lambda layer: layer._pool_size, lambda _: operation),
        f"{kind}PoolNd.pool_stride": "stride",
        f"{kind}PoolNd.pool_padding": tells("padding", pads, lambda meaning: list(meaning["padding"])),
        f"{kind}PoolNd.global_pooling": None,
        f"{whole}.pool_type": pixel,
        f"{whole}.global_pooling": tells("output_size", lambda layer: (1, 1), one_pixel),
        **{f"{whole}.{each}": None for each in idle},
    }


FLUID: Table = {
    **PADDLES,
    "num_channels": "in_channels",
    "num_filters": "out_channels",
    "filter_size": "kernel_size",
    "ConvNd.padding": conv.pads(conv.paddle_pads, conv.numbers),
    "ConvTransposeNd.padding": tells("sides", fluid_sides, conv.stated(conv.ones)[0].write),
    "InstanceNormNd.num_channels": "num_features",
    # there, None is none
    "GroupNorm.param_attr": attribute_for("weight", asked=True),
    "GroupNorm.bias_attr": attribute_for("bias", asked=True),
    "GroupNorm.channels": "num_channels",
    "GroupNorm.groups": "num_groups",
    "LayerNorm.scale": presence("weight"),
    "LayerNorm.shift": presence("bias"),
    **dict.fromkeys(("LayerNorm.param_attr", "LayerNorm.bias_attr")),
    "input_dim": "in_features",
    "output_dim": "out_features",
    "Embedding.size": (
        tells("num_embeddings", lambda layer: shape_of(layer)[0], lambda m: [m["num_embeddings"], m["embedding_dim"]]),
        tells("embedding_dim", lambda layer: shape_of(layer)[1], lambda m: [m["num_embeddings"], m["embedding_dim"]]),
    ),
    **dict.fromkeys(("is_sparse", "is_distributed")),
    "PReLU.mode": tells("num_parameters", slopes, one_for_all),
    "PReLU.channel": tells("num_parameters", slopes),
    "PReLU.input_shape": None,
    **of_pool("Max", "max"),
    **of_pool("Avg", "avg"),
    "MaxPoolNd.exclusive": None,
    "AvgPoolNd.exclusive": inverted("count_include_pad"),
    "Dropout.dropout_implementation": Sense(
        "dropout_mode",
        lambda mode: mode.replace("downgrade", "downscale"),
        lambda mode: mode.replace("downscale", "downgrade"),
    ),
}
FLUID_VOLUMES: Table = {
    "ConvTransposeNd.padding": tells("sides", fluid_sides, conv.stated(conv.ones, negative=True)[0].write),
}
# there, a bias without an attribute exists and is not added
FLUID_1_8: Table = {
    "ConvTransposeNd.bias_attr": tells("bias", lambda layer: layer._added_bias() is not None),
}
