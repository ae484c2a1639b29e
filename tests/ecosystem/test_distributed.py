"""Two gloo processes under DDP and FSDP2 train as one process does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.versions import TORCH

HAS_FSDP2 = TORCH >= (2, 8)
pytestmark = pytest.mark.thorough  # processes that train
WORKER = Path(__file__).parent / "distributed_worker.py"


@pytest.fixture(scope="module")
def ranks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what each process reports."""
    store = tmp_path_factory.mktemp("group") / "store"
    command = [sys.executable, str(WORKER)]
    workers = [
        subprocess.Popen([*command, str(rank), store, *["fsdp2"] * HAS_FSDP2], stdout=subprocess.PIPE, text=True)
        for rank in range(2)
    ]
    try:
        outputs = [worker.communicate(timeout=120)[0] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    assert [worker.returncode for worker in workers] == [0, 0]
    return [json.loads(output) for output in outputs]


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize(
    "way",
    [
        "ddp",
        pytest.param("fsdp2", marks=pytest.mark.skipif(not HAS_FSDP2, reason="FSDP2 over gloo needs torch 2.8")),
    ],
)
@pytest.mark.parametrize("what", ["losses", "gradients"])
def test_two_processes_train_as_one(ranks: list[dict[str, Any]], way: str, rank: int, what: str) -> None:
    assert ranks[rank][way][what] == ranks[0]["alone"][what]


def test_the_steps_change_the_loss(ranks: list[dict[str, Any]]) -> None:
    losses = ranks[0]["alone"]["losses"]
    assert len(set(losses)) == len(losses)
