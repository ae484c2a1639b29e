"""What a release calls its names and their parameters, as `fourfold vectors record --signatures` wrote it there.

A release's file maps each public name, relative to the framework's root, to a line: `def (x, axis=0, name=None)`,
`class (in_channels, ...)`, `property`, `module`, `value 3.14`, `builtin`, or `is nn.Conv2D` for what stands under
another name already. `compat/agreement/names/collector.py` says how each comes about.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .reasons import Reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Opaque", "Signatures", "parsed"]

FRONTENDS = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Opaque:
    """A default that the recording could not write as a literal, by what the framework prints for it."""

    text: str

    def __repr__(self) -> str:
        return self.text


class Signatures:
    """The recorded names of one release.

    Args:
        framework: folder below `frontends/`.
        release: the file's name, such as '3.3.1'.
        typed: lines in place of the release's, such as those of its documentation where that differs.
        below: the names below a module alone, relative to it: 'fluid' makes `fluid.layers.relu` `layers.relu`.
        before: a release before, some of whose names this one has no more; '' for none.

    Raises:
        ValueError: a line of the typed file is of a name for which the release states a signature, or which it lacks.
    """

    def __init__(
        self,
        framework: str,
        release: str,
        typed: Mapping[str, str] | None = None,
        *,
        below: str = "",
        before: str = "",
    ) -> None:
        self.framework = framework
        self.release = release
        self.before = before
        path = FRONTENDS / framework / "signatures" / f"{release}.json"
        recorded = json.loads(path.read_text(encoding="utf-8"))
        self.provenance: dict[str, str] = recorded["provenance"]
        lines: dict[str, str] = recorded["names"]
        self.typed = _typed(path.with_name(f"{release}.typed.txt"))
        self.reasons = Reasons(path.with_name(f"{release}.unserved.txt"))
        stated = [name for name in self.typed if not lines.get(name, "").startswith("builtin")]
        if stated:
            msg = f"{framework}/signatures/{release}.typed.txt: the release states {stated[0]!r} itself, or lacks it."
            raise ValueError(msg)
        names = {**lines, **self.typed}
        self.lines: dict[str, str] = {**(dict(_below(f"{below}.", names)) if below else names), **(typed or {})}

    @cached_property
    def gone(self) -> dict[str, str]:
        """The names that the release before has in modules of this one, which does not have them."""
        lines = Signatures(self.framework, self.before).lines if self.before else {}
        modules = {"", *(name for name, line in self.lines.items() if line == "module")}
        return {
            name: line for name, line in lines.items() if name not in self.lines and name.rpartition(".")[0] in modules
        }

    @cached_property
    def _members(self) -> dict[str, frozenset[str]]:
        found = defaultdict[str, set[str]](set)
        for name in self.lines:
            path, _, last = name.rpartition(".")
            found[path].add(last)
        return {path: frozenset(below) for path, below in found.items()}

    def __contains__(self, name: str) -> bool:
        return name in self.lines

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines)

    def canonical(self, name: str) -> str:
        """Return the name under which an object was met first: `concat` is `cat`."""
        line = self.lines.get(name, "")
        return self.canonical(line[3:]) if line.startswith("is ") else name

    def members(self, path: str) -> frozenset[str]:
        """Return the names, without the path, of what stands right below a module or class; '' is the root."""
        return self._members.get(path, frozenset())

    def reason(self, name: str) -> str:
        """Return why a name is not served; '' where nothing is said of it."""
        if name in self.gone:
            return f"{self.before} has it, {self.release} does not"
        return self.reasons.of(name) or self.reasons.of(self.canonical(name))

    def kind(self, name: str) -> str:
        """Return 'def', 'class', 'property', 'module', 'value' or 'builtin'."""
        return self.lines[self.canonical(name)].split(maxsplit=1)[0].rstrip(";")

    def signature(self, name: str) -> inspect.Signature:
        """Return the recorded signature of a function or class.

        Raises:
            LookupError: the release has no such name, or states no signature for it.
        """
        try:
            line = self.lines[self.canonical(name)]
        except KeyError:
            msg = f"{self.framework} {self.release} has no {name!r}"
            raise LookupError(msg) from None
        if not line.startswith(("def (", "class (")):
            msg = f"{self.framework} {self.release} states no signature of {name!r}: {line}"
            raise LookupError(msg)
        return parsed(line[line.index("(") :])


def _typed(path: Path) -> dict[str, str]:
    """Read the lines of what has no signature in the release (functions written in C)."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


def _below(prefix: str, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the names below a prefix; what stands under another name outside of it has that one's line."""
    for name, line in names.items():
        if name.startswith(prefix):
            while line.startswith("is ") and not line.startswith(f"is {prefix}"):
                line = names[line.removeprefix("is ")]  # noqa: PLW2901
            yield name[len(prefix) :], line.replace(f"is {prefix}", "is ", 1) if line.startswith("is ") else line


def parsed(text: str) -> inspect.Signature:
    """Return the signature that a text in parentheses states; defaults are literals, `float(...)` or `opaque(...)`.

    >>> parsed("(x, axis=-1, *, out=None)")
    <Signature (x, axis=-1, *, out=None)>
    """
    node = ast.parse(f"def f{text}: pass").body[0]
    assert isinstance(node, ast.FunctionDef)
    kinds, given = inspect.Parameter, node.args
    positional = [*given.posonlyargs, *given.args]
    required = len(positional) - len(given.defaults)
    defaults: list[Any] = [inspect.Parameter.empty] * required + [_value(each) for each in given.defaults]
    parameters = [
        kinds(
            each.arg,
            kinds.POSITIONAL_ONLY if index < len(given.posonlyargs) else kinds.POSITIONAL_OR_KEYWORD,
            default=default,
        )
        for index, (each, default) in enumerate(zip(positional, defaults, strict=True))
    ]
    if given.vararg:
        parameters.append(kinds(given.vararg.arg, kinds.VAR_POSITIONAL))
    for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        default = kinds.empty if value is None else _value(value)
        parameters.append(kinds(each.arg, kinds.KEYWORD_ONLY, default=default))
    if given.kwarg:
        parameters.append(kinds(given.kwarg.arg, kinds.VAR_KEYWORD))
    return inspect.Signature(parameters)


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        text = ast.literal_eval(node.args[0])
        return Opaque(text) if node.func.id == "opaque" else float(text)
    return ast.literal_eval(node)
