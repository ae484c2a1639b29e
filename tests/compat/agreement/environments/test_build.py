"""Making an environment can be interrupted, repeated and done by two at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from typing import TYPE_CHECKING

import pytest
from tests.processes import is_gone

from fourfold.compat.agreement.environments import BrokenEnvironmentError, Environment, Specification, create, remove
from fourfold.compat.agreement.environments.lock import locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Heard

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake interpreter is a shell script")


def test_a_new_environment_is_ready(nothing: Environment, heard: Heard) -> None:
    assert state(nothing) == "missing"
    assert create(nothing, heard)
    assert state(nothing) == "ready"
    assert nothing.facts["python"] == "3.4.10"


def test_a_ready_environment_is_left_alone(nothing: Environment, heard: Heard, pip_log: Path) -> None:
    create(nothing, heard)
    calls = pip_log.read_text()
    assert not create(nothing, heard)
    assert pip_log.read_text() == calls


def test_the_second_file_is_installed_without_dependencies(nothing: Environment, heard: Heard, pip_log: Path) -> None:
    create(nothing, heard)
    first, second = pip_log.read_text().splitlines()
    assert first.endswith("pins.txt")
    assert "--no-deps" not in first
    assert second.endswith("--no-deps -r " + str(nothing.specification.without_dependencies[0]))


def test_changed_pins_make_it_outdated_and_the_next_create_builds_it_again(nothing: Environment, heard: Heard) -> None:
    create(nothing, heard)
    nothing.specification.requirements[0].write_text("# something else\n")
    assert state(nothing) == "outdated"
    assert create(nothing, heard)
    assert state(nothing) == "ready"


def test_a_failing_install_shows_what_pip_said(
    nothing: Environment, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PIP", "echo 'ERROR: No matching distribution'; exit 1")
    with pytest.raises(BrokenEnvironmentError, match=r"exit code 1(.|\n)*No matching distribution(.|\n)*install\.log"):
        create(nothing, heard)
    assert state(nothing) == "incomplete"


def test_an_interrupted_install_leaves_no_process_and_can_be_repeated(
    nothing: Environment, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PIP", "sleep 60 & echo $!; wait")

    def interrupt(text: str) -> None:
        heard.lines.append(text)
        raise KeyboardInterrupt

    monkeypatch.setattr(heard, "line", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create(nothing, heard)
    assert state(nothing) == "incomplete"
    assert is_gone(int(heard.lines[0]))
    monkeypatch.setenv("FAKE_PIP", "true")
    assert create(nothing, heard)
    assert state(nothing) == "ready"


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP], ids=lambda end: end.name)
def test_a_killed_install_leaves_no_process_and_can_be_repeated(
    nothing: Environment, heard: Heard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: signal.Signals
) -> None:
    # what pip has started goes on writing into the environment, with nobody to hear it
    writing = 'echo $$ > "$1.part"; mv "$1.part" "$1"; while :; do mkdir -p "$0/lib/x" && touch "$0/lib/x/y"; done'
    command = f"sh -c '{writing}' {nothing.folder} {tmp_path}/started & wait"
    monkeypatch.setenv("FAKE_PIP", command)
    creator = forked(lambda: create(nothing, heard))
    wait_until((tmp_path / "started").exists)
    os.kill(creator, end)
    os.waitpid(creator, 0)
    monkeypatch.setenv("FAKE_PIP", "true")
    assert create(nothing, heard)
    assert state(nothing) == "ready"
    assert not (nothing.folder / "lib").exists()
    assert is_gone(int((tmp_path / "started").read_text()))


def test_an_incomplete_environment_is_built_again(nothing: Environment, heard: Heard) -> None:
    nothing.folder.mkdir(parents=True)
    (nothing.folder / "half").touch()
    assert state(nothing) == "incomplete"
    create(nothing, heard)
    assert state(nothing) == "ready"
    assert not (nothing.folder / "half").exists()


def test_lines_and_bytes_of_pip_are_passed_on(
    nothing: Environment, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PIP_VERSION", "25.1")
    monkeypatch.setenv("FAKE_PIP", "echo Collecting x; echo Progress 5 of 10")
    create(nothing, heard)
    assert heard.lines[0] == "Collecting x"
    assert heard.bytes[0] == (5, 10)


@pytest.mark.parametrize(("version", "bar"), [("23.0", "off"), ("24.0", "off"), ("24.1", "raw"), ("25.0.1", "raw")])
def test_bytes_are_asked_for_where_pip_can_count_them(
    nothing: Environment, heard: Heard, pip_log: Path, monkeypatch: pytest.MonkeyPatch, version: str, bar: str
) -> None:
    monkeypatch.setenv("FAKE_PIP_VERSION", version)
    create(nothing, heard)
    assert f"--progress-bar {bar} " in pip_log.read_text()


def test_settings_that_would_install_elsewhere_do_not_reach_pip(
    nothing: Environment, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    monkeypatch.setenv("PIP_TIMEOUT", "17")
    monkeypatch.setenv("FAKE_PIP", "echo target=$PIP_TARGET timeout=$PIP_TIMEOUT")
    create(nothing, heard)
    assert heard.lines[0] == "target= timeout=17"


def test_remove_deletes_it_and_says_whether_it_was_there(nothing: Environment, heard: Heard) -> None:
    create(nothing, heard)
    assert remove(nothing, heard)
    assert state(nothing) == "missing"
    assert not remove(nothing, heard)


def test_a_second_process_waits_for_the_first(nothing: Environment, heard: Heard) -> None:
    with locked(nothing.lock, lambda: None):
        other = threading.Thread(target=create, args=(nothing, heard))
        other.start()
        wait_until(lambda: heard.steps == ["nothing: waiting for another process"])
        assert state(nothing) == "missing"
    other.join(timeout=20)
    assert state(nothing) == "ready"


@pytest.mark.live
def test_a_real_environment_of_nothing_runs_its_own_python(tmp_path: Path, heard: Heard) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text("# nothing\n")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    specification = Specification(name="real", framework="torch", release="0", pythons=(version,), requirements=(pins,))
    real = Environment(specification, tmp_path / "real")
    create(real, heard)
    assert state(real) == "ready"
    assert (real.folder / "pyvenv.cfg").exists()
    assert heard.steps[0].endswith("(running)")


def forked(work: Callable[[], object]) -> int:
    """Do something in a child of this process; a new interpreter would take seconds to import torch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which are idle
        pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def state(environment: Environment) -> str:
    """The state of this moment: mypy takes a property for a constant."""
    return environment.state


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
