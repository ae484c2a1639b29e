"""What a script needs of a framework, read from its text: names, where they are used, and whether they are served."""

from .check import check
from .report import Name, Place, Report

__all__ = ["Name", "Place", "Report", "check"]
