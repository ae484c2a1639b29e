"""Which Python is taken, and what is said when there is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fourfold.compat.agreement.environments import PythonNotFoundError, find_python

if TYPE_CHECKING:
    from collections.abc import Callable

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake interpreters are shell scripts")


@pytest.fixture
def script() -> Callable[[Path, str], Path]:
    """Write an executable that prints something."""

    def write(path: Path, body: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty pyenv and an empty PATH."""
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def probe(version: str, implementation: str = "CPython", bits: int = 64) -> str:
    minor = ".".join(version.split(".")[:2])
    return f"""echo '["{implementation}", "{minor}", "{version}", {bits}]'"""


def test_the_running_python_is_taken_where_it_fits(nothing: Path) -> None:
    found = find_python([RUNNING])
    assert (found.path, found.source) == (Path(sys.executable), "running")


def test_the_newest_patch_release_of_pyenv_is_taken(nothing: Path, script: Callable[[Path, str], Path]) -> None:
    for version in ("3.4.9", "3.4.18"):
        script(nothing / "pyenv" / "versions" / version / "bin" / "python", probe(version))
    assert find_python(["3.4"]).version == "3.4.18"


def test_pyenv_is_found_in_the_home_folder_where_no_variable_names_it(
    nothing: Path, script: Callable[[Path, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYENV_ROOT")
    monkeypatch.setenv("HOME", str(nothing))
    script(nothing / ".pyenv" / "versions" / "3.4.1" / "bin" / "python", probe("3.4.1"))
    assert find_python(["3.4"]).source == "pyenv"


def test_a_python_on_path_is_found(nothing: Path, script: Callable[[Path, str], Path]) -> None:
    script(nothing / "bin" / "python3.4", probe("3.4.3"))
    assert find_python(["3.4"]).source == "PATH"


def test_a_second_choice_is_taken_where_the_first_is_missing(
    nothing: Path, script: Callable[[Path, str], Path]
) -> None:
    script(nothing / "bin" / "python3.3", probe("3.3.3"))
    assert find_python(["3.4", "3.3"]).version == "3.3.3"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("echo 'pyenv: python3.4: command not found' >&2; exit 127", id="shim-of-nothing"),
        pytest.param(probe("3.5.1"), id="other-version"),
        pytest.param(probe("3.4.1", implementation="PyPy"), id="pypy"),
        pytest.param(probe("3.4.1", bits=32), id="32-bits"),
        pytest.param("echo 'hello'", id="no-json"),
        pytest.param("echo 'ModuleNotFoundError: ensurepip' >&2; exit 1", id="without-ensurepip"),
    ],
)
def test_a_python_that_does_not_fit_is_passed_over(
    nothing: Path, script: Callable[[Path, str], Path], body: str
) -> None:
    script(nothing / "bin" / "python3.4", body)
    with pytest.raises(PythonNotFoundError):
        find_python(["3.4"])


def test_uv_is_asked_for_what_it_has(nothing: Path, script: Callable[[Path, str], Path]) -> None:
    python = script(nothing / "uv-python", probe("3.4.7"))
    script(nothing / "bin" / "uv", f'test "$2" = find && echo {python}')
    assert find_python(["3.4"]).source == "uv"


def uv_that_installs(nothing: Path, script: Callable[[Path, str], Path]) -> None:
    python = script(nothing / "uv-python", probe("3.4.7"))
    flag = nothing / "installed"
    script(
        nothing / "bin" / "uv",
        f'if test "$2" = install; then : > {flag}; echo done; else test -e {flag} && echo {python}; fi',
    )


def test_uv_downloads_only_where_that_is_allowed(nothing: Path, script: Callable[[Path, str], Path]) -> None:
    uv_that_installs(nothing, script)
    with pytest.raises(PythonNotFoundError):
        find_python(["3.4"])


def test_a_download_by_uv_is_announced_and_used(nothing: Path, script: Callable[[Path, str], Path]) -> None:
    uv_that_installs(nothing, script)
    messages: list[str] = []
    assert find_python(["3.4"], install=messages.append).version == "3.4.7"
    assert messages == ["uv python install 3.4"]


def test_the_message_names_versions_places_and_remedies(nothing: Path) -> None:
    with pytest.raises(PythonNotFoundError) as caught:
        find_python(["3.4", "3.3"])
    message = str(caught.value)
    for part in ("3.4 or 3.3", RUNNING, os.environ["PYENV_ROOT"], "pyenv install 3.4", "uv python install 3.4", "PATH"):
        assert part in message
