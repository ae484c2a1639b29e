"""What layers mean, and how each API says it: a row for each class."""

from .lookup import TARGETS, nearest, rows_for
from .words import NOTES, REMEDIES, Meaning, Row, tensors_of

__all__ = ["NOTES", "REMEDIES", "TARGETS", "Meaning", "Row", "nearest", "rows_for", "tensors_of"]
