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

    >>> list(names_in("paddle.split(T(6, 4).exp(), 3)"))
    ['paddle.split', '.exp']
    """
    for node in ast.walk(ast.parse(line)):
        if isinstance(node, ast.Attribute):
            chain, value = [node.attr], node.value
            while isinstance(value, ast.Attribute):
                chain.append(value.attr)
                value = value.value
            if isinstance(value, ast.Name):
                yield ".".join([value.id, *reversed(chain)])
            else:
                yield f".{node.attr}"


def read_answers(path: Path) -> dict[str, dict[str, Any]]:
    """Return recorded answers by their calls; the first line of a file is its provenance."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return dict(json.loads(line) for line in lines)


def write_answers(path: Path, provenance: dict[str, str], answers: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Write answers, one a line after the provenance."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.dumps(provenance), *(json.dumps([line, answer]) for line, answer in answers)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
