"""Files that were made to do harm: `CORPUS` names each and says how to write it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import torch
from tests.compat.checkpoints.hostile_archives import ARCHIVES, safetensors, tensor
from tests.compat.checkpoints.hostile_folders import FOLDERS
from tests.compat.checkpoints.hostile_pickles import PICKLES
from tests.compat.checkpoints.hostile_sharing import SHARING, SHARING_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


FILES = PICKLES | ARCHIVES | SHARING


def write(data: bytes) -> Callable[[Path], None]:
    return lambda path: _write(path, data)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


CORPUS: dict[str, Callable[[Path], None]] = {name: write(data) for name, data in FILES.items()}
CORPUS |= FOLDERS | SHARING_FOLDERS


def seeds() -> dict[str, bytes]:
    """Small good files, to be mutated: one per format that is a file."""
    state = {"w": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2)}
    found = {}
    for name, zip_format in (("torch", True), ("torch-legacy", False)):
        buffer = io.BytesIO()
        torch.save(state, buffer, _use_new_zipfile_serialization=zip_format)
        found[name] = buffer.getvalue()
    found["safetensors"] = safetensors(tensor([2, 1], [0, 8]), bytes(8))
    return found
