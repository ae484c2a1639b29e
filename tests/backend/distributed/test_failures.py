"""What goes wrong in one process ends the others with an error, in bounded time."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from tests.backend.distributed.group import group

from fourfold.backend import ConvTranspose3dSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backend.distributed.group import Group

CALLS = "tests.backend.distributed.operators"
SPEC = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=3, stride=2)


@pytest.mark.parametrize("signal_sent", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])
def test_a_process_that_is_gone_ends_the_others(tmp_path: Path, signal_sent: signal.Signals) -> None:
    with group(2, tmp_path, seconds=6) as pair:
        arguments = (SPEC, (1, 2, 4, 4, 4))
        assert pair.call(f"{CALLS}:bytes_sent", *arguments) == [0, 128]
        pid = pair.processes[1].pid
        assert pid is not None
        os.kill(pid, signal_sent)
        started = time.monotonic()
        pair.pipes[0].send((f"{CALLS}:bytes_sent", arguments))
        succeeded, answer = pair.answer(0, started + 60)
        assert not succeeded
        assert "Error" in answer


@pytest.mark.parametrize(
    ("call", "arguments", "words"),
    [
        pytest.param("another_operator", (1,), "another process of the mesh calls something else", id="operator"),
        pytest.param("another_layout", (0,), "DTensor's layout gives it 2", id="layout"),
        pytest.param("another_mesh", (), "different meshes", id="mesh"),
        pytest.param("another_dtype", (), "they must be the same", id="dtype"),
    ],
)
def test_every_process_says_what_is_wrong(two: Group, call: str, arguments: tuple[int, ...], words: str) -> None:
    answers = two.answers(f"{CALLS}:{call}", *arguments)
    assert [(succeeded, words in answer) for succeeded, answer in answers] == [(False, True)] * 2
