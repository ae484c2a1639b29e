"""Kills processes that write a file or folder, one before each step that a write takes; runs alone, on POSIX.

    python killed.py FOLDER FORMAT...

For each format and step, a child replaces FOLDER/FORMAT/STEP/x, and sends itself SIGKILL before that step. A format is
one of checkpoints, `report` (JSON of the command line) or `bundle`; `FORMAT:renamed` is a folder's format where two
folders cannot change places.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import torch

from fourfold import save_checkpoint
from fourfold.compat.agreement.recorder import record
from fourfold.compat.checkpoints import atomic
from fourfold.compat.cli.commands.command import write_json

OLD = {"w": torch.zeros(5000), "old": torch.ones(1)}
NEW = {"w": torch.ones(5000), "new": torch.ones(1)}


class Model(torch.nn.Module):
    """A layer that is a state."""

    def __init__(self, state: dict[str, torch.Tensor]) -> None:
        super().__init__()
        for name, tensor in state.items():
            self.register_buffer(name, tensor)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


# What a write asks of the system. Of a folder's files, the many small writes are left out: they are not yet in place.
STEPS = {"open", "mkdir", "flush", "fsync", "chmod", "replace", "rename", "unlink", "rmdir"}


def save(state: dict[str, torch.Tensor], path: Path, format: Any) -> None:
    """Write a state."""
    if format == "report":
        write_json({name: tensor.tolist() for name, tensor in state.items()}, str(path))
    elif format == "bundle":
        record(Model(state), torch.ones(1).numpy(), path, gradients=False)
    else:
        save_checkpoint(state, path, format=format)


def write(path: Path, format: str, step: int) -> None:
    """Replace what is there, and die before a step."""
    steps = STEPS if path.is_dir() else STEPS | {"write", "close"}
    left = step

    def watch(_: object, event: str, function: Any) -> None:
        nonlocal left
        if event == "c_call" and function.__name__ in steps:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)
    save(NEW, path, format)


def kill_at_every_step(format: str, folder: Path) -> None:
    """Kill at step 1, 2 and so on, until a write ends before it is killed."""
    folder.mkdir()
    written, _, renamed = format.partition(":")
    old = folder.parent / f"{folder.name}.old"
    save(OLD, old, written)
    for step in range(1, 1000):
        place = folder / str(step)
        place.mkdir()
        (shutil.copytree if old.is_dir() else shutil.copyfile)(old, place / "x")
        child = os.fork()
        if child == 0:
            if renamed:
                atomic._exchange = lambda *_: False
            write(place / "x", written, step)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert status == 0
            return
    msg = "a write takes more than 1000 steps"
    raise RuntimeError(msg)


if __name__ == "__main__":
    for each in sys.argv[2:]:
        kill_at_every_step(each, Path(sys.argv[1]) / each)
