"""The examples in the docstrings of a release."""

from __future__ import annotations

import ast
import contextlib
import doctest
import inspect
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Example", "examples", "examples_in"]

DIRECTIVE = re.compile(r"^(?P<indent> *)\.\. (?:code-block|code|testcode|sourcecode)::(?P<language>.*)$")
LANGUAGES = ("", "python", "python3", "pycon", "ipython", "default")


@dataclass(frozen=True)
class Example:
    """One example.

    Attributes:
        name: whose docstring has it, relative to the framework's root; '/2' after it for the second one there.
        code: what it runs.
    """

    name: str
    code: str


def examples(docstrings: Mapping[str, str]) -> Iterator[Example]:
    """Yield the examples of docstrings by their names; of a docstring that several names have, those of the first."""
    seen = set[str]()
    for name, text in docstrings.items():
        if text not in seen:
            seen.add(text)
            for index, code in enumerate(examples_in(text), 1):
                yield Example(name if index == 1 else f"{name}/{index}", code)


def examples_in(docstring: str) -> list[str]:
    r"""Return the code of each example of a docstring: that of a block, or the prompts between blocks together.

    A block that imports nothing goes on from the one before it.

    >>> examples_in("Says:\n\n.. code-block:: python\n\n    import os\n    os.sep\n\nand\n\n>>> 1 + 1\n2\n")
    ['import os\nos.sep', 'import os\nos.sep\n1 + 1']
    """
    found = list[str]()
    for block in _blocks(inspect.cleandoc(docstring).expandtabs(4).splitlines()):
        code = _code(block)
        if not code:
            continue
        goes_on = found and not re.search(r"^\s*(?:import|from) ", code, re.MULTILINE)
        found.append(f"{found[-1]}\n{code}" if goes_on else code)
    return found


def _blocks(lines: list[str]) -> Iterator[str]:
    """Yield the text of each block of Python, then what lies outside of blocks if it has prompts."""
    outside, index = list[str](), 0
    while index < len(lines):
        start = DIRECTIVE.match(lines[index])
        index += 1
        if start is None:
            outside.append(lines[index - 1])
            continue
        first, indent = index, len(start["indent"])
        while index < len(lines) and (not lines[index].strip() or lines[index].startswith(" " * (indent + 1))):
            index += 1
        block = lines[first:index]
        while block and (not block[0].strip() or re.match(r"\s*:[\w-]+:", block[0])):  # the directive's options
            block.pop(0)
        if start["language"].strip().lower() in LANGUAGES:
            yield textwrap.dedent("\n".join(block))
    text = "\n".join(outside)
    if re.search(r"^ *>>> ", text, re.MULTILINE):
        yield text


def _code(block: str) -> str:
    if re.search(r"^ *>>> ?", block, re.MULTILINE):
        block = _prompted(block)
    block = block.strip("\n")
    with contextlib.suppress(SyntaxError):
        return block if ast.parse(block).body else ""
    return block


def _prompted(text: str) -> str:
    with contextlib.suppress(ValueError):  # what doctest does not take: a prompt without a space after it
        return "".join(each.source for each in doctest.DocTestParser().get_examples(text))
    prompted = (re.match(r" *(?:>>>|\.\.\.) ?(.*)", line) for line in text.splitlines())
    return "\n".join(line[1] for line in prompted if line is not None)
