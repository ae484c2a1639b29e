"""What layers mean, and how each API says it: a row for each class."""

from .lookup import TARGETS, nearest, row_for
from .words import NEUTRAL, NOTES, REMEDIES, Meaning, Row, tensors_of

__all__ = ["NEUTRAL", "NOTES", "REMEDIES", "TARGETS", "Meaning", "Row", "nearest", "row_for", "tensors_of"]
