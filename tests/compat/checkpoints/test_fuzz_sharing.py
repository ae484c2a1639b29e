"""Small files that hold few values many times take little memory and time, and messages about them are fit to show."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "fuzz" / "fuzz_sharing.py"


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="the limits of the process are Linux's")
def test_two_hundred_files_of_shared_values_are_listed_or_refused() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "0", "200"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-100:] + done.stderr[-3000:]
