"""Whether the machine was busy with something else while it measured."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

    from .peaks import Peaks

# What is said to be busy: more processors than this, or a rate below this share of the other.
OTHERS = 0.1
SLOWER = 0.85
# of /proc/stat, in their order: the time of guests is in that of user and nice
IDLE = (3, 4)
COUNTED = 8
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Load:
    """What disturbed a measurement.

    Attributes:
        processors: that this process may use.
        others: of them, how many other processes kept busy on average; None where the system does not tell.
        slowest: the least rate of a matrix product as a share of the greatest, of those before and after; 0 to 1.
    """

    processors: int
    others: float | None
    slowest: float

    @property
    def is_busy(self) -> bool:
        """Whether the medians are worth a second run."""
        return (self.others or 0.0) > OTHERS or self.slowest < SLOWER

    def __str__(self) -> str:
        parts = []
        if (self.others or 0.0) > OTHERS:
            parts.append(f"other processes took {self.others:.1f} of {self.processors} processors")
        if self.slowest < SLOWER:
            parts.append(f"a matrix product went down to {self.slowest:.0%} of its rate")
        return f"the machine was busy: {' and '.join(parts)}. Repeat the run when it is not; ratios suffer least."


class Watch:
    """A block during which the processors' time is counted: this process's and its children's, and that of others."""

    def __enter__(self) -> Self:
        self._processors = _allowed()
        self._begun = time.monotonic()
        self._all, self._own = all_seconds(self._processors), own_seconds()
        self.others: float | None = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = time.monotonic() - self._begun
        now, own = all_seconds(self._processors), own_seconds()
        if self._all is not None and now is not None and seconds > 0:
            self.others = max(0.0, (now - self._all - (own - self._own)) / seconds)

    def load(self, before: Peaks, after: Peaks) -> Load:
        """Return what was counted, with the rates of matrix products at both ends."""
        return Load(len(self._processors), self.others, slowest(before.flops, after.flops))


def slowest(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """Return the least of two rates as a share of the greater, over the dtypes that both have.

    >>> slowest({"float32": 2e9, "float64": 1e9}, {"float32": 1e9})
    0.5
    """
    pairs = [(before[dtype], after[dtype]) for dtype in before if dtype in after]
    return min((min(pair) / max(pair) for pair in pairs), default=1.0)


def all_seconds(processors: set[int], proc: Path = PROC) -> float | None:
    """Return for how long processors have not been idle; None where the system does not tell (it is not Linux)."""
    try:
        lines = (proc / "stat").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    ticks = 0
    for name, *counts in (line.split() for line in lines if line.startswith("cpu")):
        if name[3:].isdigit() and int(name[3:]) in processors:
            ticks += sum(int(count) for place, count in enumerate(counts[:COUNTED]) if place not in IDLE)
    return ticks / _ticks()


def own_seconds(proc: Path = PROC, root: int | None = None) -> float:
    """Return the processors' time of a process (default: this one), its children, and theirs."""
    root = os.getpid() if root is None else root
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for folder in proc.glob("[0-9]*"):
        try:
            # the name in parentheses may hold anything
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        pid = int(folder.name)
        parents[pid] = int(fields[1])
        # user and system: its own, and those of children that have ended
        ticks[pid] = sum(map(int, fields[11:15]))
    return sum(count for pid, count in ticks.items() if _is_below(pid, root, parents)) / _ticks()


def _is_below(pid: int, root: int, parents: Mapping[int, int]) -> bool:
    while pid != root and pid in parents:
        pid = parents[pid]
    return pid == root


def _ticks() -> int:
    return os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def _allowed() -> set[int]:
    return set(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
