"""Matching by order, where names say nothing: within equal names of tensors and equal shapes, and only if asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .alphabet import are_numbered, is_backwards, is_sorted
from .blocks import Pair, torn
from .errors import PortingError

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from .layouts import Slot
    from .wanted import Wanted

Shape = tuple[int, ...]
SHOWN = 4
INSTEAD = "State renames in place of by_order."


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor of the source: its name there, what renames make of it, its shape and its dtype."""

    name: str
    renamed: str
    shape: Shape
    dtype: str


@dataclass(frozen=True, slots=True)
class Group:
    """Tensors of the model and of the source that only their order tells apart, as many of either."""

    wanted: list[Wanted]
    stored: list[Stored]


def by_order(
    wanted: Sequence[Wanted], stored: Sequence[Stored], named: Mapping[str, Wanted]
) -> list[tuple[Wanted, Stored]]:
    """Pair the tensors that no name found with those of the source that are left, in the order of both.

    First those whose last name and shape are equal (`conv2d_0.weight` and `stem.weight`), then, of what is left, those
    of equal shape (`conv2d_0.w_0`). A group of them is paired only where both sides have as many.

    Args:
        wanted: all tensors of the model, in its order.
        stored: all tensors of the source, in its order.
        named: those of the model that names found, by the names in the source.

    Raises:
        PortingError: the order of the source is not that of the model, as far as can be seen: it is that of the
            alphabet, or tensors that names found stand otherwise, or layers or blocks would be torn apart.
    """
    found = {id(one) for one in named.values()}
    here = [one for one in wanted if id(one) not in found and one.source is not None]
    there = [one for one in stored if one.name not in named]
    groups = _groups(here, there, by_last_name=True)
    placed = {id(one) for group in groups for one in (*group.wanted, *group.stored)}
    groups += _groups(
        [one for one in here if id(one) not in placed],
        [one for one in there if id(one) not in placed],
        by_last_name=False,
    )
    _check_order(groups, stored)
    _check_named(groups, wanted, stored, named)
    pairs = [pair for group in groups for pair in zip(group.wanted, group.stored, strict=True)]
    _check_blocks(pairs, named)
    return pairs


def _groups(wanted: Sequence[Wanted], stored: Sequence[Stored], *, by_last_name: bool) -> list[Group]:
    there: dict[Hashable, list[Stored]] = {}
    for each in stored:
        there.setdefault((each.shape, each.renamed.rpartition(".")[2] if by_last_name else None), []).append(each)
    known = {each.shape for each in stored}
    here: dict[Hashable, list[Wanted]] = {}
    for one in wanted:
        shapes = [shape for shape in legal_shapes(one, one.source) if shape in known]
        if shapes:
            here.setdefault((shapes[0], _last_name(one) if by_last_name else None), []).append(one)
    return [Group(group, there[key]) for key, group in here.items() if len(group) == len(there.get(key, ()))]


def legal_shapes(wanted: Wanted, slot: Slot | None) -> list[Shape]:
    """Return the shapes that a tensor may have in a framework, if the model tells its shape."""
    if wanted.torch_shape is None:
        return []
    if slot is None or wanted.layer is None:
        return [wanted.torch_shape]
    return [form.shape(wanted.torch_shape, wanted.layer) for form in slot.forms]


def _last_name(wanted: Wanted) -> str:
    return wanted.name if wanted.source is None else wanted.source.name


def _check_order(groups: Sequence[Group], stored: Sequence[Stored]) -> None:
    """Raise where order decides, and it is that of the alphabet, or backwards: layers of a model do not stand so."""
    decided = [[one.name for one in group.stored] for group in groups if len(group.stored) > 1]
    decided = [names for names in decided if not are_numbered(names)]
    # safetensors sorts by dtype, and then by name
    dtypes: dict[str, list[str]] = {}
    for one in stored:
        dtypes.setdefault(one.dtype, []).append(one.name)
    if not decided:
        return
    if all(map(is_sorted, dtypes.values())):
        how = (
            "stands sorted by name (MegEngine sorts its states, safetensors its files, Paddle its combined files; a "
            "folder of files has no order)"
        )
    elif is_backwards([one.name for one in stored]):
        how = "stands backwards (as static.save of Paddle 3.3 leaves it)"
    else:
        return
    names = decided[0]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    msg = (
        f"by_order: the source {how}, and not in the order of its layers: which of "
        f"{', '.join(map(repr, names[:SHOWN]))}{more} is which cannot be told. {INSTEAD}"
    )
    raise PortingError(msg)


def _check_named(
    groups: Sequence[Group], wanted: Sequence[Wanted], stored: Sequence[Stored], named: Mapping[str, Wanted]
) -> None:
    """Raise where tensors of one shape have equal names by chance: they stand otherwise than those paired by order."""
    here = {id(one): place for place, one in enumerate(wanted)}
    there = {one.name: place for place, one in enumerate(stored)}
    alike: dict[Shape, list[tuple[Wanted, Stored]]] = {}
    for each in stored:
        if each.name in named and each.name in named[each.name].names(named[each.name].source):
            alike.setdefault(each.shape, []).append((named[each.name], each))
    for group in groups:
        pairs = [*zip(group.wanted, group.stored, strict=True), *alike.get(group.stored[0].shape, ())]
        latest: dict[bool, tuple[Wanted, Stored]] = {}
        for one, each in sorted(pairs, key=lambda pair: here[id(pair[0])]):
            by_name = each.name in named
            other, rival = latest.get(not by_name, (one, each))
            if there[rival.name] > there[each.name]:
                msg = (
                    f"by_order: {rival.name!r} would go to {other.full_name!r}, and {each.name!r} to "
                    f"{one.full_name!r}: names and order say different things. {INSTEAD}"
                )
                raise PortingError(msg)
            _, last = latest.get(by_name, (one, each))
            if there[last.name] <= there[each.name]:
                latest[by_name] = one, each


def _check_blocks(pairs: Sequence[tuple[Wanted, Stored]], named: Mapping[str, Wanted]) -> None:
    every = [Pair(name, one.full_name, stated=True) for name, one in named.items()]
    every += [Pair(each.name, one.full_name, stated=False) for one, each in pairs]
    found = torn(every)
    if found is not None:
        one, other = found
        msg = (
            f"by_order: {one.source!r} would go to {one.target!r}, and {other.source!r} to {other.target!r}, which "
            f"tears a layer or a block of layers apart: the layers do not stand in the same order in the source and in "
            f"the model. {INSTEAD}"
        )
        raise PortingError(msg)
