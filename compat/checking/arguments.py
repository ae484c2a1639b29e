"""Arguments of calls that are certain to be refused, as far as their text tells."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Hashable
from typing import Any

from ...frontends.names.generate import same
from ...frontends.names.missing import nearest

__all__ = ["LIKE", "faults"]

UNREAD = object()
LIKE = 0.7  # how like a name has to be to be named


def faults(called: Any, call: ast.Call, refused: frozenset[str]) -> list[str]:
    """Return what is wrong with the arguments of a call.

    Args:
        called: the function or class.
        call: the call.
        refused: parameters that are refused off their defaults.

    >>> call = ast.parse("f(1, mode='b', axes=2)", mode="eval").body
    >>> def f(x, axis=0, mode="a"): pass
    >>> faults(f, call, frozenset({"mode"}))
    ["mode='b' is not served, only 'a' is", "no parameter 'axes'; nearest: axis"]
    """
    signature = _signature(called) if callable(called) and isinstance(called, Hashable) else None
    if signature is None:
        return []
    parameters = list(signature.parameters.values())
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    kinds = {each.kind for each in parameters}
    found = []
    starred = next((index for index, each in enumerate(call.args) if isinstance(each, ast.Starred)), len(call.args))
    given = [(parameter.name, value) for parameter, value in zip(positional, call.args[:starred], strict=False)]
    gathers = hasattr(called, "__fourfold_gathers__")
    if starred > len(positional) and not gathers and inspect.Parameter.VAR_POSITIONAL not in kinds:
        found.append(f"{starred} arguments by position; it takes {len(positional)}")
    given += [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None]
    for name, value in given:
        parameter = signature.parameters.get(name)
        if parameter is None or parameter.kind is parameter.VAR_KEYWORD:
            if inspect.Parameter.VAR_KEYWORD not in kinds:
                near = ", ".join(nearest(name, signature.parameters, LIKE)[:2])
                found.append(f"no parameter {name!r}" + (f"; nearest: {near}" if near else ""))
        elif name in refused:
            literal = _literal(value)
            if literal is not UNREAD and not same(literal, parameter.default):
                only = "" if parameter.default is parameter.empty else f", only {parameter.default!r} is"
                found.append(f"{name}={ast.unparse(value)} is not served{only}")
    return found


@functools.lru_cache(maxsize=512)
def _signature(called: Any) -> inspect.Signature | None:
    """Return what a call has to fit; None where that is not known for sure."""
    try:
        if not isinstance(called, type):
            return inspect.signature(called)
        made = next(vars(each) for each in called.__mro__ if {"__init__", "__new__"} & vars(each).keys())
        if called.__mro__[-1] is object and "__init__" in made and "__new__" not in made and type(called) is type:
            signature = inspect.signature(made["__init__"])
            return signature.replace(parameters=list(signature.parameters.values())[1:])
    except (TypeError, ValueError, StopIteration):
        pass
    return None


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNREAD
