"""Ours against torch's own operator and against other frameworks: what `fourfold bench` runs."""

from .measure import QUICK, Effort, Result, Timing, measure
from .peaks import Peaks, peaks
from .subjects import LAYERS, NATIVE, OURS
from .variant import DTYPES, LAYOUTS, MODES, Variant
from .workloads import Workload, WorkloadError, select, workloads

__all__ = [
    "DTYPES",
    "LAYERS",
    "LAYOUTS",
    "MODES",
    "NATIVE",
    "OURS",
    "QUICK",
    "Effort",
    "Peaks",
    "Result",
    "Timing",
    "Variant",
    "Workload",
    "WorkloadError",
    "measure",
    "peaks",
    "select",
    "workloads",
]
