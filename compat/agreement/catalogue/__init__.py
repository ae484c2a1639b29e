"""The cases, as data, and how to choose among them."""

from .combinations import COMBINATIONS
from .documented import DOCUMENTED
from .options import OPTIONS, REFUSALS
from .selection import SelectionError, catalogue, in_dtypes, select
from .workloads import WORKLOADS, Workload

__all__ = [
    "COMBINATIONS",
    "DOCUMENTED",
    "OPTIONS",
    "REFUSALS",
    "WORKLOADS",
    "SelectionError",
    "Workload",
    "catalogue",
    "in_dtypes",
    "select",
]
