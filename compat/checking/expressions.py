"""Follow what the expressions of a module stand for, and note the names of frameworks in them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .folders import folder_of
from .scopes import Scope
from .values import NOTHING, OUTSIDE, Made, Outside, Own, OwnClass, Room, Thing, Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .program import Program
    from .values import Value, Values

__all__ = ["Expressions", "caught", "last", "parameters"]

ATTRIBUTES = frozenset({"AttributeError", "ImportError"})


class Expressions:
    """Reads the expressions of a module.

    Args:
        program: where what is found goes.
        room: the module.
    """

    def __init__(self, program: Program, room: Room) -> None:
        self.program = program
        self.room = room
        self.scope = Scope(room.names)
        self.expected: frozenset[str] = frozenset()  # errors that a `try` around this place catches
        self.there: frozenset[str] = frozenset()  # paths that a `hasattr` around it found
        self.runs = True  # False where only type checkers look

    def value(self, node: ast.expr, how: str = "mention", call: ast.Call | None = None) -> Values:
        """Return what an expression may stand for, and note the names of frameworks in it.

        Args:
            node: the expression.
            how: as in `Use`; '' for the part before an attribute, which is noted with it.
            call: the call, of what is called.
        """
        if isinstance(node, ast.Name):
            values = self._name(node)
        elif isinstance(node, ast.Attribute):
            values = frozenset().union(*(self._attribute(each, node.attr) for each in self.value(node.value, "")))
        else:
            return self._compound(node)
        if how:
            for each in values:
                if isinstance(each, Thing):
                    self.use(each, node, how, call)
        return values

    def version(self, node: ast.expr) -> str | None:
        """Return the version that an expression such as `paddle.__version__` stands for, where it is known."""
        if not isinstance(node, ast.Attribute) or node.attr not in ("__version__", "full_version"):
            return None
        for each in self.value(node, ""):
            if isinstance(each, Thing):
                root = each.path.split(".")[0]
                self.program.asked |= root not in self.program.versions
                return self.program.versions.get(root)
        return None

    def use(self, thing: Thing, node: ast.expr | ast.stmt, how: str, call: ast.Call | None = None) -> None:
        """Note a use of a name of a framework."""
        if self.runs:
            asked = any(f"{thing.path}.".startswith(f"{path}.") for path in self.there)
            expected = self.expected | ATTRIBUTES if asked else self.expected
            shown = self.room.source.shown
            self.program.uses.append(Use(thing.path, shown, node.lineno, how, expected, thing.needs, call))

    def bind(self, target: ast.expr, values: Values, parts: Sequence[Values] = ()) -> None:
        """Bind a target of an assignment; `parts` are the values of its parts, where they are known one by one."""
        if isinstance(target, ast.Name):
            self.scope.bind(target.id, values)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, NOTHING)
        elif isinstance(target, (ast.Tuple, ast.List)):
            paired = len(parts) == len(target.elts)
            for index, each in enumerate(target.elts):
                self.bind(each, parts[index] if paired else NOTHING)
        elif isinstance(target, ast.Attribute):
            self.program.own.add(target.attr)
            for holder in self.value(target.value, ""):
                if isinstance(holder, Own):
                    kept = holder.kind.attributes
                    kept[target.attr] = kept.get(target.attr, NOTHING) | values
                elif isinstance(holder, Thing):
                    self.program.patched.add(f"{holder.path}.{target.attr}")
        else:
            self.value(target)

    def defaults(self, arguments: ast.arguments) -> None:
        """Read the defaults of parameters, which are evaluated where the function is defined."""
        for each in [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]:
            self.value(each)

    def children(self, node: ast.AST) -> None:
        """Read the expressions in a node that stands for nothing itself."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
            elif not isinstance(child, ast.stmt):
                self.children(child)

    def _name(self, node: ast.Name) -> Values:
        found = self.scope.look(node.id)
        if found is None:
            found = frozenset(Thing(f"{star}.{node.id}", f"{star}.{node.id}") for star in self.room.stars)
        return found

    def _attribute(self, value: Value, name: str) -> Values:
        if isinstance(value, Thing):
            return frozenset({Thing(f"{value.path}.{name}", value.needs)})
        if isinstance(value, Room):
            return self.program.attribute(value, name)
        if isinstance(value, Outside):
            return OUTSIDE
        if isinstance(value, (Own, OwnClass)):
            return member(value.kind if isinstance(value, Own) else value, name)
        return NOTHING

    def _compound(self, node: ast.expr) -> Values:
        values = NOTHING
        match node:
            case ast.Call():
                values = self._call(node)
            case ast.IfExp():
                self.value(node.test)
                values = self.value(node.body) | self.value(node.orelse)
            case ast.BoolOp():
                values = frozenset().union(*[self.value(each) for each in node.values])
            case ast.NamedExpr():
                values = self.value(node.value)
                self.bind(node.target, values)
            case ast.Subscript():
                values = self.value(node.value) & OUTSIDE
                self.value(node.slice)
            case ast.Lambda():
                self.defaults(node.args)
                self._inside(dict.fromkeys((each.arg for each in parameters(node.args)), NOTHING), node.body)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self._comprehension(node)
            case _:
                self.children(node)
        return values

    def _inside(self, names: dict[str, Values], node: ast.expr) -> None:
        around = self.scope
        self.scope = Scope(names, around)
        self.value(node)
        self.scope = around

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        self.value(node.generators[0].iter)
        around = self.scope
        self.scope = Scope({}, around)
        for index, each in enumerate(node.generators):
            if index:
                self.value(each.iter)
            self.bind(each.target, NOTHING)
            for test in each.ifs:
                self.value(test)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.value(part)
        self.scope = around

    # -- calls --------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Values:
        name = last(node.func)
        if name in SPECIAL and (special := getattr(self, f"_{name}")(node)) is not None:
            return special  # type: ignore[no-any-return]
        if isinstance(node.func, ast.Attribute):
            holders = self.value(node.func.value, "")
            called = frozenset().union(*(self._attribute(each, node.func.attr) for each in holders))
            for each in called:
                if isinstance(each, Thing):
                    self.use(each, node.func, "call", node)
            self._method(holders, node.func)
        else:
            called = self.value(node.func, "call", node)
        self._arguments(node)
        return frozenset(made for each in called if (made := self._returned(each, node)) is not None)

    def _arguments(self, node: ast.Call, first: int = 0) -> None:
        for each in node.args[first:]:
            self.value(each)
        for keyword in node.keywords:
            self.value(keyword.value)

    def _returned(self, called: Value, node: ast.Call) -> Value | None:
        if isinstance(called, Thing):
            return Made(called.path)
        if isinstance(called, OwnClass):
            for thing in bases_of(called)[0]:
                self.use(thing, node, "subclass")
            return Own(called)
        return called if isinstance(called, Outside) else None

    def _method(self, holders: Values, node: ast.Attribute) -> None:
        """Note a call of a method, where the class is known, and where nothing is known of the object."""
        if not holders:
            self.use(Thing(node.attr), node, "perhaps")
        for each in holders:
            if isinstance(each, Made):
                self.use(Thing(f"{each.path}.{node.attr}"), node, "method")
            elif isinstance(each, Own):
                things, known = bases_of(each.kind)
                if known and not is_member(each.kind, node.attr):
                    for thing in things:
                        self.use(Thing(f"{thing.path}.{node.attr}", thing.needs), node, "method")

    def _getattr(self, node: ast.Call) -> Values | None:
        if self.scope.look("getattr") is not None or len(node.args) < 2:
            return None
        holders, name = self.value(node.args[0], ""), node.args[1]
        self._arguments(node, 1)
        things = [each for each in holders if isinstance(each, Thing)]
        text = name.value if isinstance(name, ast.Constant) else None
        if not isinstance(text, str):
            self.program.dynamic += [(each.path, self.room.source.shown, node.lineno) for each in things if self.runs]
            return NOTHING
        expected = self.expected
        if len(node.args) > 2:
            self.expected |= ATTRIBUTES
        found = frozenset(
            Thing(path, path if len(node.args) > 2 else each.needs)
            for each in things
            if (path := f"{each.path}.{text}")
        )
        for thing in found:
            self.use(Thing(thing.path), node, "mention")
        self.expected = expected
        return found

    def _hasattr(self, node: ast.Call) -> Values | None:
        for each in node.args:
            self.value(each, "")
        return NOTHING

    def _partial(self, node: ast.Call) -> Values | None:
        """`functools.partial(nn.BatchNorm3D, momentum=0.1)`: what is called later is its first argument."""
        if not node.args:
            return None
        values = self.value(node.args[0])
        self._arguments(node, 1)
        return values

    def _import_module(self, node: ast.Call) -> Values | None:
        name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if not isinstance(name, str) or not name.strip(".") or name.startswith("."):
            return None
        if name.split(".")[0] in self.program.roots:
            self.use(Thing(name), node, "import")
        return self.program.module(name, self.room.source.shown, node.lineno)

    def _append(self, node: ast.Call) -> Values | None:
        """`sys.path.append(...)` and `sys.path.insert(0, ...)`: further folders of the script's own."""
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "sys.path" and node.args:
            folder = folder_of(node.args[-1], self.room.source.path, self.room.assigned)
            if folder is not None:
                self.program.sources.add_root(folder)
        return None

    _insert = _append


