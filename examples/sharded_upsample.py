"""Upsample a volume by four in several processes, each with less memory than the result takes.

    python examples/sharded_upsample.py --processes 4 --limit 150

Each process makes its slab of the input, and has its slab of the output; nobody has either whole. The result is checked
against the operator on the few rows around each slab's ends. With `--processes 1` the same fails, for want of memory.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import torch

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d

SPEC = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=8, stride=4, padding=2)


def rows(start: int, stop: int, size: int) -> torch.Tensor:
    """Return rows of the input, (1, 1, rows, size, size): small integers, so that every sum is exact."""
    depth = torch.arange(start, stop, dtype=torch.float32).reshape(-1, 1, 1)
    plane = torch.arange(size * size, dtype=torch.float32).reshape(size, size)
    return ((depth * 5 + plane * 3) % 7 - 3).reshape(1, 1, stop - start, size, size)


def kernel() -> torch.Tensor:
    """Return a kernel of small integers."""
    return (torch.arange(8**3, dtype=torch.float32) % 5 - 2).reshape(SPEC.weight_shape)


def limit_memory(mebibytes: int) -> None:
    """Let this process have so much more than it has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def is_right(output: torch.Tensor, start: int, size: int) -> bool:
    """Whether rows at both ends of a slab of the output, which begins at row `start`, are what the operator gives."""
    right = True
    for first in (start, start + output.shape[2] - 4):
        low, high = max(first // 4 - 2, 0), min(first // 4 + 4, size)
        near = conv_transpose3d(rows(low, high, size), kernel(), None, SPEC)
        due = near[:, :, first - low * 4 : first - low * 4 + 4]
        right = right and torch.equal(output[:, :, first - start : first - start + 4], due)
    return right


def work(rank: int, processes: int, store: str, size: int, limit: int) -> None:
    """Be one of the processes."""
    torch.set_num_threads(1)
    from torch.distributed.device_mesh import init_device_mesh

    from fourfold.backend.distributed import exchange
    from fourfold.backend.distributed.slabs import from_slabs

    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{store}", rank=rank, world_size=processes, timeout=timedelta(seconds=60)
    )
    mesh = init_device_mesh("cpu", (processes,))
    warm = from_slabs(torch.ones(1, 1, 2, 4, 4), mesh)
    conv_transpose3d(warm, kernel(), None, SPEC)  # threads and connections are made here
    limit_memory(limit)
    exchange.BYTES.sent = 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    each = -(-size // processes)
    start, stop = min(rank * each, size), min((rank + 1) * each, size)
    volume = from_slabs(rows(start, stop, size), mesh)
    began = time.perf_counter()
    output = conv_transpose3d(volume, kernel(), None, SPEC, max_workspace=2**24)
    seconds = time.perf_counter() - began
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))  # the check may take more
    part = output.to_local()  # type: ignore[attr-defined]
    verdict = "right" if is_right(part, 4 * start, size) else "WRONG"
    print(
        f"process {rank}: rows {4 * start}..{4 * stop} of {4 * size}, {verdict}; "
        f"{peak:.0f} MiB more at its peak, {exchange.BYTES.sent:,} bytes sent, {seconds:.2f} s",
        flush=True,
    )
    torch.distributed.destroy_process_group()


def main(argv: list[str] | None = None) -> int:
    """Start the processes, end them all when one fails; return 0 if none did."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--processes", type=int, default=4, help="how many (default: 4)")
    parser.add_argument("--limit", type=int, default=150, help="MiB that each may have beside torch (default: 150)")
    parser.add_argument("--size", type=int, default=96, help="voxels of the input along each axis (default: 96)")
    parser.add_argument("--rank", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--store", help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    if given.rank is not None:
        work(given.rank, given.processes, given.store, given.size, given.limit)
        return 0
    whole = (4 * given.size) ** 3 * 4 / 2**20
    print(f"an output of {4 * given.size} x {4 * given.size} x {4 * given.size}: {whole:.0f} MiB", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--processes", str(given.processes), "--limit", str(given.limit)]
        command += ["--size", str(given.size), "--store", str(Path(folder, "store")), "--rank"]
        environment = os.environ | {"GLOO_SOCKET_IFNAME": "lo"}
        workers = [subprocess.Popen([*command, str(rank)], env=environment) for rank in range(given.processes)]
        try:
            codes = [worker.wait(timeout=300) for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    return int(any(codes))


if __name__ == "__main__":
    raise SystemExit(main())
