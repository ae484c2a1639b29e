"""What holds for the whole run: each worker has its part of the cores, and garbage is collected among new objects."""

from __future__ import annotations

import gc
import os

# A hundred tests start processes, which would compile all modules again
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Plans are those of the shipped table, whatever this machine is like
os.environ.setdefault("FOURFOLD_RATES", "shipped")
# Before torch is imported, here and in the processes that tests start: workers with all cores each wait for each other
if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(workers))))


def pytest_collection_finish() -> None:
    """Tests that collect garbage need not search 13,000 tests for it, which takes a third of a second each time."""
    gc.collect()
    gc.freeze()
