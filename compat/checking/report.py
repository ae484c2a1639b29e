"""What a script needs of a framework, name by name, and whether fourfold has it."""

from __future__ import annotations

import io
import logging
import pathlib
import threading
import types
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import faults
from .release import SERVED, UNKNOWN, UNSERVED, Standing

if TYPE_CHECKING:
    from .program import Program
    from .release import Release
    from .sources import Trouble
    from .values import Use

__all__ = ["FORMAT", "Name", "Place", "Report", "report"]

# of the JSON; raised where something in it changes its meaning or goes
FORMAT = 1
ERRORS = {
    UNSERVED: {"NotImplementedError", "RuntimeError", "Exception", "BaseException"},
    UNKNOWN: {"AttributeError", "ImportError", "ModuleNotFoundError", "Exception", "BaseException"},
    "argument": {"NotImplementedError", "TypeError", "RuntimeError", "Exception", "BaseException"},
}
CALLS = {"call", "decorator", "subclass", "method"}
# whose methods may be meant where nothing is known of an object
COMMON: tuple[type, ...] = (
    *(str, bytes, bytearray, list, tuple, dict, set, frozenset, int, float, complex, slice, range, memoryview),
    *(io.TextIOWrapper, io.BytesIO, io.BufferedWriter, logging.Logger, pathlib.Path, threading.Thread),
    *(types.GeneratorType, np.ndarray, np.generic, BaseException),
)


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass
class Name:
    """A name of the framework, or what is wrong with arguments of its calls.

    Attributes:
        name: with the framework's root.
        status: 'served', 'not served' or 'unknown'; of arguments, 'argument'; 'perhaps' for a method of an object of
            which nothing is known.
        why: what there is to say about it.
        nearest: names that are served.
        places: where it is used: the files in the order of reading, their lines in theirs.
        called: whether it is called anywhere.
        stopping: the places where it raises when they are reached, and no `try` around them expects that.
    """

    name: str
    status: str
    why: str = ""
    nearest: tuple[str, ...] = ()
    places: list[Place] = field(default_factory=list)
    called: bool = False
    stopping: list[Place] = field(default_factory=list)

    @property
    def stops(self) -> bool:
        """Whether it raises anywhere."""
        return bool(self.stopping)

    @property
    def effect(self) -> str:
        """What becomes of the script there."""
        if self.stops:
            return "stops"
        if self.status in (SERVED, "perhaps"):
            return self.status
        return "expected" if self.called or self.status == UNKNOWN else "only mentioned"


@dataclass
class Report:
    """What was found in a script.

    Attributes:
        script: as it was named.
        framework: the import name.
        release: what `__version__` says.
        files: the files that were read.
        names: of the framework, in the order of their names.
        arguments: calls of served names whose arguments are refused.
        perhaps: methods that the release's tensors have and fourfold's do not, called on objects of unknown class.
        troubles: places of files that cannot be read.
        dynamic: places that look for names by values.
        lost: modules that are neither beside the script nor installed, with the first import.
    """

    script: str
    framework: str
    release: str
    files: list[str]
    names: list[Name]
    arguments: list[Name]
    perhaps: list[Name]
    troubles: list[Trouble]
    dynamic: dict[str, list[Place]]
    lost: dict[str, Place]

    @property
    def stops(self) -> bool:
        """Whether the script would meet an error that is told here."""
        return bool(self.troubles) or any(each.stops for each in (*self.names, *self.arguments))

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "format": FORMAT,
            "script": self.script,
            "framework": self.framework,
            "release": self.release,
            "stops": self.stops,
            "files": self.files,
            "names": [_plain(each) for each in self.names],
            "arguments": [_plain(each) for each in self.arguments],
            "perhaps": [_plain(each) for each in self.perhaps],
            "unread": [{"file": each.file, "line": each.line, "message": each.message} for each in self.troubles],
            "dynamic": [{"name": name, "uses": list(map(str, places))} for name, places in self.dynamic.items()],
            "not_found": [{"module": name, "first": str(place)} for name, place in self.lost.items()],
        }


