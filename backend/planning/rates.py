"""What a machine can do, which predictions are made of: products, copies and calls, measured once and kept.

The first large call that is planned measures, in under 0.3 s, and a file keeps what it found, so that the choice stays
the same from run to run. Deterministic mode, and `measure_rates(False)`, plan by the shipped table instead.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch.utils._python_dispatch import _disable_current_modes

from ..errors import OperatorTypeError
from ..execution import products
from ..forking import ForkSafeLock
from . import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHIPPED = Path(__file__).with_name("rates.json")
VERSION = 2


class Rates(NamedTuple):
    """Rates of one core, but for calls.

    Attributes:
        product: multiplications, each with its addition, per second of a large float32 matrix product by torch.mm.
        onednn: the same by oneDNN's product, which its convolutions are made of.
        double: the same in float64 by torch.mm.
        bfloat16: the same in bfloat16, whose results are rounded, by oneDNN; that of float32 where torch has none.
        bfloat16_sums: the same with results in float32, by MKL; that of float32 where there is none.
        write: bytes per second that a copy between mapped memory beyond the caches writes.
        call: seconds of a torch operator on a view of next to nothing, and the Python around it.
    """

    product: float
    onednn: float
    double: float
    bfloat16: float
    bfloat16_sums: float
    write: float
    call: float


def processor() -> str:
    """Return the name of the processor, as the system tells it."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


@lru_cache(maxsize=1)
def shipped() -> Rates:
    """Return the rates of this processor, or of one like it, from the table that comes with the package."""
    table = json.loads(SHIPPED.read_bytes())
    found = Rates(**{name: table.get(processor(), table["other"])[name] for name in Rates._fields})
    return found._replace(
        bfloat16=found.bfloat16 if products.has_rounded() else found.product,
        bfloat16_sums=found.bfloat16_sums if products.has_sums() else found.product,
    )


def measured() -> Rates:
    """Measure the rates with the threads that torch has now: about 0.1 s."""
    with _disable_current_modes(), torch.device("cpu"), torch.inference_mode():  # of whoever makes the first large call
        return _measured(torch.get_num_threads())


def _measured(threads: int) -> Rates:
    left, right = (torch.full((_EDGE, _EDGE), 0.5, dtype=torch.float32) for _ in range(2))
    result = torch.empty_like(left)
    wide, other, sums = left.double(), right.double(), result.double()
    narrow, half, rounded = left.bfloat16(), right.bfloat16(), result.bfloat16()
    source, target = (torch.zeros(_COPIED, dtype=torch.float32) for _ in range(2))
    small, work = torch.zeros(4, 4), _EDGE**3 / threads
    linear = getattr(torch.ops.mkldnn, "_linear_pointwise", None)
    product = work / _fastest(lambda: torch.mm(left, right, out=result))
    onednn = product
    if linear is not None and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        onednn = work / _fastest(lambda: linear(left, right, None, "none", [], ""))
    return Rates(
        product,
        onednn,
        work / _fastest(lambda: torch.mm(wide, other, out=sums)),
        work / _fastest(lambda: torch.mm(narrow, half, out=rounded)) if products.has_rounded() else product,
        work / _fastest(lambda: products.multiply(narrow, half, result)) if products.has_sums() else product,
        source.nbytes / threads / _fastest(lambda: target.copy_(source)),
        _fastest(lambda: [small[:, :2].zero_() for _ in range(_CALLS)]) / _CALLS,
    )


_EDGE = 640  # of square matrices: 0.5 GFLOP
_COPIED = 2**22  # numbers: beyond the second-level caches
_CALLS = 200
_ROUNDS = 5
_LONG = 0.04  # seconds, of each rate


def _fastest(call: Callable[[], object]) -> float:
    """Return the seconds of the fastest of some calls: what is there when nothing disturbs."""
    call()
    found: list[float] = []
    start = time.perf_counter()
    deadline, end = start + _LONG, start + 2 * _LONG  # a processor takes some milliseconds to work at its full rate
    while not found or time.perf_counter() < (end if len(found) < _ROUNDS else deadline):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return min(found)


class _State:
    """What is known of this machine: nothing, until a large call asks."""

    def __init__(self) -> None:
        self.enabled = os.environ.get("FOURFOLD_RATES", "measured") != "shipped"
        self.found: Rates | None = None
        self.assumed: Rates | None = None
        self.lock = ForkSafeLock()


_state = _State()


def measure_rates(enabled: bool = True) -> None:
    """Plan by rates that are measured on this machine, which is the default; or by the shipped ones.

    Args:
        enabled: False takes the table that comes with the package, as `FOURFOLD_RATES=shipped` in the environment
            does, and deterministic mode. Default: True.

    Raises:
        TypeError: `enabled` is not a bool.

    Example:
        >>> from fourfold.backend import measure_rates
        >>> measure_rates(False)
        >>> measure_rates()
    """
    if not isinstance(enabled, bool):
        msg = f"enabled={enabled!r} is a {type(enabled).__name__}; it must be a bool. Give True or False."
        raise OperatorTypeError(msg)
    _state.enabled = enabled


@contextlib.contextmanager
def assumed(found: Rates) -> Iterator[None]:
    """Plan by given rates in a `with` statement, small calls too: of another machine, or of a test's."""
    before = _state.assumed
    _state.assumed = found
    try:
        yield
    finally:
        _state.assumed = before


def rates(*, large: bool) -> Rates:
    """Return the rates to plan by; a `large` call has them measured where they are not known yet."""
    if _state.assumed is not None:
        return _state.assumed
    if not _state.enabled or torch.are_deterministic_algorithms_enabled():
        return shipped()
    if _state.found is None and large and not torch.compiler.is_compiling():
        with _state.lock:
            if _state.found is None:
                _state.found = _kept()
    return _state.found if large and _state.found is not None else shipped()


def _kept() -> Rates:
    """Return what the file holds of this machine, or measure and keep it."""
    path, machine = files.cache("rates.json"), _machine()
    content = files.read(path)
    known: dict[str, Any] = content["machines"] if _is_table(content) else {}
    if machine not in known:
        found = measured()
        files.write(path, {"version": VERSION, "machines": {**known, machine: found._asdict()}})
        return found
    return Rates(**known[machine])


def _machine() -> str:
    return f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}"


def _is_table(content: Any) -> bool:
    """Whether a file holds what this version writes: strangers' files count as empty."""
    if not isinstance(content, dict) or content.get("version") != VERSION:
        return False
    machines = content.get("machines")
    return isinstance(machines, dict) and all(
        isinstance(row, dict)
        and set(row) == set(Rates._fields)
        and all(isinstance(value, float) and 0 < value < float("inf") for value in row.values())
        for row in machines.values()
    )
