"""Run a command that ends with whoever asked for it, however that one ends; runs alone, by its path.

    python lifeline.py COMMAND ARGUMENT...

Whoever starts this holds the other end of its standard input, and writes nothing. The end of that process, killed or
not, closes it, and this kills its process group: the command, and what the command has started. It has to lead a group.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Run the command; return its exit code, and 128 and the signal where one killed it, as shells do."""
    # The lock that the starter holds passes on: it is free when the last of them is gone.
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, close_fds=False)
    threading.Thread(target=_end_with_starter, args=(process,), daemon=True).start()
    code = process.wait()
    return code if code >= 0 else 128 - code


def _end_with_starter(process: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1):
        pass
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    raise SystemExit(main())
