"""What each command's help says: examples that it takes, a page that is there, 80 columns."""

from __future__ import annotations

import importlib
import inspect
import re
import shlex
from pathlib import Path

import pytest

from fourfold.compat.cli import main as cli
from fourfold.compat.cli.arguments.declarations import DECLARATIONS
from fourfold.compat.cli.arguments.env import ACTIONS

DOCS = Path(__file__).parents[4] / "docs"
EXAMPLES = [(name, example) for name, declaration in DECLARATIONS.items() for example in declaration.examples]
EXAMPLES += [("env", example) for _, example in ACTIONS.values()]
WITH_ACTIONS = [*([name] for name in DECLARATIONS), *(["env", action] for action in ACTIONS), ["vectors", "record"]]


@pytest.mark.parametrize("words", WITH_ACTIONS, ids=" ".join)
def test_help_shows_examples_of_it_and_the_page_within_80_columns(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main([*words, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    heading = next(place for place, line in enumerate(lines) if line in ("example:", "examples:"))
    *examples, blank, page = lines[heading + 1 :]
    assert examples
    assert [example for example in examples if not example.startswith(f"  fourfold {' '.join(words)}")] == []
    assert (blank, page) == ("", f"page: docs/{DECLARATIONS[words[0]].page}")
    assert (DOCS / DECLARATIONS[words[0]].page).is_file()


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_is_a_command_line_that_is_taken(name: str, example: str) -> None:
    program, *arguments = shlex.split(re.split(r" [|>] ", example)[0])
    assert program == "fourfold"
    assert cli.parser().parse_args(arguments).command == name


@pytest.mark.parametrize("name", DECLARATIONS)
def test_a_module_of_its_name_runs_it(name: str) -> None:
    module = importlib.import_module(f"fourfold.compat.cli.commands.{name}")
    assert list(inspect.signature(module.run).parameters) == ["arguments"]
