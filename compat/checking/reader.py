"""Follow the names of one module from its imports to where they are used: statement by statement."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .expressions import Expressions, caught, last, parameters
from .scopes import Scope, bound, ends, merged
from .values import NOTHING, OUTSIDE, Own, OwnClass, Room, Thing
from .versions import truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .program import Program
    from .values import Values

__all__ = ["Reader"]

IMPORTS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class Reader(Expressions):
    """Reads a module."""

    def __init__(self, program: Program, room: Room) -> None:
        super().__init__(program, room)
        self.postponed = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in room.source.tree.body
        )

    # -- statements ---------------------------------------------------------------------------------------------

    def run(self, body: Sequence[ast.stmt]) -> None:
        """Read statements in order."""
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        try:
            getattr(self, f"_{type(node).__name__.lower()}", self._others)(node)
        except RecursionError:
            self.program.too_deep(self.room.source, node)

    def _others(self, node: ast.AST) -> None:
        self.children(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self.run([child])

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.split(".")[0]
            needs = alias.name if self.expected & IMPORTS else ""
            found = self.program.module(alias.name, self.room.source.shown, node.lineno, needs)
            if root in self.program.roots:
                self.use(Thing(alias.name), node, "import")
            if not alias.asname and "." in alias.name:
                found = self.program.module(root, self.room.source.shown, node.lineno, needs)
            self.scope.bind(alias.asname or root, found)

    def _importfrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            package = self.room.source.package.split(".") if self.room.source.package else []
            base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
        from_ = self._from(base, node) if base else NOTHING
        for alias in node.names:
            if alias.name == "*":
                self._star(from_, node)
                continue
            values: Values = NOTHING
            for each in from_:
                if isinstance(each, Thing):
                    thing = Thing(f"{each.path}.{alias.name}")
                    self.use(thing, node, "import")
                    values |= {Thing(thing.path, thing.path if self.expected & IMPORTS else each.needs)}
                elif isinstance(each, Room):
                    values |= self.program.attribute(each, alias.name)
                else:
                    values |= {each}
            if not from_:  # a package without a file, or the script's own folder
                name = f"{base}.{alias.name}".lstrip(".")
                if self.program.sources.module(name) is not None:
                    values = self.program.module(name, self.room.source.shown, node.lineno)
            self.scope.bind(alias.asname or alias.name, values)

    def _from(self, base: str, node: ast.ImportFrom) -> Values:
        return self.program.module(base, self.room.source.shown, node.lineno)

    def _star(self, from_: Values, node: ast.ImportFrom) -> None:
        for each in from_:
            if isinstance(each, Thing):
                self.use(each, node, "import")
                self.room.stars.append(each.path)
            elif isinstance(each, Room):
                self.room.stars += [star for star in each.stars if star not in self.room.stars]
                for name, values in list(each.names.items()):
                    if not name.startswith("_"):
                        self.scope.bind(name, values)

    def _assign(self, node: ast.Assign) -> None:
        several = isinstance(node.value, (ast.Tuple, ast.List))
        parts = [self.value(each) for each in node.value.elts] if several else []  # type: ignore[attr-defined]
        values = NOTHING if several else self.value(node.value)
        for target in node.targets:
            self.bind(target, values, parts)
            if isinstance(target, ast.Name):
                self.room.assigned[target.id] = node.value

    def _annassign(self, node: ast.AnnAssign) -> None:
        if self.scope.parent is None or self.scope.kind is not None:  # in functions, they are never evaluated
            self._annotation(node.annotation)
        if node.value is not None:
            self.bind(node.target, self.value(node.value))

    def _augassign(self, node: ast.AugAssign) -> None:
        self.value(node.value)
        self.bind(node.target, NOTHING)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.value(node.iter)

        def body() -> None:
            self.bind(node.target, NOTHING)
            self.run(node.body)

        self._branches([(body, node.body), (lambda: None, [])])
        self.run(node.orelse)

    _asyncfor = _for

    def _while(self, node: ast.While) -> None:
        self._if(node)

    def _if(self, node: ast.If | ast.While) -> None:
        self.value(node.test)
        decided = truth(node.test, self.version) if isinstance(node, ast.If) else None
        if decided is not None:
            self.run(node.body if decided else node.orelse)
            return
        there, runs = self.there, self.runs

        def body() -> None:
            self.there = there | self._asked(node.test)
            self.runs = runs and "TYPE_CHECKING" not in (getattr(node.test, "id", ""), getattr(node.test, "attr", ""))
            self.run(node.body)
            self.there, self.runs = there, runs

        self._branches([(body, node.body), (lambda: self.run(node.orelse), node.orelse)])

    def _asked(self, test: ast.expr) -> set[str]:
        """Return the paths that a test asks for with `hasattr`."""
        found = set[str]()
        for call in ast.walk(test):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "hasattr" and len(call.args) == 2:
                name = getattr(call.args[1], "value", None)
                found |= {f"{each.path}.{name}" for each in self.value(call.args[0], "") if isinstance(each, Thing)}
        return found

    def _try(self, node: ast.Try) -> None:
        before, expected = dict(self.scope.names), self.expected
        self.expected = expected | {name for each in node.handlers for name in caught(each.type)}
        self.run(node.body)
        self.expected = expected
        self.run(node.orelse)
        after = self.scope.names

        def handled(handler: ast.ExceptHandler) -> Callable[[], None]:
            def body() -> None:
                if handler.type is not None:
                    self.value(handler.type)
                if handler.name:
                    self.scope.bind(handler.name, NOTHING)
                self.run(handler.body)

            return body

        self._set(merged([before, after]))
        branches = [(handled(each), each.body) for each in node.handlers]
        self._branches([*branches, (lambda: self._set(after), [*node.body, *node.orelse])])
        self.run(node.finalbody)

    _trystar = _try

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        expected = self.expected
        for item in node.items:
            values = self.value(item.context_expr)
            call = item.context_expr
            if isinstance(call, ast.Call) and last(call.func) == "suppress":
                self.expected |= {name for each in call.args for name in caught(each)}
            if item.optional_vars is not None:
                # a guard that a framework makes is not what its `with` gives
                self.bind(item.optional_vars, values & OUTSIDE)
        self.run(node.body)
        self.expected = expected

    _asyncwith = _with

    def _match(self, node: ast.Match) -> None:
        self.value(node.subject)

        def body(case: ast.match_case) -> Callable[[], None]:
            def read() -> None:
                for name in bound([case.pattern])[0]:
                    self.scope.bind(name, NOTHING)
                self.children(case.pattern)
                if case.guard is not None:
                    self.value(case.guard)
                self.run(case.body)

            return read

        self._branches([*((body(case), case.body) for case in node.cases), (lambda: None, [])])

    def _branches(self, branches: list[tuple[Callable[[], None], list[ast.stmt]]]) -> None:
        """Read alternatives: after them, a name may be what it is after any that goes on."""
        before, after = dict(self.scope.names), []
        for read, body in branches:
            self._set(dict(before))
            read()
            after.append((self.scope.names, ends(body)))
        going = [dict(names) for names, ended in after if not ended] or [dict(names) for names, _ in after]
        self._set(merged(going))

    def _set(self, names: dict[str, Values]) -> None:
        # the very dictionary stays: rooms and classes hold it
        kept = dict(names)
        self.scope.names.clear()
        self.scope.names.update(kept)

    # -- definitions --------------------------------------------------------------------------------------------

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.value(decorator, "decorator")
        self.defaults(node.args)
        arguments = node.args
        for annotation in (*(each.annotation for each in parameters(arguments)), node.returns):
            self._annotation(annotation)
        self.program.own.add(node.name)
        self.scope.bind(node.name, NOTHING)
        around, runs = self.scope, self.runs
        names = {each.arg: NOTHING for each in parameters(arguments)}
        first = [*arguments.posonlyargs, *arguments.args][:1]
        decorators = {last(each) for each in node.decorator_list}
        if around.kind is not None and first and not decorators & {"staticmethod", "classmethod"}:
            names[first[0].arg] = frozenset({Own(around.kind)})

        def body() -> None:
            local, outer = bound(node.body)
            self.scope = Scope(names, around, None, local, outer)
            self.expected, self.there, self.runs = frozenset(), frozenset(), runs
            self.run(node.body)

        self.program.later(body)

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.value(decorator, "decorator")
        bases = [self.value(base) for base in node.bases]
        for keyword in node.keywords:
            self.value(keyword.value)
        kind = OwnClass(node.name, bases)
        around = self.scope
        self.scope = Scope(kind.names, around, kind)
        self.run(node.body)
        self.scope = around
        self.program.own.update({node.name, *kind.names})
        self.scope.bind(node.name, frozenset({kind}))

    def _annotation(self, node: ast.expr | None) -> None:
        # those in functions' bodies are never evaluated, nor are postponed ones
        if node is not None:
            runs, self.runs = self.runs, self.runs and not self.postponed
            self.value(node)
            self.runs = runs
