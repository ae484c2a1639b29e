"""Measure what an upsampling costs in processes that share a volume: time, memory, and what travels how fast.

    torchrun --nproc-per-node 2 examples/sharded_cost.py

With `--nproc-per-node 1` it is the baseline of one process. Each has one thread.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d
from fourfold.backend.distributed import exchange
from fourfold.backend.distributed.slabs import from_slabs

if TYPE_CHECKING:
    from collections.abc import Callable


def seconds(call: Callable[[], object], times: int = 7) -> float:
    """Return the median time of a call that all processes begin together."""
    found = []
    for _ in range(times):
        dist.barrier()
        began = time.perf_counter()
        call()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def message(size: int) -> None:
    """Send bytes from the first process to the second and back."""
    data = torch.zeros(size, dtype=torch.uint8)
    for source in (0, 1):
        if dist.get_rank() == source:
            dist.send(data, 1 - source)
        elif dist.get_rank() == 1 - source:
            dist.recv(data, source)


def main() -> None:
    """Measure, and print what the first process found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=48, help="voxels of the input along each axis (default: 48)")
    parser.add_argument("--channels", type=int, default=32, help="of input and output (default: 32)")
    given = parser.parse_args()
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    count, size = dist.get_world_size(), given.size
    spec = ConvTranspose3dSpec(
        in_channels=given.channels, out_channels=given.channels, kernel_size=4, stride=2, padding=1
    )
    weight = torch.randn(spec.weight_shape)
    mesh = init_device_mesh("cpu", (count,))
    conv_transpose3d(from_slabs(torch.ones(1, given.channels, 2, 4, 4), mesh), weight, None, spec)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = len(torch.arange(size).chunk(count)[dist.get_rank()])
    volume = from_slabs(torch.randn(1, given.channels, rows, size, size), mesh)
    exchange.BYTES.sent = 0
    conv_transpose3d(volume, weight, None, spec)
    sent = exchange.BYTES.sent
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    step = seconds(lambda: conv_transpose3d(volume, weight, None, spec))
    operations = 2 * given.channels**2 * 4**3 * size**3 / count
    lines = [
        f"{count} processes: {step:.3f} s, {operations / step / 1e9:.1f} G operations a second each, "
        f"{peak:.0f} MiB more at the peak, {sent:,} bytes sent"
    ]
    if count > 1:
        large = 2**25
        rate = 2 * large / seconds(lambda: message(large))
        latency = seconds(lambda: message(1), 101) / 2
        lines.append(f"{rate / 1e9:.2f} GB a second, {latency * 1e6:.0f} us of latency")
    if dist.get_rank() == 0:
        print("\n".join(lines))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
