"""Isolated environments for the real frameworks, made from pinned requirements in the user's cache folder."""

from .build import Reporter, create, remove
from .doctor import Diagnosis, examine
from .environment import Environment, environment, environments, peers, root
from .pythons import Interpreter, PythonNotFoundError, find_python
from .specifications import PEERS, SPECIFICATIONS, BrokenEnvironmentError, Specification, specification

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
