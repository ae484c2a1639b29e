"""The calls that are recorded: `calls/<framework>/<area>.txt`, one a line, and the answers beside the tests.

A line is a call as `answers.py` describes it, `#` before a comment of its own. After a call a comment may say

    paddle.rand([2, 3])         # structure          values are drawn: kinds, dtypes and shapes are compared
    paddle.median(T(4))         # differs: why       what is here differs, for a stated reason; it must
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Call", "areas", "calls", "names_in", "read_answers", "write_answers"]

CALLS = Path(__file__).with_name("calls")


@dataclass(frozen=True)
class Call:
    """One line.

    Attributes:
        line: the code.
        structure: whether values are left out of the comparison.
        reason: why what is here differs; '' where it must agree.
    """

    line: str
    structure: bool = False
    reason: str = ""


def areas(framework: str, folder: Path = CALLS) -> list[str]:
    """Return the areas that a framework has calls for."""
    return sorted(path.stem for path in (folder / framework).glob("*.txt"))


def calls(framework: str, area: str, folder: Path = CALLS) -> list[Call]:
    """Return the calls of an area, in order.

    Raises:
        ValueError: a call stands there twice.
    """
    found = [_parsed(line) for line in (folder / framework / f"{area}.txt").read_text(encoding="utf-8").splitlines()]
    listed = [call for call in found if call is not None]
    lines = [call.line for call in listed]
    twice = sorted({line for line in lines if lines.count(line) > 1}) if len(set(lines)) < len(lines) else []
    if twice:
        msg = f"{framework}/{area}.txt has a call twice: {twice[0]}"
        raise ValueError(msg)
    return listed


def _parsed(line: str) -> Call | None:
    code, _, comment = line.partition("  #")
    code, comment = code.strip(), comment.strip()
    if not code or code.startswith("#"):
        return None
    reason = comment.partition("differs:")[2].strip() if comment.startswith("differs:") else ""
    return Call(code, structure=comment.startswith("structure"), reason=reason)


def names_in(line: str) -> Iterator[str]:
    """Yield the dotted names that a call uses: `paddle.nn.ReLU`, and `.split` for a method.

    >>> list(names_in("nn = paddle.nn; nn.ReLU()(paddle.split(T(6, 4).exp(), 3)[0])"))
    ['paddle.nn', 'paddle.nn.ReLU', 'paddle.split', '.exp']
    """
    tree = ast.parse(line)
    meant: dict[str, str] = {}  # by names of the line's own
    for node in ast.walk(tree):
        for name, value in _assigned(node) if isinstance(node, ast.Assign) else ():
            if isinstance(value, ast.Attribute) and (chain := _chain(value, meant)):
                meant[name] = chain
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield _chain(node, meant) or f".{node.attr}"


def _assigned(node: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names of `a = b` and of `a, b = c, d` with what they are."""
    for target in node.targets:
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=False))
        yield from ((each.id, value) for each, value in pairs if isinstance(each, ast.Name))


def _chain(node: ast.Attribute, meant: dict[str, str]) -> str:
    """Return `a.b.c`, in the framework's own words; '' where it begins with a value."""
    parts, value = [node.attr], node.value
    while isinstance(value, ast.Attribute):
        parts.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name):
        return ""
    return ".".join([meant.get(value.id, value.id), *reversed(parts)])


def read_answers(path: Path) -> dict[str, dict[str, Any]]:
    """Return recorded answers by their calls; the first line of a file is its provenance."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return dict(json.loads(line) for line in lines)


def write_answers(path: Path, provenance: dict[str, str], answers: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Write answers, one a line after the provenance."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.dumps(provenance), *(json.dumps([line, answer]) for line, answer in answers)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
