"""What the machine can do: the rate of a matrix product and of a copy, measured like everything else."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Peaks:
    """Rates of the machine with the threads of the run.

    Attributes:
        flops: operations per second of a matrix product, by dtype.
        bandwidth: bytes per second, read and written, of a copy into memory that is mapped already.
    """

    flops: dict[str, float]
    bandwidth: float


def peaks(dtypes: list[str], device: str = "cpu", *, size: int = 1536, megabytes: int = 256) -> Peaks:
    """Measure the rates.

    Args:
        dtypes: whose matrix product to measure.
        device: as torch names it. Default: `cpu`.
        size: rows and columns of the matrices, 1 and above. Default: 1536.
        megabytes: to copy, 1 and above; more than the caches hold. Default: 256.

    Example:
        >>> sorted(peaks(["float32"], size=64, megabytes=1).flops)
        ['float32']
    """
    source = torch.zeros(megabytes * 2**18, device=device)
    target = torch.zeros_like(source)
    bandwidth = 2 * source.nbytes / _fastest(lambda: target.copy_(source), device)
    return Peaks({dtype: 2 * size**3 / _product(dtype, size, device) for dtype in dtypes}, bandwidth)


def _product(dtype: str, size: int, device: str) -> float:
    """Return the seconds of a product; a CPU may compute one of bfloat16 in float32, where that is faster."""
    if dtype == "bfloat16" and device == "cpu":
        return min(_multiplied(each, size, device) for each in (dtype, "float32"))
    return _multiplied(dtype, size, device)


def _multiplied(dtype: str, size: int, device: str) -> float:
    left, right = (torch.randn(size, size, device=device).to(getattr(torch, dtype)) for _ in range(2))
    result = torch.empty_like(left)
    return _fastest(lambda: torch.mm(left, right, out=result), device)


def _fastest(call: Callable[[], object], device: str) -> float:
    """Return the median of the faster half: a peak is what is there when nothing disturbs."""
    found = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        call()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        found.append(time.perf_counter() - start)
    return statistics.median(sorted(found[1:])[: ROUNDS // 2 + 1])
