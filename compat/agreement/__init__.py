"""Whether the front ends, the definition and other implementations agree: cases, subjects, comparison, reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..deferred import deferred

if TYPE_CHECKING:
    from .cases import Case
    from .comparison import Comparison, Verdict, compare
    from .rounding import Sums, limit
    from .run import Check, Result, Status, agree

__all__ = ["Case", "Check", "Comparison", "Result", "Status", "Sums", "Verdict", "agree", "compare", "limit"]

# Imported on first use: pytest imports this package for its plugin, in runs that need neither it nor torch.
_HOMES = {
    "cases": ["Case"],
    "comparison": ["Comparison", "Verdict", "compare"],
    "rounding": ["Sums", "limit"],
    "run": ["Check", "Result", "Status", "agree"],
}
__getattr__ = deferred(__name__, _HOMES)
