"""What is measured: layers of published models, a survey of operators, and small shapes. One row each."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ..agreement.cases import Case
from ..agreement.catalogue.workloads import WORKLOADS as PUBLISHED
from ..agreement.catalogue.workloads import layer, volume
from ..suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL = "small"
DTYPES = "dtypes"
LARGE = "large"

# Ids of published layers whose stated volume takes seconds or several GB per call, with the volume measured unless
# `full` is asked for.
SMALLER: dict[str, dict[str, Any]] = {
    "W7/512-256": volume(4, 8),
    "W7/256-128": volume(8, 8),
    "W7/128-64": volume(16, 4),
    "W7/64-1": volume(32, 8),
    "W15/32-32": volume((12, 24, 48), 2),
    "W16/32-64": volume((16, 32, 32), 4),
    "W17/8-1": volume((32, 256, 256)),
    "W18/64-128": volume((4, 64, 86)),
    "K/68": volume(64, 8),
}

# Published layers that are measured in float64 and bfloat16 too.
OTHER_DTYPES = ("W1/320-320", "W4/768-128", "W6/64-64", "W8/200-512", "W9/k10", "W10/112-4", "W11/k5", "W13/64-32")

# id, arguments, volume, marks
SURVEY: tuple[tuple[str, dict[str, Any], dict[str, Any], tuple[str, ...]], ...] = (
    ("R1/k2s2-256-128", layer(256, 128, 2, 2), volume(16), (DTYPES,)),
    ("R2/k2s2-128-64", layer(128, 64, 2, 2), volume(32), ()),
    ("R3/k2s2-320-256", layer(320, 256, 2, 2), volume(8, 2), (DTYPES,)),
    ("R4/k3s2-64-32", layer(64, 32, 3, 2, padding=1, output_padding=1), volume(32), (DTYPES,)),
    ("R5/k3s2-3-64", layer(3, 64, 3, 2, padding=1), volume(32, 4), (DTYPES,)),
    ("R6/k4s2-512-256", layer(512, 256, 4, 2, padding=1), volume(4, 8), ()),
    ("R7/k4s2-128-64", layer(128, 64, 4, 2, padding=1), volume(16, 4), ()),
    ("R8/k4s2-64-1", layer(64, 1, 4, 2, padding=1), volume(32, 4), ()),
    ("R9/k352-16-33", layer(16, 33, (3, 5, 2), (2, 1, 1), padding=(0, 4, 2)), volume((10, 50, 100), 4), (DTYPES,)),
    ("R10/k12-3-12", layer(3, 12, 12, 1), volume((12, 32, 32)), (DTYPES,)),
    ("R11/k3s1-64-64", layer(64, 64, 3, 1, padding=1), volume(32), (DTYPES,)),
    ("R12/depthwise-32", layer(32, 32, 4, 2, padding=1, groups=32), volume(32), (DTYPES,)),
    ("R13/groups4-64", layer(64, 64, 3, 2, padding=1, output_padding=1, groups=4), volume(24), (DTYPES,)),
    ("S1/k2s2-1-1", layer(1, 1, 2, 2), volume(4), (SMALL,)),
    ("S2/k3s1-1-1", layer(1, 1, 3, 1, padding=1), volume(4), (SMALL,)),
    ("S3/k2s2-8-4", layer(8, 4, 2, 2), volume(4), (SMALL,)),
    ("S4/k3s2-8-8", layer(8, 8, 3, 2, padding=1, output_padding=1), volume(4), (SMALL,)),
    ("S5/k4s2-16-8", layer(16, 8, 4, 2, padding=1), volume(4), (SMALL,)),
    ("S6/k2s2-16-16", layer(16, 16, 2, 2), volume(4), (SMALL,)),
    ("S7/depthwise-16", layer(16, 16, 3, 1, padding=1, groups=16), volume(4), (SMALL,)),
)


# KernelBench, level 1: the number of the problem, the operator and the volume (numbers 72 and 77 are W15 and W16).
# Number 73 passes its four groups in the place of output_padding, which its layer ignores: it has one group. All of
# them are without bias there.
KERNELBENCH: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("58", layer(32, 16, (3, 5, 7), 1), volume((16, 32, 64), 16)),
    ("61", layer(48, 48, 3, 1), volume(64, 8)),
    ("68", layer(32, 64, (3, 5, 5), 1), volume(64, 16)),
    ("70", layer(48, 24, 3, 1), volume(96, 8)),
    ("73", layer(32, 32, 3, 2, padding=1), volume((32, 64, 128), 4)),
)


class WorkloadError(ValueError):
    """No workload is asked for; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One operator on one volume.

    Attributes:
        case: the operator and the volume, data included.
        marks: `small`: judged by what it adds in microseconds; `dtypes`: measured in float64 and bfloat16 too;
            `large`: measured on the CPU only where it is named.
        reduced: whether the volume is smaller than the source states.
    """

    case: Case
    marks: tuple[str, ...] = ()
    reduced: bool = False

    @property
    def id(self) -> str:
        """Family and what it is, such as `W1/256-128`."""
        return self.case.id


def workloads(*, full: bool = False) -> list[Workload]:
    """Return every workload.

    Args:
        full: the volumes that the models state, up to 20 GB and a minute per call. Default: False, smaller ones.

    Example:
        >>> [workload.id for workload in workloads()][:2]
        ['W1/320-320', 'W1/256-128']
    """
    found = []
    for row in PUBLISHED:
        case = row.case(full=True).replace(data="normal", data_format="NCDHW")
        smaller = None if full else SMALLER.get(row.id)
        marks: tuple[str, ...] = (DTYPES,) if row.id in OTHER_DTYPES else ()
        found.append(Workload(case.replace(**(smaller or {})), marks, smaller is not None))
    for id, operator, size, marks in SURVEY:
        source = "overhead" if SMALL in marks else "survey"
        found.append(Workload(Case(id=id, source=source, data="normal", **operator, **size), marks))
    for number, operator, size in KERNELBENCH:
        id = f"K/{number}"
        smaller = None if full else SMALLER.get(id)
        case = Case(id=id, source=f"KernelBench 1.{number}", data="normal", **operator, **(smaller or size))
        found.append(Workload(case, (DTYPES, LARGE), smaller is not None))
    return found


def select(patterns: Sequence[str], dtype: str, *, full: bool = False, large: bool = False) -> list[Workload]:
    """Return the workloads that match, in float64 and bfloat16 those marked for it where no pattern is given.

    Args:
        patterns: ids or globs such as `W1/*`; a family such as `W1` means all of it.
        dtype: `float32`, `float64` or `bfloat16`.
        full: as for `workloads`. Default: False.
        large: those marked so too, where no pattern is given. Default: False.

    Raises:
        WorkloadError: a pattern matches none.
    """
    every = workloads(full=full)
    if not patterns:
        known = [workload for workload in every if large or LARGE not in workload.marks]
        return [workload for workload in known if dtype == "float32" or DTYPES in workload.marks]
    chosen: dict[str, Workload] = {}
    for pattern in patterns:
        matching = {
            row.id: row for row in every if any(fnmatchcase(row.id, glob) for glob in (pattern, f"{pattern}/*"))
        }
        if not matching:
            families = ", ".join(dict.fromkeys(workload.id.partition("/")[0] for workload in every))
            msg = f"no workload matches {pattern!r}; there are {families}. `fourfold bench --list` prints them."
            raise WorkloadError(msg + did_you_mean(pattern, [workload.id for workload in every]))
        chosen |= matching
    return [workload for workload in every if workload.id in chosen]
