"""Subjects in a process of their own, where they may crash or hang: what they share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..data import STORAGE
from ..definition import Values

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from ..cases import Case
    from ..data import Array, Operands
    from ..worker import Answer, Launcher, Worker

# Seconds that one case may take. The slowest of the reduced ones needs about ten in MegEngine.
TIMEOUT = 120.0


class DidNotRunError(RuntimeError):
    """A subject raised, died or hung in its process.

    Attributes:
        status: `refused`, `crashed` or `timeout`.
    """

    def __init__(self, answer: Answer) -> None:
        refused = f"{answer.refusal} ({answer.stage})"
        how = {"refused": refused, "crashed": f"{answer.death} ({answer.stage})"}
        super().__init__(how.get(answer.status, f"after {answer.seconds:.0f} s ({answer.stage})"))
        self.status = answer.status


class Remote:
    """A subject behind a worker; the process starts with the first case, and again whenever it died.

    Args:
        name: how reports call it.
        forms: the ways to call it.
        worker: what drives the process.
    """

    bitwise = False

    def __init__(self, name: str, forms: tuple[str, ...], worker: Worker) -> None:
        self.name = name
        self.forms = forms
        self.worker = worker

    def unsupported(self, case: Case, form: str) -> str | None:
        """Why its API cannot express the case, or None where it can."""
        raise NotImplementedError

    def request(self, case: Case, form: str) -> dict[str, Any]:
        """Return what the worker is sent."""
        raise NotImplementedError

    def run(self, case: Case, operands: Operands, form: str) -> Values:
        """Return output and gradients in torch's layout.

        Raises:
            DidNotRunError: it raised, died or hung.
            WorkerError: the process does not start.
        """
        request, arrays = self.request(case, form), named(operands)
        answer = self.worker.run(request, arrays)
        if answer.status == "crashed":
            # some die of the request before, when its answer is out: only a fresh process tells
            answer = self.worker.run(request, arrays)
        if answer.status != "ok":
            raise DidNotRunError(answer)
        return values(answer, case)

    def __enter__(self) -> Self:
        """Return the subject."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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


def named(operands: Operands) -> dict[str, Array]:
    """Return operands under the names of the wire format."""
    arrays = {
        "input": operands.input,
        "weight": operands.weight,
        "bias": operands.bias,
        "grad_output": operands.upstream,
    }
    return {name: array for name, array in arrays.items() if array is not None}


def values(answer: Answer, case: Case) -> Values:
    """Return the arrays of an answer as the comparison holds them; what is absent is None there."""
    found = dict(answer.arrays)
    if answer.dtype not in (None, case.dtype):
        return Values(*(found.get(name) for name in Values._fields))  # type: ignore[arg-type]
    storage = STORAGE[case.dtype]
    arrays = (found[name].astype(storage, copy=False) if name in found else None for name in Values._fields)
    return Values(*arrays)  # type: ignore[arg-type]
