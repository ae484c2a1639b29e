"""Wrong calls and calls at the edge of what has a meaning: the real framework beside our front end."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .catalogue.vectors import requests
from .comparison import Comparison, Verdict
from .known import EDGE
from .run import Check, Result, Status
from .subjects.release import FRONT_END, TITLES
from .vectors import RECORDINGS, difference, replay
from .vectors.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .vectors.vector import Request, Vector


def edges(framework: str, patterns: Sequence[str] = ("*",)) -> tuple[Request, ...]:
    """Return the wrong calls of a framework whose case one of the patterns matches.

    >>> [request.id for request in edges("oneflow", ["edge/stride-0"])]
    ['layer/edge/stride-0', 'functional/edge/stride-0']
    """
    return tuple(
        request
        for request in requests(framework)
        if name_of(request).startswith(EDGE) and any(fnmatchcase(name_of(request), pattern) for pattern in patterns)
    )


def name_of(request: Request) -> str:
    """Return the id of a request without its form."""
    return request.id.partition("/")[2]


def agree_on_edges(
    environments: Sequence[str], patterns: Sequence[str] = ("*",), *, every_form: bool = True, form: str | None = None
) -> Iterator[Result]:
    """Ask real frameworks and front ends the same wrong calls.

    They agree if both give the same, or if `except` with the release's exception class would catch ours.

    Args:
        environments: their names; they must be ready.
        patterns: of cases, such as `edge/stride-*`.
        every_form: functions as well as layers. Default: True.
        form: the only form. Default: None.

    Yields:
        One result per environment and call.
    """
    only = form if form is not None else None if every_form else "layer"
    found = []
    for environment in environments:
        framework = RECORDINGS[environment]
        asked = [request for request in edges(framework, patterns) if only is None or request.id.startswith(f"{only}/")]
        recording = record(environment, asked, command="fourfold agree")
        found += [_judge(environment, FRONT_END[framework], vector) for vector in recording.vectors]
    places = {name: place for place, name in enumerate(dict.fromkeys(result.case.id for result in found))}
    yield from sorted(found, key=lambda result: places[result.case.id])


def _judge(environment: str, front_end: str, vector: Vector) -> Result:
    request, outcome = vector.request, vector.outcome
    differs = difference(request, outcome, replay(front_end, request))
    status = Status.RAN if outcome.status == "ok" else Status(outcome.status)
    if differs is not None:
        comparison = Comparison(Verdict.DIFFERENT, reason=differs)
    elif status is Status.RAN:
        comparison = Comparison(Verdict.IDENTICAL)
    else:
        comparison = Comparison(Verdict.REFUSED, reason="both refuse the call")
    return Result(
        request.case.replace(id=name_of(request), source="wrong call"),
        TITLES[environment],
        request.id.partition("/")[0],
        status,
        None if status is Status.RAN else str(outcome),
        outcome.arrays["output"].shape if "output" in outcome.arrays else outcome.output_shape,
        (Check("output", "front end", comparison),),
    )
