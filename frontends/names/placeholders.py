"""What stands for a recorded name that no row serves: good to be imported, named and subclassed, not to be called.

A file that only mentions such a name, in an import, an `isinstance`, a default or a base class, goes on; so does one
that mentions a method, a constant or a class of a class. Calling it raises. `__fourfold_placeholder__` is True of it,
and it is in no `__all__` of a front end.
"""

from __future__ import annotations

import ast
import functools
import sys
import types
from typing import TYPE_CHECKING, Any, NoReturn

from .missing import lacks
from .signatures import Opaque

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .table import Names

__all__ = ["class_placeholder", "function_placeholder", "placeholders", "value_of"]


def placeholders(names: Names, path: str) -> Callable[[str], Any]:
    """Return a function from a name of a module of the release to what stands for it.

    The function raises LookupError for a name that the release does not have.
    """
    signatures, prefix, made = names.signatures, f"{path}." if path else "", dict[str, Any]()
    label = f"{names.root}.{path}" if path else names.root
    module = f"{names.package}.{path}" if path else names.package

    def placeholder(name: str) -> Any:
        lines = signatures.gone if prefix + name in signatures.gone else signatures.lines
        if prefix + name not in lines:
            raise LookupError(name)
        canonical = signatures.canonical(prefix + name)
        first, _, last = canonical.rpartition(".")
        home = sys.modules.get(f"{names.package}.{first}".rstrip("."))
        if canonical != prefix + name and last in getattr(home, "__all__", ()):
            return getattr(home, last)  # another name of what is written by hand
        if name not in made:
            made[name] = standing(lines.get(canonical, "builtin"), name)
        return made[name]

    def refuse(name: str) -> NoReturn:
        msg = lacks(label, name, names.served(path), signatures.reason(prefix + name))
        raise NotImplementedError(msg)

    def standing(line: str, name: str) -> Any:
        if line.startswith("value "):
            return value_of(line.removeprefix("value "))
        if line == "module":
            raise LookupError(name)
        if line.startswith("class"):
            return class_placeholder(name, module, refuse, dict(members(name)))
        return function_placeholder(name, module, refuse)

    def members(name: str) -> Iterator[tuple[str, Any]]:
        """Yield what stands for the methods, constants and classes of a class."""
        canonical = signatures.canonical(prefix + name)
        for each in signatures.members(canonical):
            line = signatures.lines[signatures.canonical(f"{canonical}.{each}")]
            if not each.startswith("__") and line != "property":
                yield each, standing(line, f"{name}.{each}")

    return placeholder


def value_of(text: str) -> Any:
    """Return the value that a recording states."""
    node = ast.parse(text, mode="eval").body
    if not isinstance(node, ast.Call):
        return ast.literal_eval(node)
    value = ast.literal_eval(node.args[0])
    return float(value) if isinstance(node.func, ast.Name) and node.func.id == "float" else Opaque(value)


def class_placeholder(
    name: str, module: str, refuse: Callable[[str], NoReturn], members: dict[str, Any], kind: type[Any] = type
) -> Any:
    """Return a class that can be mentioned; making one raises.

    Args:
        name: in its module.
        module: where it is.
        refuse: raises, for a name.
        members: what it has.
        kind: its metaclass.
    """

    def made(cls: type, *args: Any, **kwargs: Any) -> Any:
        return _decorated(name, refuse, args, kwargs)

    own = {"__module__": module, "__qualname__": name, "__fourfold_placeholder__": True, "__new__": made}
    return kind(name.rpartition(".")[2], (), {**members, **own})


def function_placeholder(name: str, module: str, refuse: Callable[[str], NoReturn]) -> Callable[..., Any]:
    """Return a function that can be mentioned, and decorate; calling it, or what it decorates, raises."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return _decorated(name, refuse, args, kwargs)

    function.__name__, function.__qualname__ = name.rpartition(".")[2], name
    function.__module__ = module
    function.__dict__["__fourfold_placeholder__"] = True
    return function


def _decorated(name: str, refuse: Callable[[str], NoReturn], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    # a decorator must not stop the file that has it: what it decorates raises in its place
    if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType):
        return functools.wraps(args[0])(lambda *args, **kwargs: refuse(name))
    return refuse(name)
