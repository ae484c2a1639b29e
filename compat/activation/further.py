"""What there is to import of a release beside its public names: from `signatures/<release>.modules.json`.

Code imports from modules in which a release keeps its names (`paddle.nn.layer.norm`), and from public ones what is in
no `__all__`. Here a public name is the very thing that its own module serves; what has no public name can be mentioned,
as all that is not served.
"""

from __future__ import annotations

import abc
import functools
import importlib
import itertools
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from ...frontends.names.missing import lacks
from ...frontends.names.placeholders import class_placeholder, function_placeholder, value_of
from ...frontends.names.signatures import FRONTENDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...frontends.names import Names

__all__ = ["Further", "further"]


@dataclass(frozen=True)
class Further:
    """What one module holds beside its public names, as `further` of `compat/agreement/names/collector.py` says.

    Attributes:
        path: below the root.
        names: the public name of each that is one, by the name in the module.
        modules: the path of each module that lies elsewhere.
        defs: functions that have no public name.
        classes: classes that have none, each with the public ones that derive from it.
        values: the text of literals.
        listed: what `import *` gives, of a module that is not public.
        below: what the front end mirrors of the release, such as 'fluid'; '' for all.
    """

    path: str
    names: Mapping[str, str]
    modules: Mapping[str, str]
    defs: frozenset[str]
    classes: Mapping[str, tuple[str, ...]]
    values: Mapping[str, str]
    listed: tuple[str, ...]
    below: str = ""

    def __contains__(self, name: str) -> bool:
        return name in self.modules or name in self.held

    @property
    def held(self) -> Iterator[str]:
        """The names of what is no module."""
        return itertools.chain(self.names, self.defs, self.classes, self.values)

    def get(self, root: str, name: str, names: Names) -> Any:
        """Return what stands under a name, while the names of the framework are served.

        Args:
            root: the framework's import name.
            name: in this module.
            names: those of the front end.

        Raises:
            LookupError: there is none of that name.
        """

        def refuse(each: str) -> NoReturn:
            reason = f"it is no public name of {names.root} {names.signatures.release}"
            raise NotImplementedError(lacks(module, each, getattr(sys.modules.get(module), "__served__", ()), reason))

        module = f"{root}.{self.path}".rstrip(".")
        if name in self.names and self._is_mirrored(self.names[name]):
            return _public(root, self.names[name])
        if name in self.modules:
            return importlib.import_module(f"{root}.{self.modules[name]}")
        if name in self.values:
            return value_of(self.values[name])
        if name in self.classes:
            kind = class_placeholder(name, module, refuse, {}, _Unlisted)
            for place in filter(self._is_mirrored, self.classes[name]):
                derived = _public(root, place)
                if not hasattr(derived, "__fourfold_placeholder__"):
                    kind.register(derived)
            return kind
        if name in self.names or name in self.defs:
            return function_placeholder(name, module, refuse)
        raise LookupError(name)

    def _is_mirrored(self, place: str) -> bool:
        return f"{place}.".startswith(f"{self.below}.") or not self.below


class _Unlisted(abc.ABCMeta):
    """Of classes that have no public name, of whose instances only those of public classes are known."""

    def __instancecheck__(cls, instance: Any) -> bool:
        kind = type(instance)
        if super().__instancecheck__(instance):
            return True
        if kind.__module__.split(".")[0] in (_PACKAGE, "torch") and not _is_public(kind):  # type: ignore[arg-type]
            msg = (
                f"whether a {kind.__qualname__} is a {cls.__module__}.{cls.__qualname__} is not known: "
                "that is no public name of the release. Ask for a public class of it."
            )
            raise NotImplementedError(msg)
        return False


_PACKAGE = __name__.split(".")[0]


@functools.cache
def _is_public(kind: type) -> bool:
    """Whether a front end serves a class under a public name."""
    front = kind.__module__
    while "." in front:
        names = getattr(sys.modules.get(f"{front}.names"), "NAMES", None)
        if names is not None:
            places = (each.rpartition(".") for each in names.signatures)
            homes = [
                sys.modules.get(f"{names.package}.{path}".rstrip("."))
                for path, _, last in places
                if last == kind.__name__
            ]
            return any(getattr(home, kind.__name__, None) is kind for home in homes)
        front = front.rpartition(".")[0]
    return False


def _public(root: str, place: str) -> Any:
    path, _, last = place.rpartition(".")
    return getattr(importlib.import_module(f"{root}.{path}".rstrip(".")), last)


@functools.cache
def further(framework: str, release: str, below: str = "") -> dict[str, Further]:
    """Return what the modules of a release hold beside its public names, by their paths below the root.

    Args:
        framework: folder below `frontends/`.
        release: such as '3.3.1'.
        below: the modules below one alone, and it, such as 'fluid'; '' for all.
    """
    file = FRONTENDS / framework / "signatures" / f"{release}.modules.json"
    recorded: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["modules"]
    return {
        path: _read(path, said, below)
        for path, said in recorded.items()
        if not below or f"{path}.".startswith(f"{below}.")
    }


def _read(path: str, said: dict[str, Any], below: str) -> Further:
    names = {
        name: f"{place}.{other or name}".lstrip(".")
        for place, held in said.get("names", {}).items()
        for name, _, other in (each.partition("=") for each in held.split())
    }
    elsewhere = dict(each.split("=", 1) for each in said.get("modules", "").split())
    modules = {name: place for name, place in elsewhere.items() if f"{place}.".startswith(f"{below}.") or not below}
    defs, values = frozenset(said.get("defs", "").split()), said.get("values", {})
    classes = {name: tuple(places.split()) for name, places in said.get("classes", {}).items()}
    held = {*names, *modules, *defs, *classes, *values}
    listed = said["all"].split() if "all" in said else [name for name in held if not name.startswith("_")]
    return Further(path, names, modules, defs, classes, values, tuple(sorted(held.intersection(listed))), below)
