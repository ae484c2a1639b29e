"""Check that the framework in an environment really runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..worker import Launcher, Worker, WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .environment import Environment

# Ones everywhere, so every product is 1 and the sum is the number of products: 8 voxels times 27 taps.
CASE = {"in_channels": 1, "out_channels": 1, "kernel_size": [3, 3, 3], "stride": [2, 2, 2], "bias": False}
EXPECTED = 216.0


@dataclass(frozen=True)
class Diagnosis:
    """What a check found.

    Attributes:
        name: of the environment.
        ok: whether the framework gave the right sum.
        version: of the framework, as it says itself; empty where it could not be imported.
        python: version of its Python.
        numpy: version of its NumPy.
        sum: of the output of one transposed convolution of ones; None where there was no output.
        expected: what the sum must be.
        problem: what is wrong, empty if nothing.
    """

    name: str
    ok: bool
    version: str = ""
    python: str = ""
    numpy: str = ""
    sum: float | None = None
    expected: float = EXPECTED
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the fields as a dict."""
        return asdict(self)


def examine(environment: Environment, launcher: Launcher | None = None, *, timeout: float = 120.0) -> Diagnosis:
    """Import the framework of an environment and run one transposed convolution.

    Args:
        environment: which.
        launcher: what starts it. Default: the environment.
        timeout: seconds for the convolution, above 0. Default: 120.
    """
    name, state = environment.name, environment.state
    if launcher is None and state != "ready":
        return Diagnosis(name, False, problem=f"{state}: run `fourfold env create {name}`")
    ones = {"input": np.ones((1, 1, 2, 2, 2), np.float32), "weight": np.ones((1, 1, 3, 3, 3), np.float32)}
    with Worker(environment.specification.framework, launcher or environment, timeout=timeout) as worker:
        try:
            versions = worker.versions
            answer = worker.run(CASE, ones)
        except WorkerError as error:
            return Diagnosis(name, False, problem=str(error))
    total = float(answer.arrays["output"].sum()) if "output" in answer.arrays else None
    return judge(environment, versions, total, "" if answer.status == "ok" else str(answer))


def judge(environment: Environment, versions: Mapping[str, str], total: float | None, problem: str = "") -> Diagnosis:
    """Return what is to be said of a sum and of the release that gave it, or of the problem that there was."""
    name, release = environment.name, environment.specification.release
    if not problem and total != EXPECTED:
        problem = f"the output sums to {total}, not {EXPECTED}"
    elif not problem and versions["version"] != release:
        problem = f"it is {versions['version']}, not {release}"
    return Diagnosis(
        name, not problem, versions["version"], versions["python"], versions["numpy"], total, problem=problem
    )
