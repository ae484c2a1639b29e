"""Choose cases by name."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ...suggestion import did_you_mean
from .combinations import COMBINATIONS
from .documented import DOCUMENTED
from .options import OPTIONS, REFUSALS
from .workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..cases import Case


class SelectionError(ValueError):
    """No case or subject has such a name."""


def catalogue(*, full: bool = False) -> tuple[Case, ...]:
    """Return every case, integers only; `full` gives workloads and examples the volumes that they state."""
    models = tuple(workload.case(full=full) for workload in (*DOCUMENTED, *WORKLOADS))
    return (*models, *OPTIONS, *COMBINATIONS, *REFUSALS)


def select(patterns: Sequence[str], *, full: bool = False, others: Collection[str] = ()) -> tuple[Case, ...]:
    """Return the cases whose id one of the patterns matches; without patterns, the workloads and examples.

    A pattern is an id, or one with `*`, `?` and `[...]` as in file names.

    Args:
        patterns: of ids.
        full: the volumes that workloads state. Default: False.
        others: ids that are no cases and that a pattern may match as well. Default: none.

    Raises:
        SelectionError: a pattern matches nothing.

    >>> [case.id for case in select(["W6/*", "option/batch-[05]"])]
    ['W6/64-64', 'W6/64-32', 'option/batch-5', 'option/batch-0']
    """
    cases = catalogue(full=full)
    ids = [*(case.id for case in cases), *others]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in ids):
            msg = f"no case matches {pattern!r}; `fourfold agree --list` prints all {len(ids)} ids."
            raise SelectionError(msg + did_you_mean(pattern, ids))
    if not patterns:
        return cases[: len(DOCUMENTED) + len(WORKLOADS)]
    return tuple(case for case in cases if any(fnmatchcase(case.id, pattern) for pattern in patterns))


def in_dtypes(cases: Sequence[Case], dtypes: Sequence[str]) -> tuple[Case, ...]:
    """Return the cases in other dtypes, which their ids then name; without dtypes, as they are.

    >>> [case.id for case in in_dtypes(select(["option/kernel-2"]), ["float32", "float64"])]
    ['option/kernel-2', 'option/kernel-2@float64']
    """
    if not dtypes:
        return tuple(cases)
    return tuple(
        case if case.dtype == dtype else case.replace(id=f"{case.id}@{dtype}", dtype=dtype)
        for case in cases
        for dtype in dtypes
    )
