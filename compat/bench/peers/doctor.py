"""Check that a peer really runs in its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ...agreement.cases import Case
from ...agreement.environments import BrokenEnvironmentError, Diagnosis
from ...agreement.environments.doctor import CASE, judge
from ...agreement.worker import WorkerError
from ..subjects import Operands, UnavailableError
from ..variant import FORWARD, Variant
from ..workloads import Workload
from .subject import Peer

if TYPE_CHECKING:
    from ...agreement.environments import Environment


def examine_peer(environment: Environment) -> Diagnosis:
    """Import a peer and run one transposed convolution of ones, as `environments.examine` does for a framework."""
    name = environment.name
    case = Case.from_json({**CASE, "id": "doctor", "source": "", "input_size": 2, "batch": 1, "bias": True})
    ones = Operands(torch.ones(case.input_shape), torch.ones(case.weight_shape), torch.zeros(1), torch.empty(0))
    with Peer(name, 1, environment, timeout=120.0) as peer:
        try:
            versions = peer.versions
            prepared = peer.prepare(Variant(Workload(case), FORWARD, "float32", "contiguous"), ones)
            total = float(prepared.results()[0].sum())
        except (UnavailableError, WorkerError, BrokenEnvironmentError) as error:
            return Diagnosis(name, False, problem=str(error))
    return judge(environment, versions, total)
