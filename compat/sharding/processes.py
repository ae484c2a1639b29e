"""The processes of a sharded script: started and ended together, joined in one group."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

import torch

from ..cli.console import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GRACE = 10.0  # seconds in which the others may say what they miss, once one has failed


def launched() -> int | None:
    """Return of how many processes this is one, by the variables that torchrun and `launch` set; None alone."""
    return int(os.environ["WORLD_SIZE"]) if {"RANK", "WORLD_SIZE"} <= os.environ.keys() else None


def join(timeout: float) -> None:
    """Join the group of the processes, which wait for each other so many seconds at most.

    stdout is the first one's, and random numbers are the same in all.
    """
    import random

    import numpy as np

    # gloo looks for an interface by the machine's name, which may have none
    if os.environ.get("MASTER_ADDR") == "127.0.0.1":
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.distributed.init_process_group("gloo", timeout=timedelta(seconds=timeout))
    if torch.distributed.get_rank():
        sys.stdout.flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    seed = torch.randint(2**32, (1,))
    torch.distributed.broadcast(seed, 0)
    random.seed(int(seed))
    np.random.seed(int(seed))  # noqa: NPY002, what scripts use
    torch.manual_seed(int(seed))


def launch(count: int, argv: Sequence[str]) -> int:
    """Run `fourfold ARGV` in so many processes of this machine, which meet on its loopback.

    stdout and stderr are the first process's; what another one says is shown if it fails first. Where one fails or is
    killed, the others are ended.

    Returns:
        The exit code of the first that failed, 128 and its number for a signal; else 0.
    """
    store: Any = torch.distributed.TCPStore(  # type: ignore[attr-defined]
        "127.0.0.1", 0, is_master=True, wait_for_workers=False
    )
    environment = os.environ | {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(store.port),
        "TORCHELASTIC_USE_AGENT_STORE": "True",  # the store is this process's
        "WORLD_SIZE": str(count),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(max(1, torch.get_num_threads() // count))),
        "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED", "0"),  # sets have one order
    }
    command = [sys.executable, "-m", "fourfold", *argv]
    with _terminable(), contextlib.ExitStack() as stack:
        said = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(1, count)]
        processes = []
        for rank, stderr in enumerate([None, *said]):
            variables = environment | {"RANK": str(rank), "LOCAL_RANK": str(rank)}
            processes.append(subprocess.Popen(command, env=variables, stderr=stderr))
            stack.callback(_end, processes[-1])
        return _watch(processes, said)


def _watch(processes: Sequence[subprocess.Popen[bytes]], said: Sequence[BinaryIO]) -> int:
    """Wait for all, or for one that fails and then the others for a while."""
    while None in (codes := [process.poll() for process in processes]) and not any(codes):
        time.sleep(0.05)
    failed = next((rank for rank, code in enumerate(codes) if code), None)
    if failed is None:
        return 0
    code = codes[failed] or 0
    with contextlib.suppress(subprocess.TimeoutExpired):
        until = time.monotonic() + GRACE
        for process in processes:
            process.wait(max(0.0, until - time.monotonic()))
    if failed:
        said[failed - 1].seek(0)
        say(*said[failed - 1].read().decode(errors="replace").splitlines(), error=True)
    how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
    say(f"fourfold: process {failed} of {len(processes)} {how}, and with it the others", error=True)
    return 128 - code if code < 0 else code


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end this process as an exception does, which ends the others."""

    def stop(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