def report(script: str, program: Program, release: Release) -> Report:
    """Return what a script that has been read needs of a framework."""
    names, arguments, perhaps = dict[str, Name](), dict[str, Name](), dict[str, Name]()
    fluid = any(use.path.startswith("paddle.fluid") for use in program.uses)
    tensors = ("fluid.core.VarBase", "fluid.Variable") if fluid else ("Tensor",)
    unknown = {use.path for use in program.uses if use.how == "perhaps"}
    methods = {name: _of_tensors(name, program, release, tensors) for name in unknown}
    order = {each.shown: index for index, each in enumerate(program.sources.read.values())}
    for use in sorted(program.uses, key=lambda use: (order[use.file], use.line)):
        if use.how == "perhaps":
            standing = methods[use.path]
            if standing is not None:
                _noted(perhaps, standing, use).status = "perhaps"
        elif use.path.split(".")[0] == release.root and not _is_patched(use, program) and _is_bound(use, release):
            _add(names, arguments, use, release)
    dynamic = defaultdict[str, list[Place]](list)
    for path, file, line in program.dynamic:
        if path.split(".")[0] == release.root:
            dynamic[path].append(Place(file, line))
    return Report(
        script,
        release.root,
        release.framework.version,
        [each.shown for each in program.sources.read.values()],
        sorted(names.values(), key=lambda each: each.name),
        sorted(arguments.values(), key=lambda each: each.name),
        sorted(perhaps.values(), key=lambda each: each.name),
        program.sources.troubles,
        dict(dynamic),
        {name: Place(*place) for name, place in program.lost.items()},
    )


def _is_bound(use: Use, release: Release) -> bool:
    """Whether the name is bound: by `import *`, or by an import that has another way where it fails."""
    return not use.needs or release.standing(use.needs).status != UNKNOWN


def _is_patched(use: Use, program: Program) -> bool:
    """Whether the script itself writes the name to the framework."""
    return any(f"{use.path}.".startswith(f"{path}.") for path in program.patched)


def _add(names: dict[str, Name], arguments: dict[str, Name], use: Use, release: Release) -> None:
    standing = release.method(use.path) if use.how == "method" else release.standing(use.path)
    if standing is None or (standing.status == SERVED and (_is_module(standing) or use.how == "subclass")):
        return
    found = _noted(names, standing, use)
    # of a name that only stands there, an attribute that it has not raises too
    beyond = use.path[len(standing.name) + 1 :].split(".")[0] if standing.status == UNSERVED else ""
    called = use.how in CALLS or (bool(beyond) and not hasattr(standing.value, beyond))
    found.called |= called
    if standing.status != SERVED:
        if (called or standing.status == UNKNOWN) and not ERRORS[standing.status] & use.expected:
            found.stopping.append(found.places[-1])
    elif use.call is not None and use.path == standing.name:
        for fault in faults(standing.value, use.call, release.refused(standing)):
            wrong = arguments.setdefault(
                f"{standing.name} {fault}", Name(standing.name, "argument", fault, called=True)
            )
            wrong.places.append(Place(use.file, use.line))
            if not ERRORS["argument"] & use.expected:
                wrong.stopping.append(wrong.places[-1])


def _of_tensors(name: str, program: Program, release: Release, tensors: tuple[str, ...]) -> Standing | None:
    """Return what is known of a method that only a tensor of the release can be meant to have."""
    if name in program.own or any(hasattr(each, name) for each in COMMON):
        return None
    return release.tensor_method(name, tensors)


def _noted(names: dict[str, Name], standing: Standing, use: Use) -> Name:
    found = names.setdefault(standing.name, Name(standing.name, standing.status, standing.why, standing.nearest))
    found.places.append(Place(use.file, use.line))
    return found


def _is_module(standing: Standing) -> bool:
    return isinstance(standing.value, types.ModuleType)


def _plain(name: Name) -> dict[str, Any]:
    return {
        "name": name.name,
        "status": name.status,
        "called": name.called,
        "effect": name.effect,
        "why": name.why,
        "nearest": list(name.nearest),
        "uses": list(map(str, name.places)),
        "stops_at": list(map(str, name.stopping)),
    }
