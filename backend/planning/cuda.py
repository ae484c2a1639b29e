"""What is particular to CUDA: what a choice depends on there, and how it is measured.

No prediction was checked on a GPU, so none is made: torch's operator runs, unless `autotune()` found an algorithm that
agrees with it and is faster by a margin.
"""

from __future__ import annotations

import math
import statistics
import time
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Results = tuple["torch.Tensor | None", ...]
NATIVE = "native"
# What another algorithm must save to be taken: a share of the time of torch's operator, for what is closer is noise,
# and seconds, for planning and an autograd node in Python cost some 20 us each that torch's own call does without.
SHARE, SECONDS = 0.05, 50e-6
# Units of eps * (|x| * |w| + |b|) that results may lie apart: cuDNN's transforms stay below, what is wrong does not.
APART = 32
_ROUNDS = 5
_SLICE = 0.002  # seconds of one timing
_MOST_CALLS = 100
_TF32_EPS = 2.0**-10
_CONV = getattr(torch.backends.cudnn, "conv", None)  # torch 2.9: a precision per operation; earlier two flags


class Gpu(NamedTuple):
    """What decides on a GPU beside the operator and the sizes: it is part of every case there."""

    name: str
    cudnn: int | None
    triton: str | None
    benchmark: bool
    deterministic: bool
    conv_tf32: bool
    matmul_tf32: bool


def is_cuda(device: torch.device) -> bool:
    """Whether a device is NVIDIA's: AMD's have the same name in torch, and nothing here was written for them."""
    return device.type == "cuda" and torch.version.hip is None


def gpu(device: torch.device) -> Gpu:
    """Describe a CUDA device and torch's flags for it."""
    name, cudnn, triton = _installed(device)
    used = cudnn if torch.backends.cudnn.enabled else None
    flags = torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic
    return Gpu(name, used, triton, *flags, conv_tf32(), matmul_tf32())


@lru_cache
def _installed(device: torch.device) -> tuple[str, int | None, str | None]:
    name = torch.cuda.get_device_name(device) if torch.cuda.is_available() else "none"
    return name, torch.backends.cudnn.version(), triton_version()  # type: ignore[no-untyped-call]


@lru_cache
def triton_version() -> str | None:
    """Return the version of triton, or None where it is not installed; nothing else imports it."""
    try:
        import triton
    except ImportError:
        return None
    return str(triton.__version__)


def matmul_tf32() -> bool:
    """Whether torch's float32 matrix products may use TF32."""
    if _CONV is not None:
        return bool(torch.backends.cuda.matmul.fp32_precision == "tf32")
    return bool(torch.backends.cuda.matmul.allow_tf32)


def conv_tf32() -> bool:
    """Whether torch's float32 convolutions may use TF32; without cuDNN they are matrix products."""
    if not torch.backends.cudnn.enabled:
        return matmul_tf32()
    if _CONV is not None:
        return bool(_CONV.fp32_precision == "tf32")
    return bool(torch.backends.cudnn.allow_tf32)


def capturing() -> bool:
    """Whether a CUDA graph is being captured: nothing may be measured or compiled then."""
    return torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()


def eps(dtype: torch.dtype) -> float:
    """Return the distance of 1 to the next number of the arithmetic that torch's flags allow."""
    return _TF32_EPS if dtype is torch.float32 and conv_tf32() else torch.finfo(dtype).eps


def fastest(
    candidates: Mapping[str, Callable[[], torch.Tensor | Results]],
    *,
    magnitude: Callable[[], Results],
    dtype: torch.dtype,
    device: torch.device,
) -> str:
    """Return the name of the fastest candidate; `native` unless another saves `SHARE` of its time and `SECONDS`.

    Times are of calls in turn, launches included, so that neither clocks nor launches favour one of them. A candidate
    that fails, or whose result does not agree with that of `native`, is left out with a warning.

    Args:
        candidates: what to call, by name; they return one tensor or several.
        magnitude: returns what `native` makes of the absolute values of the operands.
        dtype: of the operands.
        device: where they are.
    """
    expected = _several(candidates[NATIVE]())
    ready: dict[str, int] = {}
    for name, call in candidates.items():
        try:
            if name != NATIVE and not agree(_several(call()), expected, magnitude(), eps(dtype)):
                warnings.warn(f"{name} is left out: it does not agree with torch's operator", stacklevel=2)
                continue
            ready[name] = min(max(math.ceil(_SLICE / _seconds(call, 1, device)), 1), _MOST_CALLS)
        except Exception as error:  # a compiler's, a driver's, no memory: whatever it is, torch's operator remains
            if name == NATIVE:
                raise
            warnings.warn(f"{name} is left out: {type(error).__name__}: {error}", stacklevel=2)
    del expected
    rounds: dict[str, list[float]] = {name: [] for name in ready}
    for _ in range(_ROUNDS):
        for name, count in ready.items():
            rounds[name].append(_seconds(candidates[name], count, device))
    times = {name: statistics.median(found) for name, found in rounds.items()}
    best = min(times, key=lambda name: times[name])
    return best if times[best] < (1 - SHARE) * times[NATIVE] - SECONDS else NATIVE


def agree(actual: Results, expected: Results, magnitude: Results, unit: float) -> bool:
    """Whether results lie within `APART * unit * magnitude` of each other, or are the same infinities and NaN."""
    for one, other, bound in zip(actual, expected, magnitude, strict=True):
        if one is not None and other is not None and bound is not None:
            near = (one - other).abs_() <= APART * unit * bound
            if not bool((near | (one == other) | (one.isnan() & other.isnan())).all()):
                return False
    return True


def _several(results: torch.Tensor | Results) -> Results:
    return (results,) if isinstance(results, torch.Tensor) else results


def _seconds(call: Callable[[], object], calls: int, device: torch.device) -> float:
    _synchronize(device)
    start = time.perf_counter()
    for _ in range(calls):
        call()
    _synchronize(device)
    return (time.perf_counter() - start) / calls


def _synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
