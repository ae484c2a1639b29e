"""The mechanism of the front ends: recorded signatures, rows, and the functions and modules that they make."""

from .signatures import Opaque, Signatures
from .table import Function, Names
from .words import Word, nothing, reads

__all__ = ["Function", "Names", "Opaque", "Signatures", "Word", "nothing", "reads"]
