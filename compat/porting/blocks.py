"""Whether pairs of tensors keep the layers, and the blocks of layers, of either side whole."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Pair(NamedTuple):
    """A tensor of the source and where it goes; and whether its name says so."""

    source: str
    target: str
    stated: bool


def torn(pairs: Sequence[Pair]) -> tuple[Pair, Pair] | None:
    """Return two pairs that tear a layer or a block apart, or None.

    The tensors of a layer go to one layer, and are all that it gets. A block, which is what is below a dotted name, may
    be part of another or whole within it; but a block of the source that shares a part with one of the target, where
    each has more, is torn. What stated pairs alone tear was meant.

    >>> torn([Pair("dec.conv.weight", "up.conv.weight", False), Pair("dec.norm.weight", "down.norm.weight", False),
    ...       Pair("enc.norm.weight", "up.norm.weight", False)])[1].target
    'down.norm.weight'
    """
    sources, targets = _Blocks(), _Blocks()
    places = [(sources.of(pair.source), targets.of(pair.target)) for pair in pairs]
    layers = [(there[-1:], here[-1:]) for there, here in places]
    return _crossing(pairs, layers, whole=True) or _crossing(pairs, places, whole=False)


Places = list[tuple[list[int], list[int]]]


class _Blocks:
    """Numbers of the dotted names above tensors, without the model itself."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], int] = {}

    def of(self, name: str) -> list[int]:
        """Return those above a tensor, the outermost first."""
        found = [0]
        for part in name.split(".")[:-1]:
            found.append(self._known.setdefault((found[-1], part), len(self._known) + 1))
        return found[1:]


class _Overlap:
    """How many tensors each block has, and each of the source shares with each of the target."""

    def __init__(self, places: Places) -> None:
        self.source = Counter(block for there, _ in places for block in there)
        self.target = Counter(block for _, here in places for block in here)
        self.both = Counter(both for there, here in places for both in product(there, here))

    def crosses(self, both: tuple[int, int], *, whole: bool) -> bool:
        shared = self.both[both]
        more = self.source[both[0]] > shared, self.target[both[1]] > shared
        return shared > 0 and (any(more) if whole else all(more))


def _crossing(pairs: Sequence[Pair], places: Places, *, whole: bool) -> tuple[Pair, Pair] | None:
    every = _Overlap(places)
    stated = _Overlap([place for pair, place in zip(pairs, places, strict=True) if pair.stated])
    for both in every.both:
        if every.crosses(both, whole=whole) and not stated.crosses(both, whole=whole):
            within = [(both[0] in there, both[1] in here) for there, here in places]
            one = pairs[within.index((True, True))]
            return one, next(pair for pair, (there, here) in zip(pairs, within, strict=True) if there != here)
    return None
