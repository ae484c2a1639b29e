"""What a name of a script may stand for, as far as its text tells, and where it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import ast

    from .sources import Source

__all__ = ["NOTHING", "OUTSIDE", "Made", "Outside", "Own", "OwnClass", "Room", "Thing", "Use", "Value", "Values"]


@dataclass(frozen=True)
class Thing:
    """What stands under a path of a framework, such as 'paddle.nn.Conv3D'.

    Attributes:
        path: with the framework's root.
        needs: what the framework has to have, so that the name is bound at all: `from paddle.nn import *`, or an import
            in a `try` that has another way; '' for nothing.
    """

    path: str
    needs: str = ""


@dataclass(frozen=True)
class Made:
    """What a call of a thing returned: of a class, an object of it."""

    path: str


@dataclass(frozen=True)
class Outside:
    """Something of another package."""


@dataclass(eq=False)
class Room:
    """A module of the script's own.

    Attributes:
        source: its file.
        names: what its names stand for.
        stars: modules of frameworks whose names it took with `import *`.
        assigned: what was assigned to its names last.
    """

    source: Source
    names: dict[str, Values] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    assigned: dict[str, ast.expr] = field(default_factory=dict)


@dataclass(eq=False)
class OwnClass:
    """A class of the script's own.

    Attributes:
        name: of the class.
        bases: what its bases stand for, in order.
        names: what its body defines.
        attributes: what is written to attributes of `self`.
    """

    name: str
    bases: list[Values]
    names: dict[str, Values] = field(default_factory=dict)
    attributes: dict[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class Own:
    """An object of a class of the script's own."""

    kind: OwnClass


Value: TypeAlias = Thing | Made | Outside | Room | OwnClass | Own
# what a name may stand for; none: something that is not followed
Values: TypeAlias = frozenset[Value]
NOTHING: Values = frozenset()
OUTSIDE: Values = frozenset({Outside()})


class Use(NamedTuple):
    """One place where a name of a framework is used.

    Attributes:
        path: of the name, or of an attribute of it; for 'method' of an object's class and its method, for 'perhaps' of
            a method alone.
        file: the script's name of the file.
        line: in the file, from 1.
        how: 'import', 'mention', 'call', 'decorator', 'subclass' (a class below it is called), 'method' or 'perhaps'.
        expected: classes of errors that a `try` around it catches.
        needs: as in `Thing`.
        call: the call, for its arguments.
    """

    path: str
    file: str
    line: int
    how: str
    expected: frozenset[str] = frozenset()
    needs: str = ""
    call: ast.Call | None = None
