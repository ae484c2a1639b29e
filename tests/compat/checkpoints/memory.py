"""Measures the memory that reading a checkpoint takes, on Linux: `python memory.py [--size MIB] [FORMAT ...]`.

For each format it writes 16 tensors, reads all and one of them in a fresh process, prints the peaks above
what that process took before as fractions of the file, and deletes the file. It needs as much memory and disk as
the largest file, 1.5 times --size.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from fourfold import load_checkpoint, save_checkpoint
from fourfold.compat.checkpoints.writing import WRITERS

if TYPE_CHECKING:
    from fourfold.compat.literals import Format

TENSORS = 16


class Peak(NamedTuple):
    """Bytes: of the file or folder, and the peaks when all tensors or one are read."""

    size: int
    whole: int
    named: int


def highest() -> int:
    """Return the most memory that this process has held, in bytes."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024


def read(path: str) -> None:
    """Print the peaks of reading one tensor, then all."""
    load_checkpoint(path, ["tiny"])  # brings in what is imported on first use
    base = highest()
    part = load_checkpoint(path, ["w3"])
    named = highest() - base
    del part
    load_checkpoint(path)
    print(named, highest() - base)


def measure(format: Format, mebibytes: int, folder: Path) -> Peak:
    """Write a checkpoint into a folder and measure reading it."""
    path = folder / "big"
    count = (mebibytes << 20) // 4 // TENSORS
    save_checkpoint(
        {"tiny": torch.ones(1), **{f"w{i}": torch.randn(count) for i in range(TENSORS)}}, path, format=format
    )
    size = sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())
    command = [sys.executable, str(Path(__file__)), "--read", str(path)]
    named, whole = map(int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    return Peak(size, whole, named)


def main() -> None:
    """Measure the formats that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("formats", metavar="FORMAT", nargs="*", help=", ".join(WRITERS))
    parser.add_argument("--size", type=int, default=2048, metavar="MIB", help="of the tensors; default 2048")
    parser.add_argument("--read", metavar="FILE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read is not None:
        read(arguments.read)
        return
    print(f"{'format':<20} {'file':>10} {'all':>6} {'one of 16':>10}")
    formats: list[Any] = arguments.formats or list(WRITERS)
    for format in formats:
        with tempfile.TemporaryDirectory() as folder:
            size, whole, named = measure(format, arguments.size, Path(folder))
        print(f"{format:<20} {size / 1e9:>7.2f} GB {whole / size:>6.2f} {named / size:>10.3f}")


if __name__ == "__main__":
    main()
