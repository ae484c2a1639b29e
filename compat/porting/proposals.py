"""Renames that the shapes of a model and of a state leave no choice about; they are proposed, and not made."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from .blocks import Pair, torn
from .errors import PortingError
from .finding import find
from .ordering import legal_shapes
from .owners import join
from .renames import REGEX, Renames
from .wanted import wanted_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from torch import nn

    from ..literals import Api
    from .wanted import Wanted

__all__ = ["Proposal", "propose_renames"]

Shape = tuple[int, ...]
Key = tuple[frozenset[str], int]
Pairs = dict[str, str]
# What Paddle's names of parameters (`batch_norm_0.w_1`) call the tensors of a layer.
PARAMETERS = {r"\.w_0$": ".weight", r"\.b_0$": ".bias", r"\.w_1$": "._mean", r"\.w_2$": "._variance"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Renames, and what they leave.

    Attributes:
        renames: `OLD=NEW` texts, as `Renames.parse` reads them.
        found: how many tensors of the source they find a place for.
        missing: names of the model that then still have no tensor.
        unexpected: names of the source that then still have no place.
    """

    renames: tuple[str, ...]
    found: int
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]


def propose_renames(
    state: Mapping[str, Any],
    *,
    source: Api,
    target: Api,
    module: nn.Module,
    renames: Renames | None = None,
    passthrough: Sequence[str] = (),
) -> Proposal:
    """Propose renames for what no name finds: a layer of the source that fits one layer of the model, and no other.

    Layers fit if all tensors below them have the same names, relative to them, and the shapes that the layout rules
    give; so do single tensors whose shape only one tensor of the model can have. Of what is alike, such as two equal
    blocks, nothing is proposed. A proposal is no proof: `fourfold verify` is.

    Args:
        state: arrays or tensors by name.
        source: the framework that they come from, one of `APIS`.
        target: the framework that the state is for.
        module: the model.
        renames: those that are stated already. Default: none.
        passthrough: patterns of names that are taken as they are. Default: none.

    Raises:
        PortingError: what is stated gives two tensors one name, or the module has layers without tensors yet.

    Example:
        >>> from torch import nn
        >>> model = nn.ModuleDict({"encoder": nn.Linear(2, 3), "head": nn.Linear(3, 1)})
        >>> state = {f"net.{old}.{name}": tensor for old, new in (("enc", "encoder"), ("last", "head"))
        ...          for name, tensor in model[new].state_dict().items()}
        >>> propose_renames(state, source="torch", target="torch", module=model).renames
        ('net.enc=encoder', 'net.last=head')
    """
    search = _Search(
        {name: tuple(tensor.shape) for name, tensor in state.items()}, source, target, module, tuple(passthrough)
    )
    stated = Renames() if renames is None else renames.unused()
    before = search.ends(stated)
    found = search.all(stated, before)
    after = search.ends(stated.joined(found))
    return Proposal(
        tuple(f"{old}={new}" for old, new in found.items()),
        len(before.left) - len(after.left),
        tuple(one.full_name for one in after.missing if not one.optional),
        tuple(after.left),
    )


@dataclass(frozen=True, slots=True)
class Ends:
    """What renames leave: tensors of the model without a source, names of the source without a place, and pairs."""

    missing: list[Wanted]
    left: list[str]
    pairs: list[tuple[str, Wanted]]


@dataclass(slots=True)
class Subtree:
    """What is below a name: of the source, the tensors without a place, of the model, those without a source.

    Attributes:
        layers: names of the layers below it, relative to it.
        size: elements of the largest tensor, which no layout changes.
        tensors: by the rest of their names or, of the model, of their layers' names.
    """

    layers: set[str] = field(default_factory=set)
    size: int = 0
    tensors: list[tuple[str, Any]] = field(default_factory=list)

    def key(self) -> Key:
        """What subtrees that fit have in common."""
        return frozenset(self.layers), self.size


