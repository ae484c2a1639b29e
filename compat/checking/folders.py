"""Which folder an expression names that a script adds to `sys.path`; nothing is executed."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["folder_of"]

DEPTH = 20


def folder_of(node: ast.expr | None, file: Path, assigned: Mapping[str, ast.expr], depth: int = DEPTH) -> Path | None:
    """Return the folder that an expression of `os.path` or `pathlib` names, or None.

    Args:
        node: the expression.
        file: the module, for `__file__`.
        assigned: what names of the module were assigned.
        depth: how deep it may be nested.

    >>> node = ast.parse("os.path.join(os.path.dirname(__file__), '..', 'lib')", mode="eval").body
    >>> folder_of(node, Path("/a/b/train.py"), {}).as_posix()
    '/a/b/../lib'
    """

    def read(each: ast.expr | None) -> Path | None:
        return folder_of(each, file, assigned, depth - 1) if depth else None

    def joined(parts: list[ast.expr]) -> Path | None:
        read_parts = [read(each) for each in parts]
        known = [each for each in read_parts if each is not None]
        return Path(*known) if known and len(known) == len(parts) else None

    found: Path | None = None
    match node:
        case ast.Constant(value=str(text)):
            found = Path(text)
        case ast.Name(id="__file__"):
            found = file
        case ast.Name(id=name):
            found = read(assigned.get(name))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            found = joined([left, right])
        case ast.Attribute(value=inner, attr="parent") | ast.Call(func=ast.Attribute(attr="dirname"), args=[inner]):
            above = read(inner)
            found = above.parent if above is not None else None
        case ast.Subscript(value=ast.Attribute(value=inner, attr="parents"), slice=ast.Constant(value=int(index))):
            above = read(inner)
            found = above.parents[index] if above is not None and 0 <= index < len(above.parents) else None
        case ast.Attribute(attr="pardir"):
            found = Path("..")
        case ast.Attribute(attr="curdir") | ast.Call(func=ast.Attribute(attr="getcwd" | "cwd")):
            found = Path()
        case ast.Call(func=ast.Attribute(attr="join") | ast.Name(id="str" | "Path") | ast.Attribute(attr="Path")):
            found = joined(node.args)
        case (
            ast.Call(func=ast.Attribute(attr="abspath" | "realpath" | "normpath"), args=[inner])
            | ast.Call(func=ast.Attribute(value=inner, attr="resolve" | "absolute"), args=[])
        ):
            found = read(inner)
    return found
