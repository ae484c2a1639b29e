"""The mechanism of the front ends: recorded signatures, rows, and the functions, layers and modules that they make."""

from .derived import Derived, Limit, check, limit
from .layers import Kept, Layer, Learned, kept, kept_by
from .modules import add_modules
from .native import native
from .reasons import Reasons, unserved
from .signatures import Opaque, Signatures
from .table import Function, Names
from .words import Word, nothing, reads, several

__all__ = [
    "Derived",
    "Function",
    "Kept",
    "Layer",
    "Learned",
    "Limit",
    "Names",
    "Opaque",
    "Reasons",
    "Signatures",
    "Word",
    "add_modules",
    "check",
    "kept",
    "kept_by",
    "limit",
    "native",
    "nothing",
    "reads",
    "several",
    "unserved",
]
