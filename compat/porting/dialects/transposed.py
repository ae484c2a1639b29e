"""Transposed convolutions of volumes in each API.

What a layer cuts from its full result is said in one way here: `sides`, from the low and the high side of each axis,
the output padding deducted from the high one. APIs say it by pads and output paddings within limits of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from ....frontends.megengine import module as megengine
from ....frontends.oneflow import nn as oneflow
from ....frontends.paddle import nn as paddle
from ....frontends.paddle.fluid import dygraph as fluid
from ....frontends.paddle.fluid_1_8 import dygraph as fluid_1_8
from ....frontends.torch import nn as accelerated
from ..errors import PortingError
from ..kinds import Kind
from .convolution import COMMON, PADDLE, paddle_pads, sized, three
from .paddles import BIAS, CHANNELS
from .words import VOLUMES, Meaning, Row, Says, says, tells

if TYPE_CHECKING:
    from collections.abc import Callable

Limits = tuple[int, ...] | None


def _sides(layer: Any) -> tuple[tuple[int, int], ...]:
    added = zip(three(layer.padding), three(layer.output_padding), strict=True)
    return tuple((pad, pad - extra) for pad, extra in added)


def _paddle_sides(layer: Any) -> tuple[tuple[int, int], ...]:
    pads = paddle_pads(layer, layer._padding, layer._stride, layer._data_format)
    return tuple((low, high - extra) for (low, high), extra in zip(pads, three(layer.output_padding), strict=True))


def _alike(meaning: Meaning) -> tuple[list[int], list[int]]:
    """Return the pad of both sides, and the output padding that makes up for a lower high one."""
    sides = meaning["sides"]
    return [low for low, _ in sides], [low - high for low, high in sides]


def _within(extra: list[int], limits: Limits) -> bool:
    return limits is None or all(0 <= one < limit for one, limit in zip(extra, limits, strict=True))


def _wider(meaning: Meaning) -> tuple[int, ...]:
    return tuple(map(max, meaning["stride"], meaning["dilation"]))


def _stated(limits: Callable[[Meaning], Limits], *, negative: bool = False) -> tuple[Says, Says]:
    """Return how an API with one pad for both sides says it.

    Args:
        limits: what each output padding must be below; None where there is no limit.
        negative: whether a pad may be.
    """

    def pads(meaning: Meaning) -> tuple[int, ...]:
        padding, extra = _alike(meaning)
        if min(padding) < 0 and not negative:
            msg = f"padding={tuple(padding)} is negative, which adds zeros; there, pads are 0 and above"
            raise PortingError(msg)
        below = limits(meaning)
        if not _within(extra, below):
            given = ", ".join(f"{low} and {high}" for low, high in meaning["sides"])
            legal = ", ".join("0" if limit == 1 else f"0..{limit - 1}" for limit in below or ())
            msg = (
                f"cutting {given} (low and high per axis, output padding deducted) would need "
                f"padding={tuple(padding)} with output_padding={tuple(extra)}; there, pads are equal on both sides and "
                f"legal output paddings are {legal}. Slice the output of a layer with less padding instead"
            )
            raise PortingError(msg)
        return tuple(padding)

    return (
        tells("sides", _sides, "padding", pads, "padding"),
        tells("sides", _sides, "output_padding", lambda meaning: tuple(_alike(meaning)[1]), "output_padding"),
    )


def _in_paddle(meaning: Meaning) -> tuple[list[int], list[int]]:
    """Return padding and output_padding for Paddle, which has pads of their own for both sides."""
    padding, extra = _alike(meaning)
    limits = _wider(meaning)
    if not _within(extra, limits):
        padding = [cut for low, high in meaning["sides"] for cut in (low, max(high, 0))]
        extra = [max(-high, 0) for _, high in meaning["sides"]]
    if min(padding) < 0 or not _within(extra, limits):
        cuts = [cut for pair in meaning["sides"] for cut in pair]
        msg = f"padding={cuts} is negative, which adds zeros; there, pads are 0 and above"
        raise PortingError(msg)
    return padding, extra


def _fluid_sides(layer: Any) -> tuple[tuple[int, int], ...]:
    return tuple((pad, pad) for pad in layer._padding)


_FLUID = (
    *sized("num_channels", "num_filters", "filter_size"),
    *PADDLE,
    tells("sides", _fluid_sides, "padding", _stated(lambda _: (1, 1, 1), negative=True)[0].write, "_padding"),
    says("act", None, "_act"),
    says("use_cudnn", None, "_use_cudnn"),
)


def _row(target: str, kind: type[nn.Module], *words: Says) -> Row:
    return Row(Kind.CONV_TRANSPOSE, (target,), kind, words, VOLUMES)


ROWS = (
    _row("torch", accelerated.ConvTranspose3d, *COMMON, *_stated(_wider)),
    _row("torch.nn", nn.ConvTranspose3d, *COMMON, *_stated(_wider)),
    _row("megengine", megengine.ConvTranspose3d, *COMMON, *_stated(lambda meaning: meaning["stride"])),
    _row("oneflow", oneflow.ConvTranspose3d, *COMMON, *_stated(lambda _: None, negative=True)),
    _row(
        "paddle",
        paddle.Conv3DTranspose,
        *sized(),
        *PADDLE,
        BIAS,
        tells("sides", _paddle_sides, "padding", lambda meaning: _in_paddle(meaning)[0], "_padding"),
        tells("sides", _paddle_sides, "output_padding", lambda meaning: _in_paddle(meaning)[1], "output_padding"),
        CHANNELS,
    ),
    _row(
        "fluid",
        fluid.Conv3DTranspose,
        *_FLUID,
        BIAS,
        says("output_size", None, "_output_size", read=lambda size: None if size is None else tuple(size)),
    ),
    # there, a bias without an attribute exists and is not added
    _row(
        "fluid_1_8",
        fluid_1_8.Conv3DTranspose,
        *_FLUID,
        tells("bias", lambda layer: layer._added_bias() is not None, "bias_attr"),
    ),
)
