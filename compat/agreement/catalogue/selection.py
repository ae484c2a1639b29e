"""Choose cases by name."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .documented import DOCUMENTED
from .options import OPTIONS, REFUSALS
from .workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..cases import Case


class SelectionError(ValueError):
    """No case or subject has such a name."""


def catalogue(*, full: bool = False) -> tuple[Case, ...]:
    """Return every case, integers only; `full` gives workloads and examples the volumes that they state."""
    models = tuple(workload.case(full=full) for workload in (*DOCUMENTED, *WORKLOADS))
    return (*models, *OPTIONS, *REFUSALS)


def select(patterns: Sequence[str], *, full: bool = False) -> tuple[Case, ...]:
    """Return the cases whose id one of the patterns matches; without patterns, the workloads and examples.

    A pattern is an id, or one with `*`, `?` and `[...]` as in file names.

    Raises:
        SelectionError: a pattern matches nothing.

    >>> [case.id for case in select(["W6/*", "option/batch-[05]"])]
    ['W6/64-64', 'W6/64-32', 'option/batch-5', 'option/batch-0']
    """
    cases = catalogue(full=full)
    for pattern in patterns:
        if not any(fnmatchcase(case.id, pattern) for case in cases):
            msg = f"no case matches {pattern!r}; `fourfold agree --list` prints all {len(cases)} ids."
            raise SelectionError(msg)
    if not patterns:
        return tuple(case for case in cases if not case.id.startswith(("option/", "refused/")))
    return tuple(case for case in cases if any(fnmatchcase(case.id, pattern) for pattern in patterns))
