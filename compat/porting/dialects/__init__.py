"""What layers mean, and how each API says it: a row for each class."""

from .lookup import TARGETS, meaning_of, nearest, rows_for, said
from .words import NOTES, REMEDIES, Meaning, Row, tensors_of

__all__ = ["NOTES", "REMEDIES", "TARGETS", "Meaning", "Row", "meaning_of", "nearest", "rows_for", "said", "tensors_of"]
