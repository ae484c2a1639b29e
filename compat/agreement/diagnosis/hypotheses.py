"""Mistakes that implementations make, as other operators: each says what would have come out if one had been made.

A hypothesis is tested by evaluating the definition on it: if the result is what the implementation gave, on integers
bit for bit, then that is what it computes. None of them is derived from an implementation.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..data import round_bfloat16

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..cases import Case
    from ..data import Array, Operands

AXES = ("D", "H", "W")
SUBSETS = [subset for count in (1, 2, 3) for subset in combinations(range(3), count)]
# Option -> its value where it says nothing.
OPTIONS = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}


class Hypothesis(NamedTuple):
    """What an implementation may compute in place of a case.

    Attributes:
        words: it, after "equal if".
        case: the operator that it is.
        operands: on what; the upstream gradient is that of the case itself.
        after: what is done to the output.
    """

    words: str
    case: Case
    operands: Operands
    after: Callable[[Array], Array] | None = None


def hypotheses(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    """Yield what may have been computed in place of a case, the likeliest first."""
    geometry = case.geometry()
    plain = case.replace(
        padding=geometry.padding,
        output_padding=geometry.output_padding,
        dilation=geometry.dilation,
        output_size=None,
    )
    for of_subject in (_kernel, _output_padding, _options, _padding, _groups, _bias, _crop, _scale, _volumes):
        yield from of_subject(plain, operands)
    if case.data == "normal":
        yield from _roundings(plain, operands)


def along(axes: tuple[int, ...]) -> str:
    """Name axes.

    >>> along((0, 1, 2))
    'along D, H and W'
    """
    names = [AXES[axis] for axis in axes]
    return "along " + " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _kernel(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    weight = operands.weight

    def read(words: str, changed: Array) -> Hypothesis:
        return Hypothesis(words, case, operands._replace(weight=np.ascontiguousarray(changed)))

    for axes in SUBSETS:
        if all(case.kernel_size[axis] > 1 for axis in axes):
            yield read(f"the kernel is flipped {along(axes)}", np.flip(weight, tuple(axis + 2 for axis in axes)))
    for first, second in combinations(range(3), 2):
        if case.kernel_size[first] == case.kernel_size[second] > 1:
            words = f"axes {AXES[first]} and {AXES[second]} of the kernel are swapped"
            yield read(words, weight.swapaxes(first + 2, second + 2))
    if case.groups == 1 and case.in_channels > 1 < case.out_channels:
        swapped = weight.reshape(case.out_channels, case.in_channels, *case.kernel_size).swapaxes(0, 1)
        yield read("the weight is read as (out_channels, in_channels, ...)", swapped)
    for axis, name in enumerate(("input", "output")):
        if weight.shape[axis] > 1:
            yield read(f"the {name} channels of the weight are in reverse order", np.flip(weight, axis))


def _groups(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    groups = case.groups
    if groups == 1:
        return
    first = operands.weight[: case.in_channels // groups]
    repeated = operands._replace(weight=np.concatenate([first] * groups))
    yield Hypothesis("every group has the weight of the first", case, repeated)
    channel = 0 if case.batch is None else 1

    def dealt(array: Array, count: int) -> Array:
        """Let neighbouring channels go to different groups."""
        order = np.arange(count).reshape(-1, groups).T.ravel()
        return np.take(array, order, channel)

    def collected(array: Array) -> Array:
        order = np.arange(case.out_channels).reshape(groups, -1).T.ravel()
        return np.take(array, order, channel)

    spread = operands._replace(input=dealt(operands.input, case.in_channels))
    yield Hypothesis("neighbouring input channels belong to different groups", case, spread)
    yield Hypothesis("neighbouring output channels belong to different groups", case, operands, collected)
    backwards = operands._replace(
        weight=operands.weight.reshape(groups, -1, *operands.weight.shape[1:])[::-1].reshape(operands.weight.shape)
    )
    yield Hypothesis("the weights of the groups are in reverse order", case, backwards)


def _options(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    for name, nothing in OPTIONS.items():
        value = getattr(case, name)
        idle = ((nothing, nothing),) * 3 if name == "padding" else (nothing,) * 3
        if value == idle:
            continue
        yield Hypothesis(f"{name} is ignored", case.replace(**{name: idle}), operands)
        for axis, axis_name in enumerate(AXES):
            kept = tuple(each if at != axis else none for at, (each, none) in enumerate(zip(value, idle, strict=True)))
            yield Hypothesis(f"{name} is ignored along {axis_name}", case.replace(**{name: kept}), operands)
        if len(set(value)) > 1:
            yield Hypothesis(f"{name} is read as (W, H, D)", case.replace(**{name: value[::-1]}), operands)
            for place in (0, 2):
                words = f"{name} {along((place,))} is taken for all axes"
                yield Hypothesis(words, case.replace(**{name: (value[place],) * 3}), operands)


def _padding(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    pads = case.geometry().padding
    spans = [spread * (size - 1) for spread, size in zip(case.dilation, case.kernel_size, strict=True)]
    changed = {
        "the padding of the two sides is swapped": [(high, low) for low, high in pads],
        "padding counts twice": [(2 * low, 2 * high) for low, high in pads],
        "padding is multiplied by dilation": [
            (low * spread, high * spread) for (low, high), spread in zip(pads, case.dilation, strict=True)
        ],
        "padding is multiplied by stride": [
            (low * step, high * step) for (low, high), step in zip(pads, case.stride, strict=True)
        ],
        "padding is that of the convolution that it is computed by": [
            (span - low, span - high) for (low, high), span in zip(pads, spans, strict=True)
        ],
    }
    for words, padding in changed.items():
        if tuple(padding) != pads:
            yield Hypothesis(words, case.replace(padding=padding), operands)


def _output_padding(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    extra = case.output_padding
    if not any(extra):
        return
    pads = case.geometry().padding
    for axes in reversed(SUBSETS):
        if all(extra[axis] for axis in axes):
            moved = [(low - extra[axis] * (axis in axes), high) for axis, (low, high) in enumerate(pads)]
            kept = [more * (axis not in axes) for axis, more in enumerate(extra)]
            where = "" if set(axes) == {axis for axis in range(3) if extra[axis]} else f" {along(axes)}"
            changed = case.replace(padding=moved, output_padding=kept)
            yield Hypothesis(f"output padding is on the wrong side{where}", changed, operands)
    less = case.replace(output_padding=0)

    def filled(output: Array) -> Array:
        return np.pad(output, [(0, 0)] * (output.ndim - 3) + [(0, more) for more in extra])

    def biased(output: Array) -> Array:
        bias = 0.0 if operands.bias is None else operands.bias.reshape(-1, 1, 1, 1)
        found: Array = filled(output - bias) + bias
        return found

    if min(extra) >= 0:
        yield Hypothesis("the cells that output padding adds are zeros", less, operands, filled)
        yield Hypothesis("the cells that output padding adds have the bias alone", less, operands, biased)


def _bias(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    bias = operands.bias
    if bias is None:
        return
    yield Hypothesis("the bias is missing", case, operands._replace(bias=bias * 0))
    yield Hypothesis("the bias is added twice", case, operands._replace(bias=bias * 2))
    yield Hypothesis("the bias is subtracted", case, operands._replace(bias=-bias))


def _crop(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    pads = case.geometry().padding
    for axes in reversed(SUBSETS):
        for step, when in ((1, "later"), (-1, "earlier")):
            moved = [
                (low + step * (axis in axes), high - step * (axis in axes)) for axis, (low, high) in enumerate(pads)
            ]
            words = f"the output begins one voxel {when} {along(axes)}"
            yield Hypothesis(words, case.replace(padding=moved), operands)


def _scale(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    factors = {"doubled": 2.0, "halved": 0.5, "negated": -1.0, "zero": 0.0}
    if case.groups > 1:
        factors |= {"divided by groups": 1 / case.groups, "multiplied by groups": float(case.groups)}
    if case.batch is not None and case.batch > 1:
        factors["divided by the batch size"] = 1 / case.batch
    for how, factor in factors.items():
        bias = None if operands.bias is None else _scaled(operands.bias, factor)
        changed = operands._replace(input=_scaled(operands.input, factor), bias=bias)
        yield Hypothesis(f"everything is {how}", case, changed)


def _scaled(array: Array, factor: float) -> Array:
    """Multiply in more bits than the array has."""
    wide = np.complex128 if np.iscomplexobj(array) else np.float64
    product: Array = array.astype(wide) * factor
    return product


def _volumes(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    if case.batch is None or case.batch < 2:
        return
    same = np.repeat(operands.input[:1], case.batch, 0)
    yield Hypothesis("every volume is taken for the first", case, operands._replace(input=same))
    yield Hypothesis("the volumes are in reverse order", case, operands._replace(input=operands.input[::-1].copy()))


def _roundings(case: Case, operands: Operands) -> Iterator[Hypothesis]:
    formats: dict[str, Callable[[Array], Array]] = {
        "TF32": _round_tf32,
        "float16": lambda array: array.astype(np.float16).astype(array.dtype),
        "bfloat16": round_bfloat16,
    }
    if operands.input.dtype != np.float32 or case.dtype != "float32":
        return
    for name, rounded in formats.items():
        changed = operands._replace(
            input=rounded(operands.input), weight=rounded(operands.weight), upstream=rounded(operands.upstream)
        )
        yield Hypothesis(f"input and weight are rounded to {name}", case, changed)


def _round_tf32(array: Array) -> Array:
    """Round float32 values to 10 bits after the point, ties to even."""
    bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32)
    rounded = (bits + (((bits >> 13) & 1) + np.uint32(0xFFF))) & np.uint32(0xFFFFE000)
    return rounded.view(np.float32)