@dataclass(frozen=True, slots=True)
class _Search:
    shapes: Mapping[str, Shape]
    source: Api
    target: Api
    module: nn.Module
    passthrough: tuple[str, ...]

    def ends(self, renames: Renames) -> Ends:
        """Find by name what renames give."""
        available = renames.of(self.shapes)
        shapes = {new: self.shapes[old] for new, old in available.items()}
        finds = find(wanted_by(self.module, shapes, source=self.source, target=self.target), available)
        missing = [
            one.wanted for one in finds if not one.names and (one.wanted.layer is None or one.wanted.source is not None)
        ]
        passed = [new for new in available if any(fnmatchcase(new, pattern) for pattern in self.passthrough)]
        for new in passed:
            del available[new]
        return Ends(missing, list(available.values()), [(name, one.wanted) for one in finds for name in one.names])

    def all(self, stated: Renames, ends: Ends) -> Pairs:
        """Return renames beside those that are stated, until there are no more."""
        patterns = self.patterns(stated, ends)
        found = dict(patterns)
        while True:
            renames = stated.joined(found)
            ends = self.ends(renames)
            more = self.layers(renames, ends) or self.tensors(ends)
            if not more:
                break
            found |= more
        for pattern in patterns:
            without = {old: new for old, new in found.items() if old != pattern}
            if len(self.ends(stated.joined(without)).left) == len(ends.left):
                found = without
        return found

    def patterns(self, stated: Renames, ends: Ends) -> Pairs:
        """Return expressions for Paddle's names of parameters, where there are such."""
        found = {
            f"{REGEX}{old}": new for old, new in PARAMETERS.items() if any(re.search(old, name) for name in ends.left)
        }
        if self.source not in ("paddle", "fluid"):
            return {}
        try:
            stated.joined(found).of(self.shapes)
        except PortingError:  # two tensors of one name
            return {}
        return found

    def layers(self, renames: Renames, ends: Ends) -> Pairs:
        """Return the layers that fit one of the other side alone, without those below them."""
        theirs = self.subtrees(renames, ends.left)
        ours: dict[Key, dict[str, Subtree]] = defaultdict(dict)
        for name, tree in _missing(ends.missing).items():
            ours[tree.key()][name] = tree
        fits = {
            old: [new for new, one in ours.get(tree.key(), {}).items() if _fits(tree, one)]
            for old, tree in theirs.items()
        }
        claims: dict[str, int] = defaultdict(int)
        for each in fits.values():
            for new in each:
                claims[new] += 1
        found: Pairs = {}
        for old in sorted(fits, key=lambda name: (len(_prefixes(name)), list(fits).index(name))):
            above = [*_prefixes(old.rpartition(".")[0]), ""] if old else []
            if len(fits[old]) == 1 and claims[fits[old][0]] == 1 and not found.keys() & set(above):
                found[old] = fits[old][0]
        return {old: found[old] for old in fits if old in found and old != found[old]}

    def subtrees(self, renames: Renames, left: Sequence[str]) -> dict[str, Subtree]:
        """Return what is below the layers of the source, if none of it has a place or is renamed by name already."""
        free = {name for name in left if _can_be_stated(name) and not renames.states(name)}
        taken = {prefix for name in self.shapes if name not in free for prefix in _above(name)}
        trees: dict[str, Subtree] = defaultdict(Subtree)
        below: dict[str, Renames] = {}
        for name in left:
            for prefix in [prefix for prefix in _above(name) if prefix not in taken] if name in free else []:
                if prefix not in below:
                    below[prefix] = Renames(dict[Any, str]({prefix: ""}) | renames.patterns)
                rest, tree = below[prefix](name), trees[prefix]
                tree.layers.add(rest.rpartition(".")[0])
                tree.size = max(tree.size, math.prod(self.shapes[name]))
                tree.tensors.append((rest, self.shapes[name]))
        return trees

    def tensors(self, ends: Ends) -> Pairs:
        """Return single tensors of a shape that one tensor of the other side alone can have."""
        required = [one for one in ends.missing if not one.optional]
        fits = {
            name: [one for one in required if self.shapes[name] in legal_shapes(one, one.source)]
            for name in ends.left
            if _can_be_stated(name)
        }
        claims: dict[int, int] = defaultdict(int)
        for each in fits.values():
            for one in each:
                claims[id(one)] += 1
        found = {name: each[0] for name, each in fits.items() if len(each) == 1 and claims[id(each[0])] == 1}
        pairs = [Pair(name, one.full_name, stated=True) for name, one in ends.pairs]
        pairs += [Pair(name, one.full_name, stated=False) for name, one in found.items()]
        return {} if torn(pairs) else {name: one.full_name for name, one in found.items()}


def _missing(missing: Sequence[Wanted]) -> dict[str, Subtree]:
    """Return what the model lacks below each of its layers."""
    trees: dict[str, Subtree] = defaultdict(Subtree)
    for one in missing:
        path = one.paths[0]
        for prefix in ["", *_prefixes(path)]:
            rest = path[len(prefix) :].removeprefix(".")
            trees[prefix].tensors.append((rest, one))
            if not one.optional:
                trees[prefix].layers.add(rest)
                trees[prefix].size = max(trees[prefix].size, math.prod(one.torch_shape or ()))
    return trees


def _fits(theirs: Subtree, ours: Subtree) -> bool:
    """Whether each tensor of one has its own in the other, of the same name and of a shape that is legal for it."""
    shapes = dict(theirs.tensors)
    for layer, one in ours.tensors:
        own = {name.rpartition(".")[2] for slot in (one.source, one.target) for name in one.names(slot)} | {one.name}
        name = next((name for name in (join(layer, each) for each in own) if name in shapes), None)
        if name is None:
            if not one.optional:
                return False
        elif shapes.pop(name) not in legal_shapes(one, one.source):
            return False
    return not shapes


def _prefixes(name: str) -> list[str]:
    """Return the names that a dotted name begins with, itself too.

    >>> _prefixes("a.b.c"), _prefixes("")
    (['a', 'a.b', 'a.b.c'], [])
    """
    parts = name.split(".") if name else []
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _above(name: str) -> Iterator[str]:
    """Yield the layers above a tensor, the model itself first."""
    yield ""
    yield from _prefixes(name.rpartition(".")[0])


def _can_be_stated(name: str) -> bool:
    return "=" not in name and not name.startswith(REGEX)
