"""Which tensor of a source each tensor of a model is, and what is said where they do not fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .errors import PortingError
from .ordering import by_order as pair_by_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .ordering import Stored
    from .report import PortReport
    from .wanted import Wanted

UNTAKEN = "nothing in the model takes it"


@dataclass(slots=True)
class Find:
    """A tensor of the model, the names in the source that it was found under, and how."""

    wanted: Wanted
    names: tuple[str, ...] = ()
    how: tuple[str, ...] = ()


class Patterns:
    """Patterns of names of tensors that are taken as they are, and which of them fitted one."""

    def __init__(self, patterns: Sequence[str]) -> None:
        if isinstance(patterns, str):
            msg = f"passthrough={patterns!r} is one string; give a list of patterns, such as [{patterns!r}]."
            raise PortingError(msg)
        self._unused = dict.fromkeys(patterns)
        self._patterns = tuple(patterns)

    def fits(self, name: str) -> bool:
        """Whether one of them fits a name."""
        found = [pattern for pattern in self._patterns if fnmatchcase(name, pattern)]
        for pattern in found:
            self._unused.pop(pattern, None)
        return bool(found)

    def unruled(self, wanted: Sequence[Wanted]) -> list[str]:
        """Return the tensors of a model that have no rule, and that none fits by any name."""
        return [
            f"{one.full_name} ({one.owner})"
            for one in wanted
            if one.layer is None and not max(map(self.fits, one.names(None)))
        ]

    def check_used(self, wanted: Sequence[Wanted]) -> None:
        """Raise if one fitted no tensor without a rule."""
        if self._unused:
            ruled = [one.full_name for one in wanted if any(fnmatchcase(one.full_name, p) for p in self._unused)]
            why = f"; {', '.join(ruled)} have a layout rule, which counts" if ruled else ""
            msg = f"passthrough={list(self._unused)} fits no tensor without a rule{why}. Leave it out, or correct it."
            raise PortingError(msg)


def find(wanted: Sequence[Wanted], available: dict[str, str], stored: Sequence[Stored] | None = None) -> list[Find]:
    """Find the tensors of a model by name, and those `stored` by order too; what is found leaves `available`."""
    finds = [Find(one) for one in wanted]
    for one in finds:
        one.names = one.wanted.take(available)
    if stored is not None:
        places = {id(one.wanted): one for one in finds}
        named = {name: one.wanted for one in finds for name in one.names}
        for tensor, each in pair_by_order(wanted, stored, named):
            places[id(tensor)].names, places[id(tensor)].how = (available.pop(each.renamed),), ("by order",)
    first: dict[int, Find] = {}
    for one in finds:
        if one.names and one.wanted.tensor is not None:
            first.setdefault(id(one.wanted.tensor), one)
    for one in finds:
        owner = first.get(id(one.wanted.tensor))
        if not one.names and owner is not None and owner.wanted.torch_shape == one.wanted.torch_shape:
            one.names, one.how = owner.names, ("tied",)
            # the layout is that of the layer which the source names
            one.wanted = replace(one.wanted, source=owner.wanted.source)
    return finds


def check_rules(unruled: Sequence[str], source: str, target: str, tell: str = "") -> None:
    """Raise if there are tensors without a layout rule that are not passed through."""
    if unruled:
        msg = (
            f"there is no layout rule for {', '.join(unruled)}: {tell}if such tensors lie in {target} as in {source}, "
            f"name them in passthrough."
        )
        raise PortingError(msg)


def misfit(report: PortReport, model: str) -> str:
    """Return what is said of what is missing and of what nothing takes, with names that are near."""
    extra = {one.name: one for one in report.tensors if "unexpected" in one.done}
    parts, missing = [], []
    for one in (one for one in report.tensors if "missing" in one.done):
        near = (extra[name] for name in get_close_matches(one.name, extra, n=3, cutoff=0.4))
        hints = [other.name if other.source_shape is None else f"{other.name} {other.source_shape}" for other in near]
        why = f", {one.note}" if one.note.endswith(" has none") else ""
        missing.append(f"{one.name}{why}" + (f" (nearest: {', '.join(hints)})" if hints else ""))
    if missing:
        parts.append(f"the source lacks {', '.join(missing)}")
    if extra:
        taken = (f"{name} ({one.note})" if one.note not in ("", UNTAKEN) else name for name, one in extra.items())
        parts.append(f"nothing in the model takes {', '.join(taken)} of the source")
    if missing and extra:
        parts.append("if layers have other names in the model, state renames (OLD=NEW)")
    return f"the state of {report.source} does not fit {model}: {'; '.join(parts)}."
