"""What other processes took, from a made-up /proc, and what is said of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fourfold.compat.bench import Peaks, busy
from fourfold.compat.bench.busy import Load, Watch, all_seconds, own_seconds

if TYPE_CHECKING:
    from pathlib import Path

TICKS = busy._ticks()


def process(pid: int, parent: int, name: str, ticks: tuple[int, int, int, int]) -> str:
    """A line of /proc/PID/stat: ten more fields stand between the parent and the times."""
    times = " ".join(map(str, ticks))
    return f"{pid} ({name}) R {parent} 0 0 0 0 0 0 0 0 0 {times} 20 0 1 0 0"


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "stat").write_text(
        "cpu  9 9 9 9 9 9 9 9 9 9\n"
        f"cpu0 {TICKS} {TICKS} {TICKS} 7000 9000 {TICKS} {TICKS} {TICKS} 5000 5000\n"
        f"cpu1 {4 * TICKS} 0 0 7000 9000 0 0 0 0 0\n"
        "intr 1 2 3\n"
    )
    lines = {
        10: process(10, 1, "python", (TICKS, TICKS, 0, 0)),
        11: process(11, 10, "a peer) R 1 (", (2 * TICKS, 0, TICKS, 0)),
        12: process(12, 11, "its child", (TICKS, 0, 0, 0)),
        20: process(20, 1, "another", (500 * TICKS, 0, 0, 0)),
    }
    for pid, line in lines.items():
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "stat").write_text(line)
    (tmp_path / "21").mkdir()  # ended while it was looked at
    return tmp_path


@pytest.mark.parametrize(("processors", "seconds"), [({0}, 6.0), ({1}, 4.0), ({0, 1}, 10.0)], ids=str)
def test_processors_are_busy_when_they_neither_idle_nor_wait(processors: set[int], seconds: float, proc: Path) -> None:
    assert all_seconds(processors, proc) == seconds


def test_a_process_s_time_is_that_of_all_below_it(proc: Path) -> None:
    assert own_seconds(proc, 10) == 2 + 3 + 1
    assert own_seconds(proc, 11) == 3 + 1


def test_a_system_that_does_not_tell_is_not_called_busy(tmp_path: Path) -> None:
    assert all_seconds({0}, tmp_path) is None
    assert not Load(2, None, 1.0).is_busy


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")
def test_time_of_children_is_ours() -> None:
    before = own_seconds()
    script = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", script], check=True)
    # it took 0.3 s, which are counted in ticks of 0.01 s
    assert own_seconds(root=os.getpid()) - before >= 0.25


def test_what_others_took_is_all_but_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, total, own = iter([0.0, 10.0]), iter([100.0, 119.0]), iter([1.0, 11.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    monkeypatch.setattr(busy, "all_seconds", lambda _: next(total))
    monkeypatch.setattr(busy, "own_seconds", lambda: next(own))
    monkeypatch.setattr(busy, "_allowed", lambda: {0, 1})
    with Watch() as watch:
        pass
    load = watch.load(Peaks({"float32": 100e9}, 1e9), Peaks({"float32": 61e9}, 1e9))
    assert load == Load(2, 0.9, 0.61)
    assert str(load) == (
        "the machine was busy: other processes took 0.9 of 2 processors and a matrix product went down to 61% of its "
        "rate. Repeat the run when it is not; ratios suffer least."
    )


@pytest.mark.parametrize(
    ("others", "slowest", "is_busy"),
    [(0.0, 1.0, False), (0.05, 0.9, False), (0.2, 1.0, True), (0.0, 0.8, True), (None, 0.8, True)],
    ids=str,
)
def test_either_of_them_makes_it_busy(others: float | None, slowest: float, *, is_busy: bool) -> None:
    assert Load(2, others, slowest).is_busy is is_busy