SPECIAL = {"getattr", "hasattr", "partial", "import_module", "append", "insert"}


def bases_of(kind: OwnClass) -> tuple[list[Thing], bool]:
    """Return the things of frameworks below which a class stands, and whether all of its bases are known."""
    things, known, left, seen = [], True, [kind], {id(kind)}
    while left:
        for base in left.pop().bases:
            known = known and bool(base) and not base & OUTSIDE
            for each in base:
                if isinstance(each, Thing):
                    things.append(each)
                elif isinstance(each, OwnClass) and id(each) not in seen:
                    seen.add(id(each))
                    left.append(each)
                elif not isinstance(each, OwnClass):
                    known = False
    return things, known


def member(kind: OwnClass, name: str) -> Values:
    """Return what an attribute of a class of the script's own may stand for, in it or a base of its own."""
    found = NOTHING
    for each in _own_classes(kind):
        found |= each.attributes.get(name, NOTHING) | each.names.get(name, NOTHING)
    return found


def is_member(kind: OwnClass, name: str) -> bool:
    """Whether a class of the script's own, or a base of its own, has an attribute."""
    return any(name in each.names or name in each.attributes for each in _own_classes(kind))


def _own_classes(kind: OwnClass) -> list[OwnClass]:
    found = [kind]
    for each in found:
        found += [base for bases in each.bases for base in bases if isinstance(base, OwnClass) and base not in found]
    return found


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Return all parameters of a function."""
    rest = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def last(node: ast.expr) -> str:
    """Return the last name of what is called or named, such as 'suppress'; '' where there is none."""
    if isinstance(node, ast.Call):
        return last(node.func)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def caught(node: ast.expr | None) -> list[str]:
    """Return the classes of errors that a handler catches, by their last names."""
    if node is None:
        return ["BaseException"]
    return [last(each) for each in (node.elts if isinstance(node, ast.Tuple) else [node])]
