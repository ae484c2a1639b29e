"""A process that is killed while it writes leaves the old file or folder or the new one, whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from fourfold import load_checkpoint
from fourfold.compat.agreement.bundle import Bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="processes are forked"),
]

SCRIPT = Path(__file__).with_name("killed.py")
FORMATS = ["torch", "safetensors", "oneflow", "paddle-persistables", "oneflow:renamed", "report", "bundle"]
TEMPORARY = re.compile(r"\.x\.[a-f0-9]{8}\.part")


@pytest.fixture(scope="module")
def killed() -> Iterator[Path]:
    """A folder per format, with a folder per step before which the writing process was killed."""
    # in memory, where there is such a place: a disk takes most of the time to sync, which a kill does not need
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        subprocess.run([sys.executable, str(SCRIPT), folder, *FORMATS], check=True)
        yield Path(folder)


def state_in(path: Path) -> str:
    """Say which state is there; it has to be whole."""
    tensors: dict[str, torch.Tensor]
    if path.parents[1].name == "report":
        tensors = {name: torch.tensor(values) for name, values in json.loads(path.read_bytes()).items()}
    elif path.parents[1].name == "bundle":
        with Bundle(path) as bundle:
            tensors = {name: torch.from_numpy(values) for name, values in bundle.state.items()}
    else:
        tensors = load_checkpoint(path).tensors
    (state,) = set(tensors) - {"w"}
    assert torch.equal(tensors["w"], torch.full((5000,), {"old": 0.0, "new": 1.0}[state]))
    return state


@pytest.mark.parametrize("format", [each for each in FORMATS if ":" not in each])
def test_the_old_one_or_the_new_one_is_there(format: str, killed: Path) -> None:
    steps = sorted((killed / format).iterdir(), key=lambda path: int(path.name))
    found = [state_in(step / "x") for step in steps]
    assert found == sorted(found, reverse=True)  # the old one up to some step, the new one from there
    assert set(found) == {"old", "new"}


def test_by_two_renames_the_old_folder_may_have_its_other_name(killed: Path) -> None:
    found = []
    for step in sorted((killed / "oneflow:renamed").iterdir(), key=lambda path: int(path.name)):
        (path,) = [step / "x"] if (step / "x").exists() else list(step.glob(".x.*.part/old"))
        found.append(state_in(path) if path.name == "x" else f"{state_in(path)} elsewhere")
    assert list(dict.fromkeys(found)) == ["old", "old elsewhere", "new"]


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_left_but_the_temporary(format: str, killed: Path) -> None:
    left = [[path.name for path in step.iterdir() if path.name != "x"] for step in (killed / format).iterdir()]
    assert [name for names in left for name in names if not TEMPORARY.fullmatch(name)] == []
    assert max(map(len, left)) == (2 if format.endswith(":renamed") else 1)
