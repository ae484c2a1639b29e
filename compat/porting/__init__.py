"""Moving weights between frameworks: layer kinds, layout rules, matching by name."""

from .dialects import TARGETS
from .errors import PortingError
from .kinds import APIS, Kind, Layer, layer_of
from .layouts import Slot, layout
from .matching import Match, load_state, match_state
from .module import plan_module, port_module
from .origin import Origin, origin_of
from .plan import ModulePlan
from .proposals import Proposal, propose_renames
from .renames import Renames
from .report import PortedTensor, PortReport
from .state import port_state

__all__ = [
    "APIS",
    "TARGETS",
    "Kind",
    "Layer",
    "Match",
    "ModulePlan",
    "Origin",
    "PortReport",
    "PortedTensor",
    "PortingError",
    "Proposal",
    "Renames",
    "Slot",
    "layer_of",
    "layout",
    "load_state",
    "match_state",
    "origin_of",
    "plan_module",
    "port_module",
    "port_state",
    "propose_renames",
]
