"""No file executes, hangs, takes memory that it only claims to need, or raises anything but CheckpointError."""

from __future__ import annotations

import contextlib
import random
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from tests.compat.checkpoints.hostile import CORPUS, seeds
from tests.compat.checkpoints.hostile_pickles import TRACE

from fourfold import CheckpointError, load_checkpoint

DATA = Path(__file__).parents[2] / "data" / "checkpoints"
SECONDS = 1  # of this process's own time; the slowest takes half of it
BYTES = 100 << 20


def is_measured() -> bool:
    """Whether coverage slows every line down."""
    coverage = sys.modules.get("coverage")
    return coverage is not None and coverage.Coverage.current() is not None


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_file_ends_in_a_checkpoint_error(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    CORPUS[name](tmp_path / "file")
    start = time.process_time()
    with pytest.raises(CheckpointError, match="file") as caught:
        load_checkpoint(tmp_path / "file")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < len(str(tmp_path)) * 2 + 700
    assert time.process_time() - start < SECONDS * (30 if is_measured() else 1)
    assert not (tmp_path / TRACE).exists()


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in CORPUS
        if any(
            word in name
            for word in ("claim", "10**12", "overflow", "thirtieth", "share", "one array", "overlap", "long name")
        )
    ],
)
def test_memory_that_is_only_claimed_is_not_taken(name: str, tmp_path: Path) -> None:
    CORPUS[name](tmp_path / "file")
    tracemalloc.start()
    try:
        with pytest.raises(CheckpointError):
            load_checkpoint(tmp_path / "file")
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()


def test_a_refused_global_is_named_with_what_to_do(tmp_path: Path) -> None:
    CORPUS["os.system"](tmp_path / "file")
    with pytest.raises(CheckpointError, match=r"names os\.system, .* nothing of it was run.*allow=\['os\.system'\]"):
        load_checkpoint(tmp_path / "file")


def test_even_an_allowed_global_is_plain_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    CORPUS["os.system"](tmp_path / "file")
    assert load_checkpoint(tmp_path / "file", allow=["os.system"]).others == {"": "<os.system>"}
    assert not (tmp_path / TRACE).exists()


FILES = {str(path.relative_to(DATA)): path.read_bytes() for path in sorted(DATA.glob("*")) if path.is_file()}
GOOD = {name: data for name, data in (FILES | seeds()).items() if not name.endswith(".md")}


def mutated(data: bytes, seed: int) -> bytes:
    """Flip, cut, repeat or splice a few bytes."""
    source = random.Random(seed)
    result = bytearray(data)
    for _ in range(source.choice([1, 1, 2, 4, 16])):
        if not result:
            break
        start = source.randrange(len(result))
        kind = source.randrange(5)
        if kind == 0:
            result[start] = source.randrange(256)
        elif kind == 1:
            result[start] ^= 1 << source.randrange(8)
        elif kind == 2:
            del result[start : start + source.choice([1, 4, len(result)])]
        elif kind == 3:
            result[start:start] = result[start : start + source.randrange(1, 40)]
        else:
            result[start : start + 8] = source.choice(
                [b"\xff" * 8, bytes(8), b"\x7f" + b"\xff" * 7, (1 << 40).to_bytes(8, "little")]
            )
    return bytes(result)


@pytest.mark.parametrize("name", GOOD)
def test_damaged_files_raise_nothing_else(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    for seed in range(25):  # one test per file and not per mutation: they are thousands
        file.write_bytes(mutated(GOOD[name], seed))
        with contextlib.suppress(CheckpointError):
            load_checkpoint(file)
