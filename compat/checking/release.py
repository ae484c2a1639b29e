"""What stands under the names of a framework as fourfold serves it: asked of the very modules that a run imports."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ...frontends.names import Opaque, Signatures
from ...frontends.names.missing import nearest
from ..activation.served import FRONTENDS
from .arguments import LIKE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...frontends.names import Names
    from ..activation.served import Framework

__all__ = ["SERVED", "UNKNOWN", "UNSERVED", "Release", "Standing"]

SERVED, UNSERVED, UNKNOWN = "served", "not served", "unknown"
# what releases of Paddle have outside of the front end's own, by the text that says so
ELSEWHERE = {
    "2.6.2": "Paddle 2.6.2 has it, {} does not",
    "1.8.5": "Paddle 1.8.5 has it; outside of fluid, {} is served",
}


@dataclass(frozen=True)
class Standing:
    """What is known of a name.

    Attributes:
        name: as far as there is something to follow: an attribute of an object of the framework is none of its names.
        status: SERVED, UNSERVED (the release has it), or UNKNOWN (it does not).
        why: it is not served; '' where nothing is known.
        nearest: names that are served: of the same module, or with the framework's root.
        value: what stands there.
    """

    name: str
    status: str
    why: str = ""
    nearest: tuple[str, ...] = ()
    value: Any = field(default=None, compare=False)


class Release:
    """A framework whose names are being served.

    Args:
        root: its import name.
        framework: what is served.
    """

    def __init__(self, root: str, framework: Framework) -> None:
        self.root = root
        self.framework = framework
        self._known: dict[str, Standing] = {}
        self._refused: dict[str, frozenset[str]] = {}

    def standing(self, path: str) -> Standing:
        """Return what is known of a path that begins with the root."""
        if path not in self._known:
            self._known[path] = self._followed(path)
        return self._known[path]

    def _followed(self, path: str) -> Standing:
        name, value = self.root, importlib.import_module(self.root)
        for part in path.split(".")[1:]:
            if isinstance(value, ModuleType):
                found = self._of_module(name, value, part, path)
            elif isinstance(value, type) and not hasattr(value, part):
                found = self._of_class(name, value, part)
            elif isinstance(value, type):
                found = Standing(f"{name}.{part}", SERVED, value=getattr(value, part))
            else:
                break
            if found.status != SERVED:
                return found
            name, value = found.name, found.value
        return Standing(name, SERVED, value=value)

    def _of_module(self, name: str, module: ModuleType, part: str, whole: str) -> Standing:
        path, last = f"{name}.{part}", whole.rpartition(".")[2]
        try:
            value = getattr(module, part)
        except AttributeError:
            if self.framework.has(path[len(self.root) + 1 :]):  # hidden by a class of its name
                return Standing(path, SERVED, value=importlib.import_module(path))
            return Standing(path, UNKNOWN, self._elsewhere(path), (*self._same(last), *self._near(name, part)))
        if not hasattr(value, "__fourfold_placeholder__") and not isinstance(value, Opaque):
            return Standing(path, SERVED, value=value)
        public = self.framework.public(path[len(self.root) + 1 :])
        names, relative = self._names(f"{self.root}.{public}")
        why = names.signatures.reason(relative) if public else "it is no public name"
        return Standing(path, UNSERVED, why, self._near(name, part), value)

    def _of_class(self, name: str, kind: type, part: str) -> Standing:
        path = f"{name}.{part}"
        names, relative = self._names(path)
        if relative in names.signatures:
            return Standing(path, UNSERVED, "not served yet", self._members(kind, part))
        return Standing(path, UNKNOWN, "", self._members(kind, part))

    def method(self, path: str) -> Standing | None:
        """Return what is known of a method of a class, where the release has it and the class here does not."""
        owner, _, name = path.rpartition(".")
        standing = self.standing(owner)
        kind = standing.value
        if standing.status != SERVED or standing.name != owner or not isinstance(kind, type) or hasattr(kind, name):
            return None
        for each in self._recorded(kind):
            names, relative = self._names(f"{each}.{name}")
            if names.signatures.lines.get(relative, "").startswith("def "):
                return Standing(f"{each}.{name}", UNSERVED, "not served yet", self._members(kind, name))
        return None

    def tensor_method(self, name: str, tensors: Iterable[str]) -> Standing | None:
        """Return what is known of a method that tensors of the release have, no tensor here, and no other class there.

        Args:
            name: of the method.
            tensors: the classes of tensors that there may be, without the root.
        """
        found = None
        for each in tensors:
            owner = self.standing(f"{self.root}.{each}")
            names, relative = self._names(f"{owner.name}.{name}")
            if owner.status != SERVED or relative not in names.signatures:
                continue
            holders = {line[: -len(name) - 1] for line in names.signatures if line.endswith(f".{name}")}
            others = holders - {relative[: -len(name) - 1]}
            lines = names.signatures.lines
            if hasattr(owner.value, name) or any(lines.get(other, "").startswith("class") for other in others):
                return None
            found = Standing(f"{owner.name}.{name}", UNSERVED, "not served yet", self._members(owner.value, name))
        return found

    def refused(self, standing: Standing) -> frozenset[str]:
        """Return the parameters of a served function or class that are refused off their defaults."""
        if standing.name not in self._refused:
            self._refused[standing.name] = self._refused_by(standing)
        return self._refused[standing.name]

    @staticmethod
    def _refused_by(standing: Standing) -> frozenset[str]:
        home, own = getattr(standing.value, "__module__", None), getattr(standing.value, "__name__", "")
        front = str(home)
        while front.startswith(f"{FRONTENDS}."):
            names = getattr(sys.modules.get(f"{front}.names"), "NAMES", None)
            if names is not None:
                name = f"{home}.{own}"[len(names.package) + 1 :]
                return names.refused(name) if name in names.signatures else frozenset()
            front = front.rpartition(".")[0]
        return frozenset()

    def _recorded(self, kind: type) -> Iterator[str]:
        """Yield the names under which the release has a class and its bases."""
        for each in kind.__mro__:
            yield from (path for path, value in self._served.items() if value is each)

    @cached_property
    def _served(self) -> dict[str, Any]:
        """What all modules serve, by its names with the root."""
        found = {}
        for path, source in self.framework.modules.items():
            home = importlib.import_module(f"{FRONTENDS}.{source}") if source else None
            for name in getattr(home, "__all__", ()):
                found[f"{self.root}.{path}.{name}".replace("..", ".")] = getattr(home, name)
        return found

    def _names(self, path: str) -> tuple[Names, str]:
        """Return the names of the front end that a path belongs to, and the path in them."""
        return self.framework.recorded(path[len(self.root) + 1 :])

    def _same(self, name: str) -> list[str]:
        """Return where the very name is, in other modules: the two shortest paths."""
        found = (path for path in self._served if path.endswith(f".{name}"))
        return sorted(found, key=lambda path: (len(path), path))[:2]

    def _near(self, module: str, name: str) -> tuple[str, ...]:
        """Return the names of a module that are like one that it has not."""
        return tuple(nearest(name, getattr(importlib.import_module(module), "__served__", ()), LIKE)[:3])

    @staticmethod
    def _members(kind: type, name: str) -> tuple[str, ...]:
        return tuple(nearest(name, (each for each in dir(kind) if each[0] != "_" and hasattr(kind, each)), LIKE)[:3])

    def _elsewhere(self, path: str) -> str:
        if self.root != "paddle":
            return ""
        served = self._names("paddle.x")[0].signatures.release
        for release, says in ELSEWHERE.items():
            if path.removeprefix("paddle.") in Signatures("paddle", release):
                return says.format(served)
        return ""
