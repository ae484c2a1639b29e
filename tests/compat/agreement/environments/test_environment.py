"""Where environments are, what they need, and how their Python is started."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from fourfold.compat.agreement import recorder
from fourfold.compat.agreement.environments import (
    SPECIFICATIONS,
    BrokenEnvironmentError,
    Environment,
    Specification,
    create,
    environment,
    environments,
    root,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Heard

EVERY = [pytest.param(specification, id=name) for name, specification in SPECIFICATIONS.items()]


def test_a_variable_says_where_environments_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FOURFOLD_ENVIRONMENTS", str(tmp_path))
    assert root() == tmp_path
    assert environment("fluid").folder == tmp_path / "fluid"


def test_the_cache_folder_of_the_user_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FOURFOLD_ENVIRONMENTS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert root() == tmp_path / "fourfold" / "environments"


@pytest.mark.skipif(sys.platform != "linux", reason="each system has its own cache folder")
def test_a_relative_xdg_cache_home_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FOURFOLD_ENVIRONMENTS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert root() == tmp_path / ".cache" / "fourfold" / "environments"


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BrokenEnvironmentError, match=r"'padle'.*paddle, paddle-2\.6, fluid, megengine, oneflow"):
        environment("padle")


def test_there_is_one_environment_per_specification() -> None:
    assert [one.name for one in environments()] == list(SPECIFICATIONS)


@pytest.mark.parametrize("specification", EVERY)
def test_every_requirement_is_pinned(specification: Specification) -> None:
    files = (*specification.requirements, *specification.without_dependencies)
    lines = [line for path in files for line in path.read_text().splitlines() if line and not line.startswith("#")]
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9a-z.]*", line)] == []


@pytest.mark.parametrize("specification", EVERY)
def test_the_release_is_what_the_pins_install(specification: Specification) -> None:
    package = {"fluid": "paddlepaddle", "paddle": "paddlepaddle"}.get(specification.framework, specification.framework)
    assert f"{package}=={specification.release}\n" in specification.requirements[0].read_text()


@pytest.mark.parametrize("specification", EVERY)
def test_the_recorder_knows_the_framework(specification: Specification) -> None:
    assert specification.framework in recorder.FRAMEWORKS


def test_an_environment_that_is_not_ready_starts_nothing(nothing: Environment) -> None:
    with pytest.raises(BrokenEnvironmentError, match=r"'nothing' is missing.*fourfold env create nothing"):
        nothing.command(["-V"])


@pytest.mark.skipif(sys.platform == "win32", reason="the fake interpreter is a shell script")
def test_the_launcher_sets_the_library_path_and_hides_our_own_python(
    nothing: Environment, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(nothing, heard)
    packages = nothing.folder / "lib" / "python3.4" / "site-packages"
    packages.mkdir(parents=True)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/before")
    monkeypatch.setenv("PYTHONPATH", "/ours")
    argv, variables = nothing.command(["script.py", "--flag"])
    assert argv == [str(nothing.folder / "bin" / "python"), "script.py", "--flag"]
    assert variables["LD_LIBRARY_PATH"] == f"{packages / 'nvidia/cudnn/lib'}{os.pathsep}/before"
    assert "PYTHONPATH" not in variables


@pytest.mark.parametrize("damage", ["", "[]", "{", "{}"])
def test_a_damaged_marker_makes_it_incomplete(nothing: Environment, heard: Heard, damage: str) -> None:
    create(nothing, heard)
    nothing.marker.write_text(damage)
    assert nothing.state == "incomplete"
