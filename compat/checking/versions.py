"""Tests of a framework's version, such as `paddle.__version__ >= "2.0"`, by the version that there is."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["truth"]

COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda part, whole: part in whole,
    ast.NotIn: lambda part, whole: part not in whole,
}
METHODS = {"split", "startswith", "strip", "replace", "rsplit", "partition"}
# what makes of a text something that is ordered as versions are
VERSIONS = {"LooseVersion", "StrictVersion", "Version", "parse", "parse_version", "_parse_version"}
TYPES: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "str": str, "tuple": tuple, "list": list}


class _UnknownError(Exception):
    pass


def truth(test: ast.expr, version: Callable[[ast.expr], str | None]) -> bool | None:
    """Return whether a test holds, as far as its text and the version tell; None where they do not.

    Args:
        test: the expression; nothing of it is executed.
        version: returns the version where an expression stands for one.

    >>> def version(node): return "3.3.1" if ast.unparse(node) == "paddle.__version__" else None
    >>> def told(text): return truth(ast.parse(text, mode="eval").body, version)
    >>> told("int(paddle.__version__.split('.')[0]) < 2"), told("paddle.__version__ >= '2.0' and other"), told("other")
    (False, None, None)
    """
    try:
        return bool(_value(test, version))
    except (_UnknownError, TypeError, ValueError, LookupError, AttributeError):
        return None


def _value(node: ast.expr, version: Callable[[ast.expr], str | None]) -> Any:
    def read(each: ast.expr) -> Any:
        return _value(each, version)

    found: Any = version(node)
    if found is not None:
        return found
    match node:
        case ast.Constant(value=value):
            found = value
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            found = tuple(map(read, parts))
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            found = not read(inner)
        case ast.BoolOp(op=joined, values=values):
            found = _joined(values, read, all_of=isinstance(joined, ast.And))
        case ast.Compare(left=left, ops=[compared], comparators=[right]) if type(compared) in COMPARED:
            found = COMPARED[type(compared)](read(left), read(right))
        case ast.Subscript(value=inner, slice=ast.Slice(lower=lower, upper=upper, step=None)):
            found = read(inner)[lower and read(lower) : upper and read(upper)]
        case ast.Subscript(value=inner, slice=index):
            found = read(inner)[read(index)]
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[text]) if name in VERSIONS:
            found = tuple(map(int, re.findall(r"\d+", str(read(text)))))
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in TYPES:
            found = TYPES[name](read(inner))
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=parts) if name in METHODS:
            found = getattr(str(read(inner)), name)(*map(read, parts))
        case _:
            raise _UnknownError
    return found


def _joined(values: list[ast.expr], read: Callable[[ast.expr], Any], *, all_of: bool) -> bool:
    """Return what `and` or `or` gives: one part may decide it, whatever the others are."""
    known: list[bool | None] = []
    for each in values:
        try:
            known.append(bool(read(each)))
        except _UnknownError:  # noqa: PERF203
            known.append(None)
    if (not all_of) in known:
        return not all_of
    if None in known:
        raise _UnknownError
    return all_of
