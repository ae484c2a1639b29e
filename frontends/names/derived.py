"""Make a class from a row: one with the release's constructor, which hands its arguments to a base class.

Schedules and optimizers are such classes: a base class for each framework says when something is computed and what is
kept, a row what is computed. So are layers that torch has with the same words, as OneFlow's are.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .generate import compiled, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .signatures import Signatures
    from .words import Word

__all__ = ["Derived", "Limit", "check", "limit"]

_STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


@dataclass(frozen=True)
class Limit:
    """What an argument has to be.

    Attributes:
        name: of the argument; '' for what holds of several together.
        holds: whether a value is legal, or all arguments by name.
        says: what is said of one that is not, after its name and value: 'must be above 0'; or all of it, with
            '{name}' in it.
        error: the class that the release raises.
    """

    name: str
    holds: Callable[[Any], bool]
    says: str
    error: type[Exception]


def limit(name: str, holds: Callable[[Any], bool], says: str, error: type[Exception] = ValueError) -> Limit:
    """Limit an argument of a row, or with '' all of them together."""
    return Limit(name, holds, says, error)


def check(limits: tuple[Limit, ...], given: Mapping[str, Any]) -> None:
    """Raise where an argument is not what it has to be.

    >>> check((limit("gamma", lambda gamma: gamma < 1, "should be < 1.0"),), {"gamma": 2.0})
    Traceback (most recent call last):
    ValueError: gamma=2.0 should be < 1.0.
    """
    for each in limits:
        if not each.holds(given[each.name] if each.name else given):
            said = each.says.format(**given)
            msg = f"{said}." if "{" in each.says or not each.name else f"{each.name}={given[each.name]!r} {said}."
            raise each.error(msg)


@dataclass(frozen=True)
class Derived:
    """A row: a recorded class, its base here, and what tells it from others of that base.

    Attributes:
        name: relative to the framework's root, such as 'optimizer.lr.StepDecay'.
        base: the class that has `_begin`, which takes the constructor's arguments by name.
        takes: arguments that the base or what the row computes knows; others are refused off their defaults.
        words: what becomes of arguments that are taken without effect.
        facts: attributes of the class.
        further: classes that it derives from too, after the base.
    """

    name: str
    base: type
    takes: frozenset[str]
    words: Mapping[str, Word] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    further: tuple[type, ...] = ()

    def make(self, package: str, root: str, signatures: Signatures) -> type:
        """Return the class of the row.

        Args:
            package: the front end's package.
            root: what the framework is called in messages.
            signatures: what the release calls its names.
        """
        path, _, name = self.name.rpartition(".")
        where = f"{root}.{self.name}"
        module = f"{package}.{path}" if path else package
        constructor = signatures.signature(self.name)
        bound: dict[str, Any] = {}
        refusals: list[str] = []
        passed = []
        for parameter in constructor.parameters.values():
            if parameter.name in self.takes:
                stars = _STARS.get(parameter.kind)
                passed.append(f"{parameter.name}={parameter.name}" if stars is None else f"{stars}{parameter.name}")
            elif parameter.name not in self.words:
                refusals += refusal(parameter, bound, where)
        itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        begin = compiled(
            "__init__",
            constructor.replace(parameters=[itself, *constructor.parameters.values()]),
            [*refusals, f"self._begin({', '.join(passed)})"],
            bound,
            module=module,
            doc="",
            qualname=f"{name}.__init__",
        )
        made = {
            "__init__": begin,
            "__module__": module,
            "__doc__": f"`{where}` of {root} {signatures.release}, a `{self.base.__name__}`.",
            "__qualname__": name,
            "row": self,
            **self.facts,
        }
        return type(self.base)(name, (self.base, *self.further), made)
