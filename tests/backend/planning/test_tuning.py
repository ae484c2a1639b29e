"""Choices by measuring: made once, kept in a file that may be damaged, absent or shared, and never wrong results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from fourfold.backend.planning import files, tuning
from fourfold.backend.planning.tuning import Tuner

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = {"slow": 3.0, "fast": 1.0, "middling": 2.0}
pytestmark = pytest.mark.usefixtures("untuned")


class Bench:
    """Candidates that move a clock instead of working, and count their calls."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []

    def candidates(self, seconds: dict[str, float] = SECONDS) -> dict[str, Callable[[], object]]:
        def call(name: str) -> None:
            self.calls.append(name)
            self.now += seconds[name]

        return {name: lambda name=name: call(name) for name in seconds}  # type: ignore[misc]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench()
    monkeypatch.setattr(tuning, "time", SimpleNamespace(perf_counter=lambda: made.now))
    return made


def kept(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_fastest_candidate_is_chosen(bench: Bench) -> None:
    assert Tuner(None).choose("key", bench.candidates()) == "fast"


def test_the_middle_of_the_measured_times_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 1.0, 2.0, 2.0, 99.0, *(100.0, 102.0) * 3])  # "often" takes 1, 1, 97; "always" 2, 2, 2
    monkeypatch.setattr(tuning, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    assert Tuner(None).choose("key", {"often": lambda: None, "always": lambda: None}) == "often"


def test_the_first_call_of_a_candidate_is_not_measured(bench: Bench) -> None:
    cold = [100.0]

    def warming() -> None:
        bench.now += cold.pop() if cold else 0.5

    assert Tuner(None).choose("key", {**bench.candidates(), "warming": warming}) == "warming"


def test_a_key_is_measured_once(bench: Bench) -> None:
    tuner = Tuner(None)
    assert [tuner.choose("key", bench.candidates()) for _ in range(3)] == ["fast"] * 3
    assert sorted(bench.calls) == ["fast"] * 4 + ["middling"] * 4 + ["slow"] * 4


def test_each_key_has_its_own_choice(bench: Bench) -> None:
    tuner = Tuner(None)
    tuner.choose("one", bench.candidates())
    assert tuner.choose("two", bench.candidates({"fast": 2.0, "slow": 1.0})) == "slow"
    assert tuner.choose("one", bench.candidates()) == "fast"


class Crowded:
    """A lock for which all four threads wait at once."""

    def __init__(self) -> None:
        self.barrier, self.lock = threading.Barrier(4), threading.Lock()

    def __enter__(self) -> None:
        self.barrier.wait()
        self.lock.acquire()

    def __exit__(self, *error: object) -> None:
        self.lock.release()


def test_a_key_is_measured_once_by_threads_that_ask_at_the_same_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuner = Tuner(None)
    monkeypatch.setattr(tuner, "_lock", Crowded())
    found: list[str] = []

    def ask() -> None:
        found.append(tuner.choose("key", bench.candidates()))

    _together([threading.Thread(target=ask) for _ in range(4)])
    assert found == ["fast"] * 4
    assert len(bench.calls) == 4 * len(SECONDS)


def test_the_file_holds_the_choices(bench: Bench, path: Path) -> None:
    Tuner(path).choose("key", bench.candidates())
    assert kept(path)["version"] == tuning.VERSION
    assert kept(path)["choices"] == {"key": "fast"}


def test_a_new_tuner_reads_the_file_and_measures_nothing(bench: Bench, path: Path) -> None:
    Tuner(path).choose("key", bench.candidates())
    bench.calls.clear()
    assert Tuner(path).choose("key", bench.candidates({"slow": 1.0, "fast": 3.0})) == "fast"
    assert bench.calls == []


def test_a_choice_that_is_no_candidate_any_more_is_measured_again(bench: Bench, path: Path) -> None:
    Tuner(path).choose("key", {"gone": lambda: None})
    assert Tuner(path).choose("key", bench.candidates()) == "fast"
    assert kept(path)["choices"] == {"key": "fast"}


def _content(**changes: Any) -> bytes:
    content = {"version": tuning.VERSION, "machine": tuning._machine(), "choices": {"key": "slow"}}
    return json.dumps({**content, **changes}).encode()


def test_the_undamaged_file_of_the_next_test_is_believed(bench: Bench, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(_content())
    assert Tuner(path).choose("key", bench.candidates()) == "slow"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00\xff\xfe not text", id="garbage"),
        pytest.param(_content()[:-9], id="cut-off"),
        pytest.param(_content(version=tuning.VERSION + 1), id="another-version"),
        pytest.param(_content(machine="another"), id="another-machine"),
        pytest.param(_content(choices=["slow"]), id="choices-are-a-list"),
        pytest.param(_content(choices={"key": "slow", "other": 1}), id="a-choice-is-a-number"),
        pytest.param(_content(choices={"key": "slow", "other": {}}), id="a-choice-is-a-dict"),
        pytest.param(b'"slow"', id="a-string"),
        pytest.param(b"[1]", id="a-list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"9" * 5000, id="a-huge-number"),
        pytest.param(b"[" * 100_000, id="nested-deeply"),
        pytest.param(b'{"version":' * 100_000, id="dicts-nested-deeply"),
    ],
)
def test_a_damaged_file_counts_as_empty_and_is_replaced_whole(content: bytes, bench: Bench, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert Tuner(path).choose("key", bench.candidates()) == "fast"
    assert kept(path) == {"version": tuning.VERSION, "machine": tuning._machine(), "choices": {"key": "fast"}}


def test_a_folder_that_cannot_be_made_costs_the_file_only(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    tuner = Tuner(tmp_path / "folder" / "tuning.json")
    assert [tuner.choose("key", bench.candidates()) for _ in range(2)] == ["fast"] * 2
    assert len(bench.calls) == 4 * len(SECONDS)
    assert (tmp_path / "folder").read_text() == "a file"


def test_a_folder_in_place_of_the_file_stays_and_no_scrap_beside_it(bench: Bench, path: Path) -> None:
    (path / "inside").mkdir(parents=True)
    tuner = Tuner(path)
    assert [tuner.choose("key", bench.candidates()) for _ in range(2)] == ["fast"] * 2
    assert [each.name for each in path.parent.iterdir()] == ["tuning.json"]
    assert len(bench.calls) == 4 * len(SECONDS)


def test_a_failure_while_writing_leaves_the_old_file_and_no_scrap(
    bench: Bench, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    Tuner(path).choose("one", bench.candidates())
    before = path.read_bytes()
    monkeypatch.setattr(files, "json", SimpleNamespace(dump=full, loads=json.loads))
    assert Tuner(path).choose("two", bench.candidates()) == "fast"
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["tuning.json"]


def test_tuners_that_write_in_turn_keep_each_other_s_choices(bench: Bench, path: Path) -> None:
    one, two = Tuner(path), Tuner(path)
    one.choose("one", bench.candidates())
    two.choose("two", bench.candidates())
    one.choose("three", bench.candidates())
    assert kept(path)["choices"] == {"one": "fast", "two": "fast", "three": "fast"}
    bench.calls.clear()
    assert one.choose("two", bench.candidates()) == "fast"  # read when the third choice was written
    assert bench.calls == []


def test_a_candidate_that_fails_passes_its_error_on_and_nothing_is_kept(bench: Bench, path: Path) -> None:
    tuner = Tuner(path)
    with pytest.raises(ZeroDivisionError):
        tuner.choose("key", {"broken": lambda: 1 // 0})
    assert not path.exists()
    assert tuner.choose("key", bench.candidates()) == "fast"  # the lock is free again


@pytest.fixture
def fifo(path: Path) -> Path:
    """Put a FIFO in place of the file: who opens it waits for a writer."""
    path.parent.mkdir()
    os.mkfifo(path)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_in_place_of_the_file_counts_as_empty_and_stays(bench: Bench, fifo: Path) -> None:
    assert Tuner(fifo).choose("key", bench.candidates()) == "fast"
    assert fifo.is_fifo()
    assert [each.name for each in fifo.parent.iterdir()] == ["tuning.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no devices")
def test_an_endless_device_counts_as_empty(bench: Bench) -> None:
    assert Tuner(Path("/dev/zero")).choose("key", bench.candidates()) == "fast"
    assert Path("/dev/zero").is_char_device()


def test_a_link_is_followed(bench: Bench, path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere.json")
    Tuner(path).choose("key", bench.candidates())
    assert path.is_symlink()
    assert kept(tmp_path / "elsewhere.json")["choices"] == {"key": "fast"}


_KILLED = """
import json, os, signal, sys
from pathlib import Path
from fourfold.backend.planning import files, tuning
files.json = type("Json", (), {"loads": json.loads, "dump": lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)})
tuning.Tuner(Path(sys.argv[1])).choose("killed", {"only": lambda: None})
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no SIGKILL")
def test_what_a_killed_writer_left_is_removed_by_a_later_one(bench: Bench, path: Path) -> None:
    Tuner(path).choose("one", bench.candidates())
    assert subprocess.run([sys.executable, "-c", _KILLED, str(path)], check=False).returncode == -9
    (left,) = [each for each in path.parent.iterdir() if each != path]
    Tuner(path).choose("two", bench.candidates())
    assert left.exists()  # it might be another's, who still writes
    os.utime(left, (0, 0))
    Tuner(path).choose("three", bench.candidates())
    assert [each.name for each in path.parent.iterdir()] == ["tuning.json"]
    assert kept(path)["choices"] == {"one": "fast", "two": "fast", "three": "fast"}


def _together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_that_write_one_file_leave_a_readable_one(path: Path) -> None:
    def work(name: str) -> None:
        tuner = Tuner(path)
        for index in range(10):
            tuner.choose(f"{name} {index}", {"only": lambda: None})

    _together([threading.Thread(target=work, args=(name,)) for name in "abcd"])
    assert {"only"} == set(kept(path)["choices"].values())
    assert [each.name for each in path.parent.iterdir()] == ["tuning.json"]


_PROCESS = """
import sys
from pathlib import Path
from fourfold.backend.planning.tuning import Tuner
tuner = Tuner(Path(sys.argv[1]))
for index in range(50):
    tuner.choose(f"{sys.argv[2]} {index}", {"only": lambda: None})
"""


@pytest.mark.thorough
def test_processes_that_write_one_file_leave_a_readable_one(path: Path) -> None:
    started = [subprocess.Popen([sys.executable, "-c", _PROCESS, str(path), name]) for name in "ab"]
    assert [process.wait() for process in started] == [0, 0]
    choices = kept(path)["choices"]
    # each writes what it knows itself: the last one to write has all of its own there
    assert any({f"{name} {index}" for index in range(50)} <= set(choices) for name in "ab")
    assert [each.name for each in path.parent.iterdir()] == ["tuning.json"]
