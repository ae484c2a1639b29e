"""The script completes what the parser takes, in a real shell."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from fourfold.compat.cli.arguments.completion import SHELLS
from fourfold.compat.cli.commands import completion
from fourfold.compat.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("shtab")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    with pytest.MonkeyPatch.context() as patch, (folder / "fourfold").open("w") as file:
        patch.setattr("sys.stdout", file)
        assert main(["completion", "bash"]) == 0
    (folder / "model.pdparams").touch()
    return folder / "fourfold"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        pytest.param(["ver"], {"verify"}, id="command"),
        pytest.param(["env", "d"], {"doctor"}, id="action"),
        pytest.param(["env", "create", "me"], {"megengine"}, id="name of an environment"),
        pytest.param(["convert", "--from", "f"], {"fluid"}, id="choice"),
        pytest.param(["bench", "--dtype", "float"], {"float32", "float64"}, id="choice of a list"),
        pytest.param(["agree", "--every"], {"--every-form"}, id="option"),
        pytest.param(["inspect", "mod"], {"model.pdparams"}, id="file"),
    ],
)
def test_bash_offers_what_is_legal_there(typed: list[str], offered: set[str], script: Path) -> None:
    words = " ".join(f"'{word}'" for word in ["fourfold", *typed])
    lines = [
        f"source {script}",
        f"COMP_WORDS=({words}); COMP_CWORD={len(typed)}; COMP_LINE='fourfold {' '.join(typed)}'",
        "COMP_POINT=${#COMP_LINE}",
        f"_shtab_fourfold fourfold '{typed[-1]}' ''; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
    ]
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)], capture_output=True, text=True, check=False, cwd=script.parent
    )
    assert {line.strip() for line in done.stdout.splitlines()} == offered, done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_that_knows_the_commands(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    said = capsys.readouterr()
    assert "convert" in said.out
    assert said.err == ""


def test_without_shtab_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(__import__("sys").modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert "pip install shtab" in capsys.readouterr().err


def test_arguments_of_files_and_of_lists_are_marked() -> None:
    from fourfold.compat.cli.main import parser

    marked = completion.completed(parser(), "a file", "a folder")
    (commands,) = (action for action in marked._actions if action.dest == "==SUPPRESS==" or action.choices)
    bench = commands.choices["bench"]  # type: ignore[index]
    found = {action.option_strings[0]: action for action in bench._actions}
    assert found["--plot"].complete == "a folder"
    assert found["--markdown"].complete == "a file"
    assert found["--mode"].choices == ("forward", "backward", "both")
