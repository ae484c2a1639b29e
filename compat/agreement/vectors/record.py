"""Ask a real framework everything in the catalogue, and keep its answers."""

from __future__ import annotations

import importlib.metadata
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..catalogue.vectors import requests
from ..environments import SPECIFICATIONS, environment
from ..worker import Answer, Refusal, ThisPython, Worker
from .store import Recording
from .vector import Outcome, Vector, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..data import Array
    from ..request import Request
    from ..worker import Launcher

# Name of a recording -> framework, as recorder.py calls it. torch is the one that runs here.
RECORDINGS = {**{name: row.framework for name, row in SPECIFICATIONS.items()}, "torch": "torch"}

# Seconds for one case: they take milliseconds, and what hangs, hangs for ever.
TIMEOUT = 60.0
MESSAGE = 300  # characters of an exception's text that are kept


def launcher(name: str) -> Launcher:
    """Return what starts the framework of a recording.

    Raises:
        BrokenEnvironmentError: there is no such name.
    """
    return ThisPython() if name == "torch" else environment(name)


def chosen(name: str, patterns: Sequence[str] = (), seed: int = 0) -> tuple[Request, ...]:
    """Return the requests of a recording whose id one of the patterns matches; without patterns, all.

    Args:
        name: a key of `RECORDINGS`.
        patterns: ids, with `*`, `?` and `[...]` as in file names.
        seed: added to the seed of every case.

    >>> [request.id for request in chosen("torch", ["*/option/kernel-4/integers"])]
    ['layer/option/kernel-4/integers', 'functional/option/kernel-4/integers']
    """
    return tuple(
        request
        for request in requests(RECORDINGS[name], seed)
        if not patterns or any(fnmatchcase(request.id, pattern) for pattern in patterns)
    )


def record(
    name: str,
    asked: Sequence[Request],
    *,
    command: str,
    seed: int = 0,
    steps: Callable[[Iterable[Request]], Iterable[Request]] = iter,
) -> Recording:
    """Run requests on the real framework.

    Args:
        name: a key of `RECORDINGS`.
        asked: the requests.
        command: what is written into the provenance as the way to repeat this.
        seed: likewise.
        steps: passes the requests on; for a progress bar.

    Raises:
        BrokenEnvironmentError: the environment is not there.
        WorkerError: the framework cannot be started.
    """
    with Worker(RECORDINGS[name], launcher(name), timeout=TIMEOUT) as worker:
        provenance = {
            "environment": name,
            **worker.versions,
            "platform": machine(worker.versions["platform"]),
            "command": command,
            "seed": seed,
            "fourfold": importlib.metadata.version("fourfold"),
        }
        return Recording(provenance, tuple(_ask(worker, request) for request in steps(asked)))


def machine(platform: str) -> str:
    """Return what matters of a platform: system, architecture, C library.

    >>> machine("Linux-6.8.0-45-generic-x86_64-with-glibc2.39")
    'Linux-x86_64-with-glibc2.39'
    """
    return re.sub(r"^(Linux)-.*-([^-]+-with-)", r"\1-\2", platform)


def short(refusal: Refusal) -> str:
    r"""Return the text of an exception: its point, without folders, in one line.

    >>> short(Refusal("Error", (), "Traceback\n...\nError Message Summary:\n-----\nbad stride (at /a/b/c.cc:3)"))
    'bad stride (at c.cc:3)'
    """
    text = refusal.message.rpartition("Error Message Summary:")[2]
    text = re.sub(r"(?<![\w.])/(?:[\w.@+-]+/)+", "", text)
    lines = [line.strip() for line in text.splitlines() if any(character.isalnum() for character in line)]
    line = " ".join(lines)
    return line if len(line) <= MESSAGE else f"{line[: MESSAGE - 3]}..."


def _ask(worker: Worker, request: Request) -> Vector:
    arrays = request.operands()
    answer = _answer(worker, request, arrays)
    if answer.status == "crashed":
        # some die of the request before, when its answer is out: only a fresh process tells
        answer = _answer(worker, request, arrays)
    return Vector(request, _outcome(request, answer), digest(arrays))


def _answer(worker: Worker, request: Request, arrays: dict[str, Array]) -> Answer:
    return worker.initialize(request.call) if request.initial else worker.run(request.call, arrays)


def _outcome(request: Request, answer: Answer) -> Outcome:
    refusal = answer.refusal
    return Outcome.of(
        request,
        answer.status,
        answer.arrays,
        kind=None if refusal is None else refusal.kind,
        ancestors=() if refusal is None else refusal.ancestors,
        message=None if refusal is None else short(refusal),
        death=answer.death,
    )
