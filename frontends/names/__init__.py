"""The mechanism of the front ends: recorded signatures, rows, and the functions, layers and modules that they make."""

from .layers import Kept, Layer, Learned, kept
from .signatures import Opaque, Signatures
from .table import Function, Names
from .words import Word, nothing, reads

__all__ = ["Function", "Kept", "Layer", "Learned", "Names", "Opaque", "Signatures", "Word", "kept", "nothing", "reads"]
