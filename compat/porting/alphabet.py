"""Whether names stand in the order of a model, or in that of the alphabet, or backwards."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERS = re.compile("([0-9]+)")
# every framework makes the one before the other
WEIGHT_AND_BIAS = (("weight", "bias"), ("w_0", "b_0"))
# Paddle's own names: it counts layers of a kind, and tensors of a layer
COUNTED = re.compile(r"(.*_)([0-9]+)\.[wb]_[0-9]+")


def is_sorted(names: Sequence[str]) -> bool:
    """Whether names are sorted: as text, or level by level, as MegEngine does, with numbers by their value or not.

    What says so are the layers: frameworks that keep the order of a model put a weight before its bias. (Above them
    stand the user's own dictionaries.) Where no layer does, all levels say it. Names that differ in numbers alone,
    which count up, say nothing.

    >>> is_sorted(["dec.bias", "dec.weight", "enc.bias", "enc.weight"])
    True
    >>> is_sorted(["dec.weight", "dec.bias", "enc.weight", "enc.bias"])
    False
    >>> is_sorted(["enc.weight", "dec.weight"]), is_sorted(["dec.weight", "enc.weight"])
    (False, True)
    """
    if list(names) == sorted(names):
        return True
    levels, layers = _levels(names)
    telling = {level: children for level, children in levels.items() if not _count_up(children)}
    own = [children for level, children in telling.items() if level in layers]
    return all(map(_are_sorted, own or telling.values()))


def is_backwards(names: Sequence[str]) -> bool:
    """Whether names stand in the reverse of the order of a model, as `static.save` of Paddle 3.3 leaves them.

    Then each layer has its bias before its weight, and what Paddle counts goes down.

    >>> is_backwards(["conv3d_1.b_0", "conv3d_1.w_0", "conv3d_0.b_0", "conv3d_0.w_0"])
    True
    >>> is_backwards(["conv3d_1.w_0", "conv3d_0.w_0"]), is_backwards(["conv3d_0.w_0", "conv3d_1.w_0"])
    (True, False)
    """
    places = {name: place for place, name in enumerate(names)}
    biases_first = set[bool]()
    for name in names:
        layer, dot, own = name.rpartition(".")
        biases_first |= {
            places[layer + dot + bias] < places[name]
            for weight, bias in WEIGHT_AND_BIAS
            if own == weight and layer + dot + bias in places
        }
    counts: dict[str, list[tuple[int, str]]] = {}
    for found in filter(None, map(COUNTED.fullmatch, names)):
        counts.setdefault(found[1], []).append(_value(found[2]))
    falls = {one > other for each in counts.values() for one, other in pairwise(each) if one != other}
    return biases_first == {True} or falls == {True}


def are_numbered(names: Sequence[str]) -> bool:
    """Whether nothing but numbers of layers tells names apart, and they count up: the names state their order.

    >>> are_numbered(["body.0.weight", "body.2.weight", "body.10.weight"])
    True
    >>> are_numbered(["body.0.weight", "body.10.weight", "body.2.weight"]), are_numbered(["dec.weight", "enc.weight"])
    (False, False)
    """
    split = [name.split(".") for name in names]
    texts = {(*("" if _is_number(part) else part for part in parts[:-1]), parts[-1]) for parts in split}
    numbers = [[_value(part) for part in parts[:-1] if _is_number(part)] for parts in split]
    return len(texts) == 1 and all(one < other for one, other in pairwise(numbers))


def _levels(names: Sequence[str]) -> tuple[dict[int, list[str]], set[int]]:
    """Return the names below each of the dotted names, in their order; and which of those are layers."""
    known: dict[tuple[int, str], int] = {}
    levels: dict[int, list[str]] = {}
    layers: set[int] = set()
    for name in names:
        level = 0
        for part in name.split("."):
            above = level
            if (above, part) not in known:
                known[above, part] = len(known) + 1
                levels.setdefault(above, []).append(part)
            level = known[above, part]
        layers.add(above)
    return {level: children for level, children in levels.items() if len(children) > 1}, layers


def _are_sorted(names: list[str]) -> bool:
    return names in (sorted(names), sorted(names, key=_with_values))


def _count_up(names: list[str]) -> bool:
    split = list(map(_with_values, names))
    return len({tuple(parts[::2]) for parts in split}) == 1 and split == sorted(split)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _value(number: str) -> tuple[int, str]:
    # not int, which takes digits without end
    return len(number), number


def _with_values(name: str) -> list[Any]:
    return [_value(part) if place % 2 else part for place, part in enumerate(NUMBERS.split(name))]
