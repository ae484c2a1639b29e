"""Which names a function binds itself, and what names stand for along branches."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .values import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .values import OwnClass, Values

__all__ = ["Scope", "bound", "ends", "merged"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(eq=False)
class Scope:
    """A module, class, function or comprehension.

    Attributes:
        names: what its names stand for at this point.
        parent: the scope around it.
        kind: the class, for one of a class.
        local: names that are bound somewhere in it, before that too.
        outer: names that it declares global or nonlocal.
    """

    names: dict[str, Values]
    parent: Scope | None = None
    kind: OwnClass | None = None
    local: frozenset[str] = frozenset()
    outer: frozenset[str] = frozenset()

    def look(self, name: str) -> Values | None:
        """Return what a name stands for; None where no scope binds it."""
        scope: Scope | None = self
        while scope is not None:
            # a class's names are its body's alone
            if scope is self or scope.kind is None:
                if name in scope.names:
                    return scope.names[name]
                if name in scope.local:
                    return NOTHING
            scope = scope.parent
        return None

    def bind(self, name: str, values: Values) -> None:
        """Bind a name; one that is declared global or nonlocal may also be what it was."""
        if name in self.outer:
            top = self
            while top.parent is not None:
                top = top.parent
            top.names[name] = top.names.get(name, NOTHING) | values
        else:
            self.names[name] = values


def bound(body: Iterable[ast.AST]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that statements bind in their own scope, and those that they declare to be of another."""
    found, outer = set[str](), set[str]()
    for node in _own(body):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            outer.update(node.names)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
    return frozenset(found - outer), frozenset(outer)


def _own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of a scope, but for those of scopes in it."""
    left = list(body)
    while left:
        node = left.pop()
        yield node
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            continue
        if isinstance(node, COMPREHENSIONS):
            # the targets are its own; `:=` in it binds around it
            left += [each for each in ast.walk(node) if isinstance(each, ast.NamedExpr)]
        else:
            left += ast.iter_child_nodes(node)


def merged(branches: Iterable[dict[str, Values]]) -> dict[str, Values]:
    """Return what names stand for after one of several branches.

    >>> merged([{"a": frozenset()}, {"b": frozenset()}]) == {"a": frozenset(), "b": frozenset()}
    True
    """
    found: dict[str, Values] = {}
    for names in branches:
        for name, values in names.items():
            found[name] = found.get(name, NOTHING) | values
    return found


def ends(body: list[ast.stmt]) -> bool:
    """Whether what follows statements is never reached from their end."""
    return bool(body) and isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))
