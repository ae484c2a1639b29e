"""Whether processes that were started are still there."""

from __future__ import annotations

import os
import time
from pathlib import Path


def is_gone(pid: int, seconds: float = 10.0) -> bool:
    """Whether a process ends; one that has ended but was not waited for counts."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False
