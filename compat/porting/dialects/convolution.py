"""Pads and sizes of convolutions in each API, and of transposed ones.

`pads` is (low, high) for each axis. What a transposed one cuts from its full result is `sides`: from the low and the
high side of each axis, the output padding deducted from the high one. APIs say it by pads and output paddings within
limits of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....frontends.paddle.nn.padding import same_pads_of
from ....frontends.paddle.rows.windows import pads_along
from ..errors import PortingError
from ..kinds import Kind, layer_of
from .words import Meaning, Sense, shape_of, tells

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

Pairs = tuple[tuple[int, int], ...]
Limits = tuple[int, ...] | None


def spread(value: Any, axes: int) -> tuple[Any, ...]:
    """Return one number, or one for each axis, as one for each axis."""
    if value is None or isinstance(value, (int, np.integer)):
        return (value,) * axes
    found = tuple(value)
    return found * axes if len(found) == 1 else found


def sizes(layer: nn.Module) -> tuple[int, int, tuple[int, ...]]:
    """Return channels in and out and the kernel's size, by the weight."""
    found = layer_of(layer)
    assert found is not None
    first, second, *kernel = shape_of(layer)
    if found.kind is Kind.CONV_TRANSPOSE:
        return first, second * found.groups, tuple(kernel)
    return second * found.groups, first, tuple(kernel)


def axes_of(layer: nn.Module) -> int:
    """Return how many axes a kernel has."""
    return len(sizes(layer)[2])


# -- Paddle's forms of padding ----------------------------------------------------------------------------------


def paddle_pads(layer: Any, *, last: bool = False) -> Pairs:
    """Return the pads of a layer of Paddle, also of 'SAME' where they are the same for every input.

    Raises:
        PortingError: they depend on the size of the input, modulo the stride.
    """
    kernel = sizes(layer)[2]
    pads = pads_along(layer._padding, len(kernel), last=last)
    if pads == "VALID":
        return ((0, 0),) * len(kernel)
    if not isinstance(pads, str):
        return tuple(low_high for low_high in pads)
    steps = spread(layer._stride, len(kernel))

    def of(size: int) -> Pairs:
        return tuple(same_pads_of(size, *one) for one in zip(kernel, steps, strict=True))

    found = {of(size) for size in range(1, max(steps) + 1)}
    if len(found) > 1:
        usual = tuple(same_pads_of(step, width, step) for width, step in zip(kernel, steps, strict=True))
        msg = (
            f"padding='SAME' with kernel_size={list(kernel)} and stride={list(steps)} cuts what depends on the size of "
            f"each input. State the padding in numbers; for inputs of a multiple of the stride it is "
            f"{[pad for pair in usual for pad in pair]}"
        )
        raise PortingError(msg)
    return found.pop()


def paddle_dilation(layer: Any) -> tuple[int, ...]:
    """Return the dilation that a layer of Paddle has: 'SAME' resets it."""
    same = isinstance(layer._padding, str) and layer._padding.upper() == "SAME"
    return (1,) * axes_of(layer) if same else spread(layer._dilation, axes_of(layer))


def paddle_padding(meaning: Meaning) -> list[int] | int:
    """Return Paddle's padding for pads: one for each axis, or one for each side; in other modes one number for all.

    Raises:
        PortingError: in another mode, it is not one for all.
    """
    if meaning.get("padding_mode", "zeros") != "zeros":
        found = set(alike(meaning["pads"]) or ())
        if len(found) != 1:
            msg = f"there, padding_mode={meaning['padding_mode']!r} takes one number for all sides. Pad in your forward"
            raise PortingError(msg)
        return found.pop()
    return alike(meaning["pads"]) or [pad for pair in meaning["pads"] for pad in pair]


# -- torch's forms ----------------------------------------------------------------------------------------------


def pads_of(layer: Any) -> Pairs:
    """Return the pads of a layer whose padding is torch's: numbers, 'same' or 'valid'."""
    kernel = sizes(layer)[2]
    if not isinstance(layer.padding, str):
        return tuple((pad, pad) for pad in spread(layer.padding, len(kernel)))
    if layer.padding == "same":
        return said_same(kernel, spread(layer.dilation, len(kernel)))
    return ((0, 0),) * len(kernel)


