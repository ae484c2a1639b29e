"""Isolated environments for the real frameworks, made from pinned requirements in the user's cache folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...deferred import deferred
from .environment import Environment, environment, environments, peers, root
from .pythons import Interpreter, PythonNotFoundError, find_python
from .specifications import PEERS, SPECIFICATIONS, BrokenEnvironmentError, Specification, specification

if TYPE_CHECKING:
    from .build import Reporter, create, remove
    from .doctor import Diagnosis, examine

__all__ = [
    "PEERS",
    "SPECIFICATIONS",
    "BrokenEnvironmentError",
    "Diagnosis",
    "Environment",
    "Interpreter",
    "PythonNotFoundError",
    "Reporter",
    "Specification",
    "create",
    "environment",
    "environments",
    "examine",
    "find_python",
    "peers",
    "remove",
    "root",
    "specification",
]

# Imported on first use: they start workers and need NumPy, and names of environments are in the help, which is at once.
__getattr__ = deferred(__name__, {"build": ["Reporter", "create", "remove"], "doctor": ["Diagnosis", "examine"]})
