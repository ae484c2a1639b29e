"""Coverage-guided fuzzing of every reader of checkpoints that are files; run by hand.

    pip install atheris
    python tests/fuzz/fuzz_checkpoints.py CORPUS_FOLDER -max_total_time=600 -max_len=2048 -rss_limit_mb=3000 -timeout=40

Any exception but CheckpointError, a hang or too much memory stops it, and libFuzzer keeps the input.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any


def main() -> None:
    """Fuzz until told otherwise."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["fourfold.compat.checkpoints"]):
        checkpoints = importlib.import_module("fourfold.compat.checkpoints")
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    file, persistables = folder / "file", folder / "persistables"
    oneflow = folder / "oneflow" / "pickled_data"
    persistables.mkdir()
    oneflow.parent.mkdir()

    def one(data: bytes) -> None:
        file.write_bytes(data)
        with contextlib.suppress(checkpoints.CheckpointError):
            checkpoints.load_checkpoint(file)
        if data[:1] == b"\x80":
            oneflow.write_bytes(data)
            with contextlib.suppress(checkpoints.CheckpointError):
                checkpoints.load_checkpoint(oneflow.parent)
        if data[:4] == bytes(4):
            (persistables / "weight").write_bytes(data)
            with contextlib.suppress(checkpoints.CheckpointError):
                checkpoints.load_checkpoint(persistables)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