def said_same(kernel_size: tuple[int, ...], dilation: tuple[int, ...]) -> Pairs:
    """Return the pads of torch's 'same'."""
    totals = [step * (size - 1) for size, step in zip(kernel_size, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def torch_padding(meaning: Meaning) -> Any:
    """Return torch's padding for pads."""
    pads = meaning["pads"]
    if set(meaning["stride"]) == {1} and pads == said_same(meaning["kernel_size"], meaning["dilation"]):
        return alike(pads) or "same"
    return numbers(meaning)


def alike(pads: Pairs) -> list[int] | None:
    """Return the pad of each axis, or None where the sides of one differ."""
    return [low for low, _ in pads] if all(low == high for low, high in pads) else None


def numbers(meaning: Meaning) -> Any:
    """Return the pad of each axis.

    Raises:
        PortingError: the sides of one differ.
    """
    found = alike(meaning["pads"])
    if found is None:
        given = ", ".join(f"{low} and {high}" for low, high in meaning["pads"])
        msg = f"there, pads are equal on both sides, and it has {given} (low and high per axis). Pad in your forward"
        raise PortingError(msg)
    return found


def pads(read: Callable[[Any], Pairs], write: Callable[[Meaning], Any]) -> Sense:
    """Return how `pads` are said."""
    return tells("pads", read, write)


# -- transposed ones --------------------------------------------------------------------------------------------


def sides(layer: Any) -> Pairs:
    """Return what a layer with one pad for both sides and an output padding cuts."""
    axes = axes_of(layer)
    added = zip(spread(layer.padding, axes), spread(layer.output_padding, axes), strict=True)
    return tuple((pad, pad - extra) for pad, extra in added)


def stated(limits: Callable[[Meaning], Limits], *, negative: bool = False) -> tuple[Sense, Sense]:
    """Return how an API with one pad for both sides says `sides`, by padding and by output padding.

    Args:
        limits: what each output padding must be below; None where there is no limit.
        negative: whether a pad may be.
    """

    def padding(meaning: Meaning) -> tuple[int, ...]:
        pads, extra = _split(meaning)
        if min(pads) < 0 and not negative:
            msg = f"padding={tuple(pads)} is negative, which adds zeros; there, pads are 0 and above"
            raise PortingError(msg)
        below = limits(meaning)
        if not _within(extra, below):
            given = ", ".join(f"{low} and {high}" for low, high in meaning["sides"])
            legal = ", ".join("0" if limit == 1 else f"0..{limit - 1}" for limit in below or ())
            msg = (
                f"cutting {given} (low and high per axis, output padding deducted) would need "
                f"padding={tuple(pads)} with output_padding={tuple(extra)}; there, pads are equal on both sides and "
                f"legal output paddings are {legal}. Slice the output of a layer with less padding instead"
            )
            raise PortingError(msg)
        return tuple(pads)

    return tells("sides", sides, padding), tells("sides", sides, lambda meaning: tuple(_split(meaning)[1]))


def wider(meaning: Meaning) -> tuple[int, ...]:
    """Return the larger of stride and dilation on each axis."""
    return tuple(map(max, meaning["stride"], meaning["dilation"]))


def ones(meaning: Meaning) -> tuple[int, ...]:
    """Return the limit of an API that has no output padding."""
    return (1,) * len(meaning["stride"])


def paddle_cuts(meaning: Meaning) -> tuple[list[int], list[int]]:
    """Return padding and output_padding for Paddle, which has pads of their own for both sides.

    Raises:
        PortingError: neither says it.
    """
    padding, extra = _split(meaning)
    limits = wider(meaning)
    if not _within(extra, limits):
        padding = [cut for low, high in meaning["sides"] for cut in (low, max(high, 0))]
        extra = [max(-high, 0) for _, high in meaning["sides"]]
    if min(padding) < 0 or not _within(extra, limits):
        cuts = [cut for pair in meaning["sides"] for cut in pair]
        msg = f"padding={cuts} is negative, which adds zeros; there, pads are 0 and above"
        raise PortingError(msg)
    return padding, extra


def _split(meaning: Meaning) -> tuple[list[int], list[int]]:
    """Return the pad of both sides, and the output padding that makes up for a lower high one."""
    cuts = meaning["sides"]
    return [low for low, _ in cuts], [low - high for low, high in cuts]


def _within(extra: list[int], limits: Limits) -> bool:
    return limits is None or all(0 <= one < limit for one, limit in zip(extra, limits, strict=True))
