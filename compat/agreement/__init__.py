"""Whether the front ends, the definition and other implementations agree: cases, subjects, comparison, reports."""

from .cases import Case
from .comparison import ROUNDING, Comparison, Verdict, compare
from .run import Check, Result, Status, agree

__all__ = ["ROUNDING", "Case", "Check", "Comparison", "Result", "Status", "Verdict", "agree", "compare"]
