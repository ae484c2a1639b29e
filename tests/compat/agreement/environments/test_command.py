"""`fourfold env`: what it prints and what it exits with."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

import pytest

from fourfold.compat.agreement.environments import PEERS, SPECIFICATIONS, Environment, environment
from fourfold.compat.cli.arguments.env import add_arguments
from fourfold.compat.cli.commands.command import UsageError
from fourfold.compat.cli.commands.env import RichReporter, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake interpreter is a shell script")


def env(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(arguments))


@pytest.fixture(autouse=True)
def only_nothing(nothing: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of nothing is the only one."""
    for table in (SPECIFICATIONS, PEERS):
        for name in list(table):
            monkeypatch.delitem(table, name)
    monkeypatch.setitem(SPECIFICATIONS, "nothing", nothing.specification)
    monkeypatch.setenv("FOURFOLD_ENVIRONMENTS", str(tmp_path / "root"))


def test_create_says_what_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert env("create", "nothing") == 0
    output = capsys.readouterr()
    assert output.out.startswith("nothing: made (")
    assert output.err.splitlines() == [
        "== nothing: Python 3.4.10 (PATH)",
        "== nothing: installing pins.txt",
        "== nothing: installing more.txt",
    ]
    assert environment("nothing").state == "ready"


def test_create_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    env("create", "--all")
    capsys.readouterr()
    assert env("create", "--all") == 0
    assert capsys.readouterr().out.startswith("nothing: ready already (")


def test_lines_of_pip_are_printed_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PIP", "echo Downloading everything")
    env("create", "nothing")
    assert "   Downloading everything\n" in capsys.readouterr().err


def test_a_failed_create_exits_with_2_and_the_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PIP", "echo ERROR: no such package; exit 1")
    assert env("create", "nothing") == 2
    assert "ERROR: no such package" in capsys.readouterr().err


def test_a_machine_without_a_fitting_python_exits_with_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert env("create", "nothing") == 2
    assert "pyenv install 3.4" in capsys.readouterr().err


def test_ctrl_c_says_how_to_go_on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourfold.compat.cli.commands.env.create", interrupt)
    with pytest.raises(KeyboardInterrupt):
        env("create", "nothing")
    assert "`fourfold env create nothing` starts it again" in capsys.readouterr().err


def interrupt(*arguments: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("arguments", [("create",), ("remove",), ("create", "--all", "nothing")], ids=" ".join)
def test_names_or_all_is_wanted_and_not_both(arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="name environments or say --all; there are nothing"):
        env(*arguments)


@pytest.mark.parametrize("action", ["create", "remove", "doctor"])
def test_an_unknown_name_exits_with_2_and_says_what_was_meant(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        env(action, "something")
    assert "'something' is not known; there are nothing. Did you mean nothing?" in capsys.readouterr().err


def test_list_shows_the_state(capsys: pytest.CaptureFixture[str]) -> None:
    assert env("list") == 0
    assert "needs 3.4" in capsys.readouterr().out
    env("create", "nothing")
    capsys.readouterr()
    env("list")
    assert "3.4.10" in capsys.readouterr().out


def test_list_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert env("list", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["root"] == str(tmp_path / "root")
    (row,) = found["environments"]
    assert (row["name"], row["state"], row["python"], row["pythons"]) == ("nothing", "missing", None, ["3.4"])


def test_doctor_without_environments_says_how_to_make_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert env("doctor") == 0
    assert "fourfold env create --all" in capsys.readouterr().out


def test_doctor_exits_with_1_where_a_named_one_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert env("doctor", "nothing") == 1
    assert "missing: run `fourfold env create nothing`" in capsys.readouterr().out


def test_doctor_as_json_describes_what_does_not_work(capsys: pytest.CaptureFixture[str]) -> None:
    env("create", "nothing")
    capsys.readouterr()
    assert env("doctor", "--json") == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["name"], found["ok"], found["sum"]) == ("nothing", False, None)
    assert "did not start" in found["problem"] or "died at its start" in found["problem"]


def test_a_name_after_json_is_not_taken_for_a_file() -> None:
    with pytest.raises(UsageError, match="--json took 'nothing' for the file to write"):
        env("doctor", "--json", "nothing")


def test_remove_says_whether_it_was_there(capsys: pytest.CaptureFixture[str]) -> None:
    env("create", "nothing")
    capsys.readouterr()
    assert env("remove", "nothing") == 0
    assert env("remove", "--all") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("nothing: removed (")
    assert second.startswith("nothing: was not there (")


def test_a_terminal_shows_the_file_and_its_bytes() -> None:
    progress = pytest.importorskip("rich.progress").Progress(disable=True)
    reporter = RichReporter(progress)
    reporter.step("paddle: installing paddle.txt")
    reporter.line("  Downloading https://somewhere/packages/paddlepaddle-3.3.1.whl (190.1 MB)")
    reporter.progress(95_000_000, 190_000_000)
    (task,) = progress.tasks
    assert task.description == "paddle: installing paddle.txt: Downloading paddlepaddle-3.3.1.whl (190.1 MB)"
    assert (task.completed, task.total, task.fields["size"]) == (95_000_000, 190_000_000, "95 of 190 MB")
    reporter.line("Installing collected packages: everything")
    assert (task.completed, task.total, task.fields["size"]) == (0, None, "")
