"""Busy processes beside a measurement: what a machine is like that does something else as well."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# It ends by itself where its parent was killed.
_BUSY = """
import os, sys
parent = int(sys.argv[1])
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""
_SETTLED = 0.5  # seconds until they run


@contextlib.contextmanager
def busy(number: int) -> Iterator[list[int]]:
    """Run so many processes that compute and nothing else, for a `with` statement.

    Args:
        number: 0 and above.

    Yields:
        Their process ids.

    Example:
        >>> with busy(1) as processes:
        ...     len(processes)
        1
    """
    with contextlib.ExitStack() as stack:
        started = []
        for _ in range(number):
            process = subprocess.Popen([sys.executable, "-I", "-c", _BUSY, str(os.getpid())])
            stack.callback(process.wait)
            stack.callback(process.kill)
            started.append(process.pid)
        if started:
            time.sleep(_SETTLED)
        yield started
