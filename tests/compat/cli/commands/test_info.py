"""What is pasted into a report: versions, libraries, extras, environments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

import fourfold
from fourfold.compat.agreement.environments import PEERS, SPECIFICATIONS
from fourfold.compat.cli.environment import EXTRAS, environment
from fourfold.compat.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOURFOLD_ENVIRONMENTS", str(tmp_path))


def test_versions_extras_and_environments_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    versions, extras, _, made, _ = (part.splitlines() for part in capsys.readouterr().out.split("\n\n"))
    said = dict(line.split(":", 1) for line in versions)
    assert said["fourfold"].strip() == fourfold.__version__
    assert said["numpy"].strip() == np.__version__
    assert {"mkl", "onednn"} <= said.keys()
    assert [line.split()[0] for line in extras[1:]] == list(EXTRAS)
    assert [(line.split()[0], line.split()[-1]) for line in made[1:]] == [
        (name, "missing") for name in (*SPECIFICATIONS, *PEERS)
    ]


def test_an_extra_that_is_not_here_says_no(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "cli", EXTRAS["cli"]._replace(modules=("no_such_module",)))
    assert main(["info", "--json"]) == 0
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["extras"]}
    assert (found["cli"]["installed"], found["cli"]["missing"]) == (False, ["no_such_module"])


def test_json_is_the_environment_with_every_extra_and_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {name: value for name, value in found.items() if name not in ("extras", "environments")} == {
        name: value for name, value in environment().items() if name != "extras"
    }
    assert [each["name"] for each in found["extras"] if each["installed"]] == environment()["extras"]
    assert found["environments"]["root"] == str(tmp_path)
