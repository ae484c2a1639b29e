"""The example of a volume that fits no process: four can do what one cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough  # processes, and hundreds of megabytes
EXAMPLE = Path(__file__).parents[2] / "examples" / "sharded_upsample.py"


def run(processes: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLE), "--processes", str(processes)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_four_processes_have_the_memory() -> None:
    result = run(4)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count(", right;") == 4


def test_one_process_has_not() -> None:
    result = run(1)
    assert result.returncode == 1
    assert "memory" in result.stderr
