"""Known deviations: what a release does on which cases, and whether that still happens.

An entry of `deviations/*.json` has under `cases` globs with the outcome that it expects there: `refused`, `crashed`,
`timeout` or `different`. A glob is matched against `environment/form/case/data`, such as
`megengine/layer/combination/*.g2.*/*`; `environment/form/edge/what` for wrong calls.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from .deviations import FRAMEWORKS, deviations
from .subjects.release import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .run import Result

# Family of the ids of wrong calls, which are the same for recorded vectors.
EDGE = "edge/"


class Claim(NamedTuple):
    """One glob of one entry; `outcome` is None for a glob of recorded vectors, which states none."""

    framework: str
    what: str
    why: str
    glob: str
    outcome: str | None

    def explains(self, result: Result) -> bool:
        """Whether this is what the entry speaks of."""
        name = key(result)
        fits = self.outcome in (None, result.outcome)
        return name is not None and fits and result.outcome != "agrees" and fnmatchcase(name, self.glob)


@cache
def claims() -> tuple[Claim, ...]:
    """Return every glob of every entry."""
    return tuple(
        Claim(framework, entry.what, entry.why, glob, outcome)
        for framework in FRAMEWORKS
        for entry in deviations(framework)
        for glob, outcome in (*entry.cases.items(), *((glob, None) for glob in entry.vectors if EDGE in glob))
    )


def key(result: Result) -> str | None:
    """Return what globs are matched against; None for a subject that is no release."""
    environment = environment_of(result.subject)
    if environment is None:
        return None
    name = f"{environment}/{result.form}/{result.case.id}"
    return name if result.case.id.startswith(EDGE) else f"{name}/{result.case.data}"


def explain(results: Iterable[Result]) -> Iterator[Result]:
    """Pass results on; a difference that an entry explains bears its reason."""
    for result in results:
        claim = None if result.ok else next((claim for claim in claims() if claim.explains(result)), None)
        yield result if claim is None else replace(result, known=f"{claim.what}: {claim.why}")


def idle(results: Sequence[Result]) -> list[str]:
    """Return the claims on cases that nothing in a complete run bears out: each is an error.

    Globs of environments that did not run are passed over.
    """
    ran = {environment_of(result.subject) for result in results}
    return [
        f"{claim.framework}: {claim.what}: {claim.glob} ({claim.outcome})"
        for claim in claims()
        if claim.outcome is not None
        and any(fnmatchcase(name, claim.glob.partition("/")[0]) for name in ran if name is not None)
        and not any(claim.explains(result) for result in results)
    ]
