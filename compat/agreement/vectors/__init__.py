"""Recorded vectors: what the real frameworks answered, so that front ends are checked where none can be installed."""

from ..request import Request
from .judge import difference
from .record import RECORDINGS, chosen, record
from .replay import FRONT_ENDS, replay
from .store import Recording, VectorsError, read, write
from .vector import Outcome, Statistics, Vector

__all__ = [
    "FRONT_ENDS",
    "RECORDINGS",
    "Outcome",
    "Recording",
    "Request",
    "Statistics",
    "Vector",
    "VectorsError",
    "chosen",
    "difference",
    "read",
    "record",
    "replay",
    "write",
]
