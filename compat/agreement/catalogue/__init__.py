"""The cases, as data, and how to choose among them."""

from .documented import DOCUMENTED
from .options import OPTIONS, REFUSALS
from .selection import SelectionError, catalogue, select
from .workloads import WORKLOADS, Workload

__all__ = ["DOCUMENTED", "OPTIONS", "REFUSALS", "WORKLOADS", "SelectionError", "Workload", "catalogue", "select"]
