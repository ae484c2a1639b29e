"""Subjects in a process of their own, where they may crash or hang: what they share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..data import STORAGE
from .base import named, values

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..cases import Case
    from ..data import Operands
    from ..definition import Values
    from ..worker import Answer, Launcher, Worker
    from .api import Api

# Seconds that one case may take. The slowest of the reduced ones needs about ten in MegEngine.
TIMEOUT = 120.0


class DidNotRunError(RuntimeError):
    """A subject raised, died or hung in its process.

    Attributes:
        status: `refused`, `crashed` or `timeout`.
    """

    def __init__(self, answer: Answer) -> None:
        refused = f"{answer.refusal} ({answer.stage})" + (f", at {answer.place}" if answer.place else "")
        how = {"refused": refused, "crashed": f"{answer.death} ({answer.stage})"}
        super().__init__(how.get(answer.status, f"after {answer.seconds:.0f} s ({answer.stage})"))
        self.status = answer.status


class Remote:
    """A subject behind a worker; the process starts with the first case, and again whenever it died.

    Args:
        name: how reports call it.
        api: what it can be asked.
        worker: what drives the process.
    """

    bitwise = False

    def __init__(self, name: str, api: Api, worker: Worker) -> None:
        self.name = name
        self.api = api
        self.forms = tuple(api.forms)
        self.worker = worker

    def unsupported(self, case: Case, form: str) -> str | None:
        """Why its API cannot express the case, or None where it can."""
        return self.api.unsupported(case, form)

    def run(self, case: Case, operands: Operands, form: str) -> Values:
        """Return output and gradients in torch's layout.

        Raises:
            DidNotRunError: it raised, died or hung.
            WorkerError: the process does not start.
        """
        request, arrays = self.api.spell(case, form), named(operands)
        answer = self.worker.run(request, arrays)
        if answer.status == "crashed":
            # some die of the request before, when its answer is out: only a fresh process tells
            answer = self.worker.run(request, arrays)
        if answer.status != "ok":
            raise DidNotRunError(answer)
        # what has another dtype than was asked for stays as it came
        storage = STORAGE[case.dtype] if answer.dtype in (None, case.dtype) else None
        return values({name: array.astype(storage or array.dtype, copy=False) for name, array in answer.arrays.items()})

    def __enter__(self) -> Self:
        """Return the subject."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.worker.close()


@dataclass(frozen=True)
class OneThread:
    """A launcher that gives its process one thread: small operators spend their time waiting for a second one."""

    launcher: Launcher

    def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
        """Return the command line and the environment variables of the launcher, and the number of threads."""
        argv, variables = self.launcher.command(arguments)
        threads = {name: os.environ.get(name, "1") for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
        return argv, {**variables, **threads}
