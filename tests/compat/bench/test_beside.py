"""Busy processes beside a measurement: they run, and end with it, however it ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fourfold.compat.bench.beside import busy


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_so_many_run_and_end_with_the_block() -> None:
    with busy(2) as processes:
        assert len(processes) == 2
        assert all(map(is_running, processes))
    assert not any(map(is_running, processes))


def test_none_is_none() -> None:
    with busy(0) as processes:
        assert processes == []


def test_they_end_with_an_error() -> None:
    found: list[int] = []

    def fail() -> None:
        with busy(1) as processes:
            found.extend(processes)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert len(found) == 1
    assert not any(map(is_running, found))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processor times are read where Linux has them")
def test_they_compute() -> None:
    with busy(1) as (process,):
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    assert int(fields[11]) > 5  # ticks, of half a second
