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

DOCS = Path(__file__).parents[4] / "docs"
EXAMPLES = [(name, example) for name, declaration in DECLARATIONS.items() for example in declaration.examples]


@pytest.mark.parametrize("name", DECLARATIONS)
def test_help_shows_the_examples_and_the_page_within_80_columns(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main([name, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    declaration = DECLARATIONS[name]
    assert [line for line in lines if len(line) > 80] == []
    assert [f"  {example}" for example in declaration.examples] == lines[-2 - len(declaration.examples) : -2]
    assert lines[-1] == f"page: docs/{declaration.page}"
    assert (DOCS / declaration.page).is_file()


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_is_a_command_line_that_is_taken(name: str, example: str) -> None:
    program, *arguments = shlex.split(re.split(r" [|>] ", example)[0])
    assert program == "fourfold"
    assert cli.parser().parse_args(arguments).command == name


@pytest.mark.parametrize("name", DECLARATIONS)
def test_a_module_of_its_name_runs_it(name: str) -> None:
    module = importlib.import_module(f"fourfold.compat.cli.commands.{name}")
    assert list(inspect.signature(module.run).parameters) == ["arguments"]
