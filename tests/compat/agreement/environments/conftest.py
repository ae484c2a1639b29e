"""An environment of nothing, and an interpreter that only pretends to make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fourfold.compat.agreement.environments import Environment, Specification

if TYPE_CHECKING:
    from pathlib import Path

# Stands in for the Python that is found and for the one in the environment. FAKE_PIP is what its pip does.
FAKE = """#!/bin/sh
case "$*" in
  *" -m venv "*) for folder; do :; done; mkdir -p "$folder/bin"; cp "$0" "$folder/bin/python" ;;
  *"pip --version"*) echo "pip ${FAKE_PIP_VERSION:-23.0} from somewhere" ;;
  *"pip install"*) echo "$*" >> "$FAKE_LOG"; eval "$FAKE_PIP" ;;
  *) echo '["CPython", "3.4", "3.4.10", 64]' ;;
esac
"""


class Heard:
    """A reporter that remembers."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.lines: list[str] = []
        self.bytes: list[tuple[int, int]] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def progress(self, done: int, total: int) -> None:
        self.bytes.append((done, total))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def pip_log(tmp_path: Path) -> Path:
    """The arguments of every call of the fake pip, a line each."""
    return tmp_path / "pip.log"


@pytest.fixture
def nothing(tmp_path: Path, pip_log: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment for the fake Python 3.4, which is on PATH."""
    python = tmp_path / "bin" / "python3.4"
    python.parent.mkdir()
    python.write_text(FAKE)
    python.chmod(0o755)
    monkeypatch.setenv("PATH", f"{python.parent}:/usr/bin:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("FAKE_LOG", str(pip_log))
    monkeypatch.setenv("FAKE_PIP", "true")
    pins, more = tmp_path / "pins.txt", tmp_path / "more.txt"
    pins.write_text("# nothing\n")
    more.write_text("# nothing either\n")
    specification = Specification(
        name="nothing",
        framework="torch",
        release="0",
        pythons=("3.4",),
        requirements=(pins,),
        without_dependencies=(more,),
        libraries=("nvidia/cudnn/lib",),
    )
    return Environment(specification, tmp_path / "environments" / "nothing")
