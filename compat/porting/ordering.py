"""Matching by order, where names say nothing: within equal names of tensors and equal shapes, and only if asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import PortingError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from .layouts import Slot
    from .wanted import Wanted

Shape = tuple[int, ...]


def by_order(wanted: Sequence[Wanted], sources: Mapping[str, Shape]) -> list[tuple[Wanted, str]]:
    """Pair the tensors that no name found with those of the source that are left, in the order of both.

    First those whose last name and shape are equal (`conv2d_0.weight` and `stem.weight`), then, of what is left, those
    of equal shape (`conv2d_0.w_0`). A group of them is paired only where both sides have as many.

    Args:
        wanted: what no name found.
        sources: shapes by the names that nothing took, in the order of the source.

    Raises:
        PortingError: one layer of the source would be torn apart.
    """
    pairs = _pairs(list(wanted), dict(sources), lambda name: name.rpartition(".")[2])
    taken = {name for _, name in pairs}
    placed = {id(one) for one, _ in pairs}
    rest = {name: shape for name, shape in sources.items() if name not in taken}
    pairs += _pairs([one for one in wanted if id(one) not in placed], rest, None)
    _check_whole(pairs)
    return pairs


def _pairs(
    wanted: list[Wanted], sources: Mapping[str, Shape], last: Callable[[str], str] | None
) -> list[tuple[Wanted, str]]:
    there: dict[Hashable, list[str]] = {}
    for name, shape in sources.items():
        there.setdefault((shape, last(name) if last else None), []).append(name)
    here: dict[Hashable, list[Wanted]] = {}
    for one in wanted:
        shapes = [shape for shape in legal_shapes(one, one.source) if shape in sources.values()]
        if shapes:
            here.setdefault((shapes[0], _last_name(one) if last else None), []).append(one)
    found = [
        pair
        for key, group in here.items()
        if len(group) == len(there.get(key, ()))
        for pair in zip(group, there[key], strict=True)
    ]
    places = {id(one): place for place, one in enumerate(wanted)}
    return sorted(found, key=lambda pair: places[id(pair[0])])


def legal_shapes(wanted: Wanted, slot: Slot | None) -> list[Shape]:
    """Return the shapes that a tensor may have in a framework, if the model tells its shape."""
    if wanted.torch_shape is None:
        return []
    if slot is None or wanted.layer is None:
        return [wanted.torch_shape]
    return [form.shape(wanted.torch_shape, wanted.layer) for form in slot.forms]


def _last_name(wanted: Wanted) -> str:
    return wanted.name if wanted.source is None else wanted.source.name


def _check_whole(pairs: Sequence[tuple[Wanted, str]]) -> None:
    owners: dict[str, Wanted] = {}
    for wanted, name in pairs:
        prefix, dot, _ = name.rpartition(".")
        first = owners.setdefault(prefix, wanted)
        if dot and first.paths != wanted.paths:
            msg = (
                f"by order, {name!r} would go to {wanted.full_name!r}, and another tensor of {prefix!r} to "
                f"{first.full_name!r}: the layers do not stand in the same order. State renames."
            )
            raise PortingError(msg)
