"""Moving weights between frameworks: layer kinds, layout rules, matching by name."""

from .errors import PortingError
from .kinds import APIS, Kind, Layer, layer_of
from .layouts import Slot, layout
from .matching import Match, load_state, match_state
from .renames import Renames
from .report import PortedTensor, PortReport
from .state import port_state

__all__ = [
    "APIS",
    "Kind",
    "Layer",
    "Match",
    "PortReport",
    "PortedTensor",
    "PortingError",
    "Renames",
    "Slot",
    "layer_of",
    "layout",
    "load_state",
    "match_state",
    "port_state",
]
