"""Convolutions of volumes in each API, and what they share with transposed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from ....backend.arguments import triple
from ....frontends.megengine import module as megengine
from ....frontends.oneflow import nn as oneflow
from ....frontends.paddle import nn as paddle
from ....frontends.paddle.fluid import dygraph as fluid
from ....frontends.paddle.nn.padding import pads_of, same_pads
from ..errors import PortingError
from ..kinds import Kind, layer_of
from .paddles import BIAS, CHANNELS
from .words import FLUID, TORCH, VOLUMES, Meaning, Row, Says, has, says, shape_of, tells

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....backend.arguments import Pads, Triple


def three(value: Any) -> Triple:
    """Return one int or three as three."""
    return triple(value if isinstance(value, (int, np.integer)) else tuple(value), "value")


def three_of(word: str, attribute: str | None = None) -> Says:
    """Return how a word of three ints is said."""
    return says(word, None, attribute, read=three, write=list if attribute else None)


def sized(in_channels: str = "in_channels", out_channels: str = "out_channels", kernel: str = "kernel_size") -> Any:
    """Return how the arguments that shape a convolution's weight are said: by the weight."""
    return (
        tells("in_channels", lambda layer: _sizes(layer)[0], in_channels),
        tells("out_channels", lambda layer: _sizes(layer)[1], out_channels),
        tells("kernel_size", lambda layer: _sizes(layer)[2], kernel, lambda meaning: list(meaning["kernel_size"])),
    )


def _sizes(layer: nn.Module) -> tuple[int, int, tuple[int, ...]]:
    found = layer_of(layer)
    assert found is not None
    first, second, *kernel = shape_of(layer)
    if found.kind is Kind.CONV_TRANSPOSE:
        return first, second * found.groups, tuple(kernel)
    return second * found.groups, first, tuple(kernel)


def paddle_pads(layer: Any, padding: Any, stride: Any, data_format: str = "NCDHW") -> Pads:
    """Return the pads of a layer of Paddle, also of 'SAME' where they are the same for every input.

    Raises:
        PortingError: they depend on the size of the input, modulo the stride.
    """
    pads = pads_of(padding, data_format)
    if pads is not None:
        return pads
    kernel, steps = _sizes(layer)[2], three(stride)
    found = {same_pads((size, size, size), kernel, steps) for size in range(1, max(steps) + 1)}  # type: ignore[arg-type]
    if len(found) > 1:
        usual = same_pads(steps, kernel, steps)  # type: ignore[arg-type]
        msg = (
            f"padding='SAME' with kernel_size={list(kernel)} and stride={list(steps)} cuts what depends on the size of "
            f"each input. State the padding in numbers; for inputs of a multiple of the stride it is "
            f"{[pad for pair in usual for pad in pair]}"
        )
        raise PortingError(msg)
    return found.pop()


def paddle_dilation(dilation: Any, padding: Any) -> Triple:
    """Return the dilation that a layer of Paddle has: 'SAME' resets it."""
    return (1, 1, 1) if isinstance(padding, str) and padding.upper() == "SAME" else three(dilation)


def _torch_pads(layer: nn.Conv3d) -> Pads:
    if not isinstance(layer.padding, str):
        return tuple((pad, pad) for pad in layer.padding)  # type: ignore[return-value]
    return _said_same(layer.kernel_size, layer.dilation) if layer.padding == "same" else ((0, 0), (0, 0), (0, 0))


def _said_same(kernel_size: tuple[int, ...], dilation: tuple[int, ...]) -> Pads:
    totals = [step * (size - 1) for size, step in zip(kernel_size, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)  # type: ignore[return-value]


def _in_torch(meaning: Meaning) -> Any:
    pads = meaning["pads"]
    if meaning["stride"] == (1, 1, 1) and pads == _said_same(meaning["kernel_size"], meaning["dilation"]):
        return _alike(pads) or "same"
    return _numbers(meaning)


def _alike(pads: Pads) -> list[int] | None:
    return [low for low, _ in pads] if all(low == high for low, high in pads) else None


def _numbers(meaning: Meaning) -> Any:
    found = _alike(meaning["pads"])
    if found is None:
        given = ", ".join(f"{low} and {high}" for low, high in meaning["pads"])
        msg = f"there, pads are equal on both sides, and it has {given} (low and high per axis). Pad in your forward"
        raise PortingError(msg)
    return found


def _in_paddle(meaning: Meaning) -> list[int]:
    return _alike(meaning["pads"]) or [pad for pair in meaning["pads"] for pad in pair]


def _pads(read: Callable[[Any], Pads], write: Callable[[Meaning], Any], attribute: str = "padding") -> Says:
    return tells("pads", read, "padding", write, attribute)


def _paddle_pads(layer: Any) -> Pads:
    return paddle_pads(layer, layer._padding, layer._stride, layer._data_format)


def _fluid_pads(layer: Any) -> Pads:
    return paddle_pads(layer, layer._padding, layer._stride)


# torch's words, which MegEngine and OneFlow have too
COMMON = (*sized(), three_of("stride"), three_of("dilation"), says("groups"), tells("bias", has("bias"), "bias"))

PADDLE = (
    three_of("stride", "_stride"),
    tells("dilation", lambda layer: paddle_dilation(layer._dilation, layer._padding), "dilation", None, "_dilation"),
    says("groups", None, "_groups"),
)


def _row(targets: tuple[str, ...], kind: type[nn.Module], *words: Says) -> Row:
    return Row(Kind.CONV, targets, kind, words, VOLUMES)


ROWS = (
    _row(TORCH, nn.Conv3d, *COMMON, _pads(_torch_pads, _in_torch), says("padding_mode")),
    _row(("oneflow",), oneflow.Conv3d, *COMMON, _pads(_torch_pads, _numbers)),
    _row(("megengine",), megengine.Conv3d, *COMMON, _pads(_torch_pads, _numbers)),
    _row(
        ("paddle",),
        paddle.Conv3D,
        *sized(),
        *PADDLE,
        BIAS,
        _pads(_paddle_pads, _in_paddle, "_padding"),
        CHANNELS,
        says("padding_mode", None, "_padding_mode"),
    ),
    _row(
        FLUID,
        fluid.Conv3D,
        *sized("num_channels", "num_filters", "filter_size"),
        *PADDLE,
        BIAS,
        _pads(_fluid_pads, _numbers, "_padding"),
        says("act", None, "_act"),
    ),
)
